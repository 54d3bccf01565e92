"""Classes of failure: what is tried again, when, and what is given up."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.alerts.retry import AFTER_UNKNOWN, LEAST_TRIES, after, blocked_until, given_up, is_hopeless
from driftboard.data.channel_states import LONGEST_BLOCK
from driftboard.data.outbox import Delivery
from driftboard.errors import ChannelError
from tests.alerts.incidents import NOW

DAY = timedelta(days=1)
failures = st.builds(
    ChannelError,
    st.just("it failed"),
    permanent=st.booleans(),
    retry_after=st.none() | st.floats(),
    status=st.none() | st.integers(min_value=100, max_value=599),
    unknown=st.booleans(),
)


def failed(*, permanent=False, **changes: object) -> ChannelError:
    """A failure, by default one that is worth a retry."""
    return ChannelError("it failed", permanent=permanent, **changes)


def wait_of(error, *, attempts=1, mail=False, chance=1.0) -> float:
    """Seconds until the next attempt."""
    outcome = after(error, attempts=attempts, mail=mail, now=NOW, chance=chance)
    return (outcome.not_before - NOW).total_seconds()


def test_a_permanent_failure_is_final():
    """Nothing is tried again that cannot help."""
    outcome = after(failed(permanent=True, status=404), attempts=1, mail=False, now=NOW, chance=1.0)
    assert (outcome.attempt, outcome.state, outcome.status, outcome.not_before) == (
        "permanent",
        Delivery.DEAD,
        404,
        None,
    )


@pytest.mark.parametrize(("attempts", "longest"), [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (100_000, 300)])
def test_the_wait_doubles_up_to_five_minutes(attempts, longest):
    """The longest wait after each attempt; a random part of it is waited, so that not all come back at once."""
    assert wait_of(failed(status=503), attempts=attempts) == longest
    assert wait_of(failed(status=503), attempts=attempts, chance=0.25) == longest / 4


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 30), (50, 30)])
def test_a_mail_relay_that_puts_off_is_given_its_time(attempts, minutes):
    """Greylisting: the waits of RFC 5321, shortened at the beginning; a relay that is down has the usual ones."""
    assert wait_of(failed(status=451), attempts=attempts, mail=True, chance=0.0) == minutes * 60
    assert wait_of(failed(), attempts=1, mail=True) == 1


def test_an_unknown_outcome_waits_half_a_minute():
    """It may have arrived: time for somebody to see it, and for the other side to recover."""
    assert wait_of(failed(unknown=True), chance=0.0) == AFTER_UNKNOWN.total_seconds()
    assert after(failed(unknown=True), attempts=1, mail=False, now=NOW, chance=0.0).attempt == "unknown"


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(0.0, 0), (17.0, 17), (86_400.0, 3600), (-5.0, 0), (math.inf, 3600), (math.nan, 0)],
)
def test_the_other_side_says_how_long(asked, seconds):
    """Retry-After counts for the row and for the whole channel, within an hour, whatever number it is."""
    error = failed(status=429, retry_after=asked)
    outcome = after(error, attempts=1, mail=False, now=NOW, chance=0.0)
    assert blocked_until(error, outcome, now=NOW) == outcome.not_before == NOW + timedelta(seconds=seconds)


def test_too_many_without_a_time_blocks_for_the_backoff():
    """A 429 that names no time leaves the channel alone for as long as the row waits, at least a second."""
    error = failed(status=429)
    outcome = after(error, attempts=4, mail=False, now=NOW, chance=1.0)
    assert blocked_until(error, outcome, now=NOW) == NOW + timedelta(seconds=8)
    assert wait_of(error, chance=0.0) == 1
    assert blocked_until(failed(status=503), outcome, now=NOW) is None


def test_giving_up_takes_a_day_and_several_attempts():
    """Neither time alone (a clock that jumped) nor attempts alone end the trying; a delivery is never given up."""
    waiting = after(failed(), attempts=9, mail=False, now=NOW, chance=0.0)

    def hopeless(age, attempts, outcome=waiting):
        return is_hopeless(outcome, attempts=attempts, first_at=NOW - age, give_up=DAY, now=NOW)

    assert hopeless(DAY, LEAST_TRIES)
    assert not hopeless(DAY * 365, LEAST_TRIES - 1)
    assert not hopeless(DAY / 2, 10_000)
    assert not hopeless(DAY, LEAST_TRIES, after(failed(permanent=True), attempts=9, mail=False, now=NOW, chance=0.0))
    end = given_up(waiting, attempts=9)
    assert (end.state, end.detail) == (Delivery.DEAD, "gave up after 9 attempts: it failed")


@given(error=failures, attempts=st.integers(1, 10**6), mail=st.booleans(), chance=st.floats(0, 1, exclude_max=True))
def test_no_wait_is_longer_than_an_hour(error, attempts, mail, chance):
    """Whatever failed, and whatever was answered: the next attempt and the end of a block are within an hour."""
    outcome = after(error, attempts=attempts, mail=mail, now=NOW, chance=chance)
    until = blocked_until(error, outcome, now=NOW)
    for at in (outcome.not_before, until):
        assert at is None or NOW <= at <= NOW + LONGEST_BLOCK
    assert (outcome.not_before is None) == (outcome.state is Delivery.DEAD)
