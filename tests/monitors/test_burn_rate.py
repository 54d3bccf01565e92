"""Burn rates."""

from datetime import timedelta

import pytest

from driftboard.monitors.burn_rate import BURN_WINDOWS, LEAST_BAD, burn, burn_rate
from driftboard.monitors.service_level import Tally

FAST = BURN_WINDOWS[0]
MONTH = timedelta(days=30)


def test_each_pair_of_windows_is_worth_what_the_workbook_says():
    """2 %, 5 %, 10 % and 10 % of the budget of 30 days; each short window is a twelfth of the long one."""
    worth = [round(window.factor * (window.long / MONTH), 4) for window in BURN_WINDOWS]
    assert worth == [0.02, 0.05, 0.1, 0.1]
    assert {window.long / window.short for window in BURN_WINDOWS} == {12.0}


def test_a_rate_of_one_spends_the_budget_in_its_time():
    """As many bad events as are allowed."""
    assert burn_rate(Tally(99, 100), 0.99) == pytest.approx(1.0)
    assert burn_rate(Tally(), 0.99) is None


@pytest.mark.parametrize(
    ("long", "short", "enough", "fires"),
    [
        (Tally(850, 1000), Tally(85, 100), True, True),
        (Tally(870, 1000), Tally(85, 100), True, False),  # 13 times: it does not matter enough
        (Tally(850, 1000), Tally(99, 100), True, False),  # it is over
        (Tally(850, 1000), Tally(85, 100), False, False),  # too little in the short window
        (Tally(850, 1000), Tally(), True, False),  # nothing there
        (Tally(16, 20), Tally(3, 4), True, False),  # four failures are no evidence
        (Tally(15, 20), Tally(3, 4), True, True),
    ],
)
def test_it_fires_when_both_windows_do(long: Tally, short: Tally, enough: bool, fires: bool):
    """14.4 times 1 % in both, and at least five bad events."""
    assert burn(FAST, long, short, target=0.99, enough=enough).firing is fires
    assert LEAST_BAD == 5


def test_a_target_that_allows_half_never_burns_fast():
    """Twice is the most there is: everything is bad."""
    assert not burn(FAST, Tally(0, 1000), Tally(0, 100), target=0.5, enough=True).firing
