"""The gate: so many requests and rows a minute, each key for itself."""

import pytest

from driftboard.api.gate import Gate
from driftboard.api.refusal import Refusal
from driftboard.api_settings import ApiSettings


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def gate(clock: Clock) -> Gate:
    """Return a gate with small limits."""
    return Gate(ApiSettings(requests_per_minute=6, rows_per_minute=600), clock=clock)


def test_more_requests_than_a_minute_holds_are_told_when_to_come_again() -> None:
    """The seventh request of six a minute waits ten seconds, no longer."""
    clock = Clock()
    it = gate(clock)
    for _ in range(6):
        it.admit("a")
    with pytest.raises(Refusal, match="more than 6 requests a minute") as refusal:
        it.admit("a")
    assert (refusal.value.status, refusal.value.retry_after) == (429, 10)
    clock.now += 10
    it.admit("a")


def test_one_key_does_not_spend_what_is_anothers() -> None:
    """A flood under one key leaves the other one served."""
    it = gate(Clock())
    for _ in range(6):
        it.admit("a")
    it.admit("b")


def test_rows_are_counted_beside_requests() -> None:
    """Few requests with many rows come to their limit, too; what was refused is not charged."""
    clock = Clock()
    it = gate(clock)
    it.charge("a", 500)
    with pytest.raises(Refusal) as refusal:
        it.charge("a", 200)
    assert refusal.value.retry_after == 10
    it.charge("a", 100)


def test_a_request_beyond_a_whole_minute_needs_a_full_one() -> None:
    """It is served once nothing else was, and paid for afterwards: no request is refused for ever."""
    clock = Clock()
    it = gate(clock)
    it.charge("a", 1200)
    clock.now += 60
    with pytest.raises(Refusal):
        it.charge("a", 1)
    clock.now += 61
    it.charge("a", 600)
