"""What to do about a message that was not delivered: when to try again, when to give up. Pure.

Exponential backoff with full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/.
For mail the steps of RFC 5321 §4.5.4.1 are shortened at the beginning: greylisting lets the second try through.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from driftboard.data.channel_states import LONGEST_BLOCK
from driftboard.data.outbox import Delivery
from driftboard.data.outcomes import Ended, Outcome
from driftboard.errors import ChannelError

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
AFTER_UNKNOWN = timedelta(seconds=30)
LEAST_TRIES = 5
"""No row is given up before: a clock that jumps ahead by a year is no year of trying."""

_MAIL_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))
_TOO_MANY = 429
_PUT_OFF = range(400, 500)


def after(error: ChannelError, *, attempts: int, mail: bool, now: datetime, chance: float) -> Outcome:
    """Return what becomes of a message that was not delivered.

    Parameters
    ----------
    attempts
        How many there were by now, at least 1.
    mail
        Whether the codes are SMTP's.
    chance
        A random number in [0, 1): where in its range the wait lies.
    """
    if error.permanent:
        return Outcome("permanent", Delivery.DEAD, str(error), error.status)
    ended: Ended = "unknown" if error.unknown else "retry"
    wait = _wait(error, attempts, chance, mail=mail)
    return Outcome(ended, Delivery.QUEUED, str(error), error.status, now + wait)


def is_hopeless(outcome: Outcome, *, attempts: int, first_at: datetime, give_up: timedelta, now: datetime) -> bool:
    """Whether a row has been tried for so long that it is given up now."""
    again = outcome.state is Delivery.QUEUED
    return again and now - first_at >= give_up and attempts >= LEAST_TRIES


def given_up(outcome: Outcome, *, attempts: int) -> Outcome:
    """Return the end of a row that is tried no more."""
    text = f"gave up after {attempts} attempts: {outcome.detail}"
    return replace(outcome, state=Delivery.DEAD, detail=text, not_before=None)


def blocked_until(error: ChannelError, outcome: Outcome, *, now: datetime) -> datetime | None:
    """Return until when the whole channel is to be left alone; None when it did not ask for it."""
    if error.permanent or (error.retry_after is None and error.status != _TOO_MANY):
        return None
    if error.retry_after is None:
        return outcome.not_before
    return now + _capped(error.retry_after)


def backoff(attempts: int, chance: float) -> timedelta:
    """Return how long to wait after so many attempts: up to 1 s, doubled each time, at most 5 minutes.

    >>> [backoff(n, 1.0).total_seconds() for n in (1, 2, 5, 9, 10, 288)]
    [1.0, 2.0, 16.0, 256.0, 300.0, 300.0]
    >>> backoff(5, 0.25).total_seconds()
    4.0
    """
    return min(FIRST_WAIT * (1 << min(attempts - 1, 16)), LONGEST_WAIT) * chance


def _wait(error: ChannelError, attempts: int, chance: float, *, mail: bool) -> timedelta:
    if error.retry_after is not None:
        return _capped(error.retry_after)
    wait = backoff(attempts, chance)
    if mail and error.status is not None and error.status in _PUT_OFF:
        wait = _MAIL_WAITS[min(attempts, len(_MAIL_WAITS)) - 1]
    if error.status == _TOO_MANY:
        wait = max(wait, FIRST_WAIT)
    return max(wait, AFTER_UNKNOWN) if error.unknown else wait


def _capped(seconds: float) -> timedelta:
    """The wait that was asked for, in bounds: an answer is not to be trusted with a number."""
    if not seconds > 0:  # NaN too
        return timedelta(0)
    return min(timedelta(seconds=min(seconds, LONGEST_BLOCK.total_seconds())), LONGEST_BLOCK)
