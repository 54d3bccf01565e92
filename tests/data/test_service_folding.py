"""Old minutes become hours: nothing is lost of the counts, and which minutes were down stays known."""

import threading
from datetime import timedelta

from sqlalchemy import func, select

from driftboard.data import ModelKey, Store, tables
from driftboard.data.process_samples import ProcessSample, read_samples, save_sample
from driftboard.data.service import read_service
from driftboard.data.service_counts import HOUR, MINUTE, counts_ever
from driftboard.data.service_folding import fold_minutes
from tests.data.service_stretches import NOW, some, tell

DAY = timedelta(days=1)
ALL = {"since": NOW - 900 * DAY, "until": NOW + 900 * DAY}
OLD = NOW.replace(minute=0, second=0) - 2 * DAY - timedelta(hours=1)
"""The start of the newest hour that is folded at NOW."""


def tell_hour(store: Store, key: ModelKey) -> int:
    """Three minutes of an hour, one of them down, told when they were new; and one in the hour after it."""
    bad = some(1, errors={"E": 3})
    minutes = [(OLD, some(5)), (OLD + timedelta(minutes=1), bad), (OLD + timedelta(minutes=59), some(2))]
    return tell(store, key, *minutes, (OLD + timedelta(hours=1), some(7)), now=OLD + timedelta(hours=2))


def stretches(store: Store, model_id: int) -> list[tuple[int, int, int, int]]:
    """Length, requests, minutes with traffic and minutes down of each."""
    with store.read() as connection:
        found = read_service(connection, model_id, **ALL).stretches
    return [(each.seconds, each.counts.total, each.counts.minutes, each.counts.down) for each in found]


def test_an_hour_is_folded_when_all_of_it_is_old(store: Store, key: ModelKey) -> None:
    """The hour that has one minute left within 48 hours stays as it is; a second time changes nothing."""
    model_id = tell_hour(store, key)
    before = stretches(store, model_id)
    assert fold_minutes(store, now=NOW - timedelta(hours=1)) == 0
    assert stretches(store, model_id) == before
    for folded in (3, 0):
        assert fold_minutes(store, now=NOW) == folded
        assert stretches(store, model_id) == [(HOUR, 11, 3, 1), (MINUTE, 7, 0, 0)]
    with store.read() as connection:
        service = read_service(connection, model_id, **ALL)
        assert service.total.errors == {"E": 3}
        assert counts_ever(connection)[model_id, "requests"].total == service.total.total == 18


def test_what_comes_late_is_added_to_its_hour(store: Store, key: ModelKey) -> None:
    """By the hour at once, or as a minute by a process whose clock is behind, at the next time."""
    model_id = tell_hour(store, key)
    fold_minutes(store, now=NOW)
    tell(store, key, (OLD, some(10)))
    tell(store, key, (OLD + timedelta(minutes=30), some(100)), now=OLD + timedelta(hours=2))
    assert fold_minutes(store, now=NOW) == 1
    assert stretches(store, model_id)[0] == (HOUR, 121, 4, 1)


def test_both_sources_and_every_model_are_folded(store: Store, key: ModelKey) -> None:
    """Each by itself."""
    model_id = tell_hour(store, key)
    tell(store, key, (OLD, some(1)), source="predictions", now=OLD)
    assert fold_minutes(store, now=NOW) == 4
    with store.read() as connection:
        minutes = select(func.count()).where(tables.service_counts.c.seconds == MINUTE)
        assert connection.execute(minutes).scalar_one() == 1
    assert stretches(store, model_id)[0][1] == 11


def test_many_processes_fold_at_once(store: Store, key: ModelKey) -> None:
    """While others count: every minute is folded by one of them, once."""
    model_id = tell_hour(store, key)
    stores = [store.again() for _ in range(4)]
    folded: list[int] = []

    def work(mine: Store) -> None:
        tell(mine, key, (NOW, some(1)))
        folded.append(fold_minutes(mine, now=NOW))

    threads = [threading.Thread(target=work, args=[each]) for each in stores]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    for each in stores:
        each.close()
    assert sum(folded) == 3
    assert stretches(store, model_id) == [(HOUR, 11, 3, 1), (MINUTE, 7, 0, 0), (MINUTE, 4, 0, 0)]


def test_what_is_very_old_goes(store: Store, key: ModelKey) -> None:
    """Hours after 400 days, samples of processes after 30; the counts of all time stay."""
    model_id = tell(store, key, (NOW - 401 * DAY, some(1)), (NOW - 399 * DAY, some(2)))
    with store.write() as connection:
        for age in (31, 29):
            save_sample(connection, ProcessSample("web:1", NOW - age * DAY, None, "worker", 0.5, 1_000))
    fold_minutes(store, now=NOW)
    assert [each[1] for each in stretches(store, model_id)] == [2]
    with store.read() as connection:
        assert counts_ever(connection)[model_id, "requests"].success == 3
        assert [each.at for each in read_samples(connection, **ALL)] == [NOW - 29 * DAY]
