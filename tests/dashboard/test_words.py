"""Evidence, budget and findings in words."""

import doctest
from datetime import UTC, datetime
from importlib import import_module
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.dashboard import attention, budget, evidence
from driftboard.monitors.finding import Finding
from driftboard.monitors.verdict import Verdict
from tests.dashboard import reports

PROBABLE = st.floats(0, 1, allow_nan=False)


@pytest.mark.parametrize(
    "name", ["attention", "budget", "evidence", "first_fired", "policy_text", "status", "text", "usefulness"]
)
def test_examples_in_the_documentation_hold(name):
    """Every module of words has an example, and it is true."""
    found = doctest.testmod(import_module(f"driftboard.dashboard.{name}"))
    assert found.attempted > 0
    assert found.failed == 0


@given(PROBABLE, PROBABLE)
def test_less_luck_never_reads_as_more(one, other):
    """The N of `1 chance in N` falls as the p-value rises."""

    def chances(p_value: float) -> int:
        said = evidence.luck(p_value)
        if "billion" in said:
            return 10**9
        return int(said.rpartition(" ")[2].replace(",", "")) if "chance" in said else 1

    low, high = sorted((one, other))
    assert chances(low) >= chances(high)


def test_a_clause_says_how_many_more_rows_it_takes():
    """An effect without evidence names the rows that are missing."""
    found = reports.evidence(0.02, 0.2, needed=800, batches=1, n=90)
    said = evidence.clause(found)
    assert "this batch, 90 rows, against 52,000 in the reference" in said
    assert "would need about 800 more rows" in said


def test_quiet_findings_are_left_out_and_the_gravest_comes_first():
    """What is steady or too few to judge asks for no attention."""
    verdicts = [Verdict.OK, Verdict.INFO, Verdict.INSUFFICIENT, Verdict.CRITICAL, Verdict.NO_DATA, Verdict.WARNING]
    kept = attention.worth_a_word([Finding(verdict, "x") for verdict in verdicts])
    assert [each.verdict for each in kept] == [Verdict.CRITICAL, Verdict.WARNING, Verdict.INFO]


@pytest.mark.parametrize(("month", "first"), [(1, 1), (3, 1), (4, 4), (9, 7), (12, 10)])
def test_a_quarter_begins_every_three_months(month, first):
    """The budget is counted from the first day of the quarter."""
    assert budget.quarter_start(datetime(2026, month, 28, 23, tzinfo=UTC)) == datetime(2026, first, 1, tzinfo=UTC)


def test_budgets_of_several_models_add_up():
    """Models with batches at different rates have different budgets; luck's share is the sum."""
    said = budget.sentence([budget.Spent(5e-4, 100, 1), budget.Spent(1e-3, 50, 0)], "this quarter")
    assert "1 false page per 1,000 to 2,000 batches" in said
    assert "expected by luck this quarter: 0.1 " in said
    assert "sent this quarter: 1" in said


def test_a_log_of_the_past_is_counted_to_its_end():
    """While batches are judged the quarter is the calendar's; of an old log it is the last one there was."""
    now, old = datetime(2026, 5, 17, tzinfo=UTC), datetime(2014, 1, 1, tzinfo=UTC)
    assert budget.period(now, datetime(2026, 4, 2, tzinfo=UTC)) == (datetime(2026, 4, 1, tzinfo=UTC), "this quarter")
    assert budget.period(now, None)[1] == "this quarter"
    since, words = budget.period(now, old)
    assert since == datetime(2013, 10, 1, tzinfo=UTC)
    assert words == "in the quarter to 2014-01-01"


def test_only_the_calibrated_policy_has_a_budget():
    """The budget is asked for with the rate of the batches; fixed thresholds promise nothing."""
    asked = []
    starts = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 12)]
    settings = SimpleNamespace(policy="calibrated", alpha=lambda rate: asked.append(rate) or 0.001)
    assert budget.false_page_chance(settings, starts) == 0.001
    assert asked == [1.0]
    assert budget.false_page_chance(SimpleNamespace(policy="classic"), starts) is None
