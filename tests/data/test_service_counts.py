"""Counts of stretches of time add up, in whatever order and by however many writers they come."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.data import ModelKey, Store
from driftboard.data.service_counts import (
    CONFIDENCE_BOUNDS,
    HOUR,
    LATENCY_BOUNDS,
    MAX_NAMES,
    MINUTE,
    NOTHING,
    ServiceCounts,
    add_counts,
    as_minute,
    capped,
    cell,
    counts_ever,
    read_counts,
    slot,
    summed,
)
from driftboard.service_settings import _BOUNDS, _CONFIDENCES
from tests.data.service_stretches import NOW, some, tell

EARLY, LATE = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

few = st.integers(0, 1_000)
names = st.dictionaries(st.sampled_from(["Timeout", "KeyError", "other"]), few)
cells = st.one_of(st.just(()), st.tuples(*[few] * (len(LATENCY_BOUNDS) + 1)))
counts = st.builds(
    ServiceCounts, success=few, errors=names, rejected=few, latency=cells, rows_sum=few, classes=names, minutes=few
)


@given(counts, counts, counts)
def test_sums_do_not_depend_on_their_order(one: ServiceCounts, two: ServiceCounts, three: ServiceCounts) -> None:
    """Nothing is the neutral element, and totals add."""
    assert (one + two) + three == one + (two + three) == summed([three, one, two])
    assert one + NOTHING == NOTHING + one == one
    assert (one + two).total == one.total + two.total
    assert (one + two).within(0.5) == one.within(0.5) + two.within(0.5)


@given(st.lists(st.floats(0, 20), min_size=1))
def test_within_is_exact_at_every_bound(durations: list[float]) -> None:
    """As many as took at most so long; the bound itself included."""
    latency = [0] * (len(LATENCY_BOUNDS) + 1)
    for each in durations:
        latency[cell(LATENCY_BOUNDS, each)] += 1
    counted = ServiceCounts(latency=tuple(latency))
    for bound in LATENCY_BOUNDS:
        assert counted.within(bound) == sum(each <= bound for each in durations)


def test_what_settings_may_name_can_be_counted() -> None:
    """An objective is one of the bounds of the histograms."""
    assert _BOUNDS == LATENCY_BOUNDS
    assert set(_CONFIDENCES) < set(CONFIDENCE_BOUNDS)


def test_names_do_not_grow_without_end() -> None:
    """Those that came first are kept; nothing is lost of the number."""
    many = {f"E{n}": 2 for n in range(200)}
    grown = summed([ServiceCounts(errors={"first": 1}), ServiceCounts(errors=many), ServiceCounts(errors=many)])
    assert len(grown.errors) == MAX_NAMES + 1
    assert (grown.errors["first"], grown.errors["E0"], grown.failed) == (1, 4, 801)
    assert sum(capped(many).values()) == 400
    assert len(capped(many)) == MAX_NAMES + 1


@pytest.mark.parametrize(
    ("ago", "seconds", "start"),
    [
        (timedelta(0), MINUTE, datetime(2026, 3, 10, 12, 30, tzinfo=UTC)),
        (-timedelta(days=3), MINUTE, datetime(2026, 3, 10, 12, 30, tzinfo=UTC)),
        (timedelta(hours=47, minutes=59), MINUTE, datetime(2026, 3, 8, 12, 31, tzinfo=UTC)),
        (timedelta(hours=48), HOUR, datetime(2026, 3, 8, 12, tzinfo=UTC)),
    ],
)
def test_a_moment_has_its_slot(ago: timedelta, seconds: int, start: datetime) -> None:
    """Its minute, its hour when it is old, the present minute when it has not come yet."""
    assert slot(NOW - ago, now=NOW) == (seconds, start)


def test_a_minute_is_down_when_most_of_it_failed() -> None:
    """Half is not most, and a minute without traffic is neither up nor down."""
    told = [some(1, errors={"E": 1}), some(1, errors={"E": 2}), some(0), ServiceCounts(rejected=9)]
    assert [(as_minute(each).minutes, as_minute(each).down) for each in told] == [(1, 0), (1, 1), (0, 0), (0, 0)]


def test_what_is_told_is_read_back(store: Store, key: ModelKey) -> None:
    """By stretch, in order of time, those that begin in the time asked for; and all of time."""
    before = NOW - timedelta(minutes=1)
    one, two = some(3, errors={"Timeout": 1}), some(2, seconds=0.2)
    model_id = tell(store, key, (NOW, one), (before, two), (NOW, two), (NOW - timedelta(days=3), one))
    with store.read() as connection:
        found = read_counts(connection, model_id, "requests", since=EARLY, until=LATE)
        assert [seconds for _, seconds, _ in found] == [HOUR, MINUTE, MINUTE]
        assert [each.total for _, _, each in found] == [4, 2, 6]
        assert found[2][2] == one + two
        only = read_counts(connection, model_id, "requests", since=found[1][0], until=found[2][0])
        assert only == found[1:2]
        assert counts_ever(connection) == {(model_id, "requests"): one + one + two + two}


def test_names_with_quotes_and_what_is_not_ascii_come_back(store: Store, key: ModelKey) -> None:
    """They are JSON in JSON on their way."""
    odd = ServiceCounts(errors={'"quoted" \\ é': 1}, classes={"日本": 2, "a'b": 3, ":model_id": 4, "%s": 5})
    model_id = tell(store, key, (NOW, odd))
    with store.read() as connection:
        assert counts_ever(connection)[model_id, "requests"] == odd


def test_many_names_of_one_stretch_are_capped_in_the_log(store: Store, key: ModelKey) -> None:
    """Also when a stretch is told the first time."""
    model_id = tell(store, key, (NOW, ServiceCounts(errors={f"E{n}": 1 for n in range(500)})))
    with store.read() as connection:
        ever = counts_ever(connection)[model_id, "requests"]
    assert (len(ever.errors), ever.failed) == (MAX_NAMES + 1, 500)


def test_nothing_told_is_nothing_stored(store: Store, key: ModelKey) -> None:
    """Not even a row of zeros."""
    with store.write() as connection:
        add_counts(connection, 1, "requests", {})
    with store.read() as connection:
        assert counts_ever(connection) == {}
    assert key.name == "churn"


def test_two_writers_at_once_lose_nothing(store: Store, key: ModelKey) -> None:
    """Each holds the model while it reads and writes; the log itself counts beside them."""
    stores = [store.again() for _ in range(3)]

    def work(mine: Store) -> None:
        for _ in range(20):
            tell(mine, key, (NOW, some(1)))

    threads = [threading.Thread(target=work, args=[each]) for each in stores]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    for each in stores:
        each.close()
    with store.read() as connection:
        assert next(iter(counts_ever(connection).values())).success == 60
