"""Service levels in numbers."""

from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.service_level import Tally, budget_left, compliance, compliance_interval

counts = st.integers(0, 10**9).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
targets = st.floats(0.01, 0.9999)


def test_nothing_has_no_share():
    """No events: no compliance, no interval, no budget."""
    assert (compliance(Tally()), compliance_interval(Tally()), budget_left(Tally(), 0.99)) == (None, None, None)


def test_a_month_of_the_workbook():
    """3 million requests at 99.9 % may lose 3,000; 450 lost leave 85 % (Site Reliability Workbook, chapter 2)."""
    left = budget_left(Tally(3_000_000 - 450, 3_000_000), 0.999)
    assert left is not None
    assert abs(left - 0.85) < 1e-9


@given(counts, targets)
def test_a_budget_is_overspent_exactly_when_the_target_is_missed(counted: tuple[int, int], target: float):
    """Both say the same of the same events."""
    tally = Tally(*counted)
    share, left = compliance(tally), budget_left(tally, target)
    if share is None or left is None or abs(share - target) < 1e-9:
        return
    assert (share < target) == (left < 0)
    assert left <= 1


@given(counts)
def test_the_interval_holds_the_share(counted: tuple[int, int]):
    """And lies within 0 and 1."""
    tally = Tally(*counted)
    share, interval = compliance(tally), compliance_interval(tally)
    if share is None or interval is None:
        return
    assert 0 <= interval.low <= share + 1e-12
    assert share - 1e-12 <= interval.high <= 1


@given(counts, counts)
def test_tallies_add_and_subtract(one: tuple[int, int], other: tuple[int, int]):
    """As the counts that they are."""
    both = Tally(*one) + Tally(*other)
    assert both - Tally(*other) == Tally(*one)
    assert both.bad == Tally(*one).bad + Tally(*other).bad
