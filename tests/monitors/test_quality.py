"""Data quality of one batch as numbers."""

import numpy as np
import pytest

from driftboard.monitors import Categorical, Numeric, QualityResult, Sample, Verdict
from driftboard.monitors.baseline import Baseline
from driftboard.monitors.quality import facts, measure_quality, range_change, unexpected
from tests.monitors.samples import TOWNS


def _measured(values, codes):
    reference = {"x": Numeric(np.arange(100.0)), "town": Categorical(np.arange(100) % 2, TOWNS[:2])}
    baseline = Baseline(Sample(100, reference))
    batch = {"x": Numeric(np.array(values)), "town": Categorical(np.array(codes), TOWNS)}
    return measure_quality(baseline, baseline.profile(Sample(len(values), batch), "b"))


def test_rates_are_shares_of_the_rows():
    """Missing, below, above, infinite; missing and new."""
    result = _measured([np.nan, -1.0, 100.0, np.inf, 5.0], [-1, -1, 2, 0, 1])
    x, town = result["x"], result["town"]
    assert (x.missing_rate, x.below_rate, x.above_rate, x.infinite_rate) == (0.2, 0.2, 0.2, 0.2)
    assert (x.lowest, x.highest, x.reference_lowest, x.reference_highest) == (-1.0, 100.0, 0.0, 99.0)
    assert (town.missing_rate, town.new_rate) == (0.4, 0.2)


@pytest.mark.parametrize(
    ("values", "codes", "constant"),
    [
        ([3.0] * 30 + [np.nan], [0] * 30 + [-1], True),
        ([3.0] * 29 + [4.0, np.nan], [0] * 29 + [1, -1], False),
        ([3.0] * 2, [0] * 2, False),
        ([3.0, np.nan, np.nan], [0, -1, -1], False),
        ([np.nan] * 3, [-1] * 3, False),
    ],
)
def test_constant_is_no_luck(values, codes, constant):
    """Thirty equal values where the reference varies; not two, nor one, nor none."""
    assert [each.constant for each in _measured(values, codes).values()] == [constant, constant]


def _result(**changes: object):
    return QualityResult("x", "numeric", Verdict.OK, "", 100, **changes)


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (_result(), []),
        (_result(state="absent"), ["schema"]),
        (_result(state="retyped"), ["schema"]),
        (_result(constant=True), ["constant"]),
        (_result(infinite_rate=0.01), ["out_of_range"]),
        (_result(state="absent", infinite_rate=0.01), ["schema"]),
    ],
)
def test_facts_need_no_test(result, found):
    """What is gone is not described any further."""
    assert [each.kind for each in facts(result, 100)] == found


def test_nothing_is_absent_from_an_empty_batch():
    """Then there is no data, which is another thing."""
    assert facts(_result(state="absent"), 0) == []


def test_many_unexpected_features_are_counted():
    """A few by name."""
    (finding,) = unexpected(tuple(f"x{place}" for place in range(9)))
    assert finding.text == "not in the reference: `x0`, `x1`, `x2`, `x3`, `x4` and 4 more"


def test_ranges_are_told_side_by_side():
    """So that a unit error shows at once."""
    ranges = _result(lowest=0.0, highest=12.0, reference_lowest=0.0, reference_highest=9.0)
    assert range_change(ranges) == "0 to 12, in the reference 0 to 9"
    assert range_change(_result()) == ""
