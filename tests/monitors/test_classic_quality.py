"""The classic policy on data quality."""

import numpy as np
import pytest

from driftboard.monitors import Categorical, ClassicPolicy, Detector, Numeric
from tests.monitors.samples import TOWNS, kinds, only


def _report(reference, batch):
    return Detector(only(reference), ClassicPolicy()).update(only(batch)).reports["quality"]


def test_missing_values_are_a_check_of_their_own():
    """A third of the values gone is a warning although those left are steady (C1)."""
    normal = np.random.default_rng(0).normal(40, 10, 2_000)
    values = normal[:300].copy()
    values[::3] = np.nan
    report = _report(Numeric(normal), Numeric(values))
    assert kinds(report) == {"missing_values": "warning"}
    assert report.features[0].missing_rate == pytest.approx(1 / 3)
    assert report.message == "33 % of the values of `x` are missing, 0 % in the reference."


def test_a_few_missing_values_more_may_be_luck():
    """Six points more in fifty rows, from a reference that misses a tenth, is within luck."""
    reference, batch = np.arange(1_000.0), np.append(np.arange(0.0, 1_000.0, 20.0), np.arange(5, 1_000, 91.0))
    reference[::10] = np.nan
    batch[:10] = np.nan
    assert kinds(_report(Numeric(reference), Numeric(batch))) == {}


@pytest.mark.parametrize(("new", "verdict"), [(0, None), (1, "info"), (800, "warning")])
def test_new_levels_are_said(new, verdict):
    """One in ten thousand is mentioned, eight per cent are a warning, and the names are told (C9)."""
    codes = np.tile([0, 0, 0, 1, 1], 2_000)
    batch = codes.copy()
    batch[:new] = 2
    report = _report(Categorical(codes, TOWNS[:2]), Categorical(batch, TOWNS))
    assert kinds(report).get("new_category") == verdict
    assert ("(`Nice`)" in report.message) == (new > 0)


def test_a_batch_without_rows_is_no_data():
    """It is not complete, in range and of its kind."""
    report = _report(Numeric(np.arange(100.0)), Numeric(np.empty(0)))
    assert (report.verdict.value, report.message) == ("no_data", "The batch has no rows.")
