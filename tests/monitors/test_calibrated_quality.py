"""The calibrated policy on data quality: each kind of trouble by its name."""

from dataclasses import replace

import numpy as np
import pytest

from driftboard.monitors import Categorical, Detector, Numeric, Sample
from tests.monitors.samples import TOWNS, classified, kinds, only


def _report(reference, batch):
    return Detector(reference).update(batch, "monday").reports["quality"]


def _numbers(change):
    """The report of 300 values like the reference's, a few of them changed."""
    rng = np.random.default_rng(0)
    values = rng.normal(50, 10, 300)
    change(values)
    reference = {"x": Numeric(rng.normal(50, 10, 2_000)), "row": Numeric(np.arange(2_000.0))}
    batch = {"x": Numeric(values), "row": Numeric(rng.permutation(2_000)[:300] + 0.0)}
    return _report(Sample(2_000, reference), Sample(300, batch))


def _put(value, rows):
    def change(values):
        values[:rows] = value

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_put(50.0, 0), {}),
        (_put(np.nan, 60), {"missing_values": "critical"}),
        (_put(np.nan, 6), {}),
        (_put(-1e6, 20), {"out_of_range": "critical"}),
        (_put(1e6, 20), {"out_of_range": "critical"}),
        (_put(1e6, 1), {}),
        (_put(np.inf, 1), {"out_of_range": "info"}),
        (_put(50.0, 300), {"constant": "warning"}),
    ],
)
def test_numbers_that_went_wrong_are_named(change, expected):
    """Missing, below, above, infinite, constant: each where it is worth a word, and a single row is not."""
    assert kinds(_numbers(change)) == expected


def test_the_sentence_of_values_out_of_range_says_both_ranges():
    """Somebody woken by it can see the unit error at once."""
    message = _numbers(_put(1e6, 20)).features[0].message
    assert "more of the values of `x` lie above the reference's range (" in message
    assert ", in the reference " in message
    assert "+7.0 points" in message
    assert "in 300 rows against 2,000" in message


@pytest.mark.parametrize(("new", "expected"), [(0, {}), (1, {}), (30, {"new_category": "critical"})])
def test_new_categories_are_named(new, expected):
    """Ten per cent of a town nobody knew is said with its name; one row of 300 is luck or a typing error."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 2, 300)
    codes[:new] = 2
    report = _report(only(Categorical(rng.integers(0, 2, 2_000), TOWNS[:2])), only(Categorical(codes, TOWNS)))
    assert kinds(report) == expected
    assert ("(`Nice`)" in report.message) == (new == 30)
    assert report.features[0].new_rate == pytest.approx(new / 300)


def test_missing_levels_are_missing_values():
    """A code of -1 is what NaN is to a number."""
    rng = np.random.default_rng(0)
    reference = only(Categorical(rng.integers(0, 3, 2_000), TOWNS))
    codes = np.where(np.arange(300) < 90, -1, rng.integers(0, 3, 300))
    assert kinds(_report(reference, only(Categorical(codes, TOWNS)))) == {"missing_values": "critical"}


def test_columns_gone_retyped_and_unknown_are_facts():
    """No test is needed: invalid for what is gone or of another kind, info for what is new (C7)."""
    batch = classified(300, seed=1)
    broken = {"load": batch.features["town"], "town": batch.features["town"], "extra": batch.features["load"]}
    report = _report(classified(2_000), replace(batch, features=broken))
    assert [each.verdict.value for each in report.features] == ["invalid", "invalid", "ok"]
    assert [each.state for each in report.features] == ["absent", "retyped", "present"]
    assert report.features[0].message == "`temp` is missing from the batch altogether (300 rows)."
    assert "`load` changed its kind: it is categorical here and numeric in the reference" in report.features[1].message
    assert report.unexpected == ("extra",)
    assert report.verdict == "invalid"


def test_an_unknown_feature_is_information():
    """The reference has nothing to compare it with, but somebody should know; its name is only ever inserted."""
    batch = classified(300, seed=1)
    extra = replace(batch, features={**batch.features, "{0.__class__} %s <b>": batch.features["temp"]})
    report = _report(classified(2_000), extra)
    assert kinds(report) == {"schema": "info"}
    assert report.message == "not in the reference: `{0.__class__} %s <b>`."


def test_replayed_rows_are_duplicates():
    """A tenth of the batch sent twice pages, where the reference's rows do not repeat by nature."""
    batch = classified(300, seed=1)
    batch.features["temp"].values[:40] = batch.features["temp"].values[40:80]
    batch.features["load"].values[:40] = batch.features["load"].values[40:80]
    batch.features["town"].codes[:40] = batch.features["town"].codes[40:80]
    report = _report(classified(2_000), batch)
    assert kinds(report) == {"duplicates": "critical"}
    assert report.duplicate_rate == pytest.approx(40 / 300)
    coarse = Sample(2_000, {"die": Numeric(np.arange(2_000) % 6 + 1.0)})
    assert kinds(_report(coarse, Sample(300, {"die": Numeric(np.arange(300) % 6 + 1.0)}))) == {}


def test_a_column_that_is_often_missing_is_not_broken_when_it_is():
    """The reference's own rate is what counts: 97 % missing here and there."""
    sparse = np.full(2_000, np.nan)
    sparse[:60] = np.arange(60.0)
    assert kinds(_report(only(Numeric(sparse)), only(Numeric(np.full(60, np.nan))))) == {}


def test_stable_batches_are_in_order():
    """A hundred batches of 200 from the reference's own distribution have nothing to say above info."""
    detector = Detector(classified(2_000))
    found = {detector.update(classified(200, seed=seed)).reports["quality"].verdict for seed in range(1, 101)}
    assert found <= {"ok", "info"}
