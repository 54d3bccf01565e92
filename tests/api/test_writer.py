"""The writer: one commit for all that wait, and each request with a fate of its own."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, text

from driftboard.api.refusal import Refusal
from driftboard.api.writer import Writer
from driftboard.config import Settings
from driftboard.data import Store, tables
from driftboard.data.catalog import add_classes, add_model
from driftboard.data.model_key import ModelKey
from driftboard.errors import BadBatch

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def writer(store: Store) -> Iterator[Writer]:
    """Return a writer of the log."""
    it = Writer(store, Settings())
    yield it
    it.close()


def count(store: Store) -> int:
    """Return the number of models in the log."""
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.models)).scalar_one())


def register(connection: Connection, _store: Store, *, name: str) -> str:
    """Make a model known."""
    add_model(connection, ModelKey(name), "classification", now=NOW)
    return name


def refuse(connection: Connection, store: Store) -> None:
    """Fail on account of the request, after something was written."""
    model = add_model(connection, ModelKey("refused"), "classification", now=NOW)
    add_classes(connection, model.model_id, ["a"], store.catalog)
    raise BadBatch("not this one")


def dislike(connection: Connection, _store: Store) -> None:
    """Write what the database cannot hold."""
    connection.execute(insert(tables.classes).values(model_id=-1, code=0, value='"a"'))
    connection.execute(insert(tables.classes).values(model_id=-1, code=0, value='"a"'))


def together(writer: Writer, *jobs: Any) -> list[Any]:
    """Do the jobs in one transaction: they wait while the writer is busy with another."""

    async def run() -> list[Any]:
        gate = threading.Event()
        first = asyncio.ensure_future(writer.write(lambda *_: gate.wait(10)))
        await asyncio.sleep(0.05)
        others = [asyncio.ensure_future(writer.write(job)) for job in jobs]
        await asyncio.sleep(0)
        gate.set()
        return (await asyncio.gather(first, *others, return_exceptions=True))[1:]

    return asyncio.run(run())


def test_a_job_is_answered_with_what_it_returned_once_it_is_committed(store: Store, writer: Writer) -> None:
    """Another connection sees it as soon as the answer is there."""

    async def run() -> int:
        assert await writer.write(partial(register, name="churn")) == "churn"
        return count(store)

    assert asyncio.run(run()) == 1


def test_a_job_that_fails_takes_no_other_with_it(store: Store, writer: Writer) -> None:
    """Its neighbours in the transaction are stored; of itself nothing is, nor is it remembered."""
    results = together(writer, partial(register, name="a"), refuse, partial(register, name="b"))
    assert results[::2] == ["a", "b"]
    assert isinstance(results[1], BadBatch)
    assert count(store) == 2
    assert not writer._store.catalog.classes


def test_what_the_database_dislikes_fails_alone_and_for_good(store: Store, writer: Writer) -> None:
    """A transaction that broke is done again job by job; the one to blame is told not to retry."""
    results = together(writer, partial(register, name="a"), dislike, partial(register, name="b"))
    assert results[::2] == ["a", "b"]
    assert isinstance(results[1], Refusal)
    assert results[1].status == 422
    assert count(store) == 2


def test_an_unforeseen_error_reaches_its_own_request_only(store: Store, writer: Writer) -> None:
    """The thread lives on."""
    results = together(writer, lambda *_: 1 / 0, partial(register, name="a"))
    assert isinstance(results[0], ZeroDivisionError)
    assert results[1] == "a"
    assert writer.trouble is None
    assert count(store) == 1


def test_more_than_may_wait_are_told_to_come_again(store: Store) -> None:
    """429 with Retry-After, and nothing of them is stored."""
    writer = Writer(store, Settings.model_validate({"api": {"max_waiting": 2}}))
    results = together(writer, *[partial(register, name=f"m{each}") for each in range(4)])
    writer.close()
    assert results[:2] == ["m0", "m1"]
    assert all(isinstance(each, Refusal) and (each.status, each.retry_after) == (429, 1) for each in results[2:])
    assert count(store) == 2


def test_a_log_that_cannot_be_written_is_said_so_until_it_can(writer: Writer) -> None:
    """503 with Retry-After, `trouble` says why; afterwards it writes again."""

    def broken(connection: Connection, _store: Store) -> None:
        connection.execute(text("SELECT * FROM no_such_table"))

    with pytest.raises(Refusal) as refusal:
        asyncio.run(writer.write(broken))
    assert (refusal.value.status, refusal.value.retry_after) == (503, 1)
    assert "no_such_table" not in str(refusal.value)
    assert writer.trouble
    assert asyncio.run(writer.write(partial(register, name="a"))) == "a"
    assert writer.trouble is None


def test_closing_writes_what_waits_and_refuses_what_comes(store: Store, writer: Writer) -> None:
    """Nothing that was taken is dropped; a request that comes later is told to come again."""

    async def run() -> Any:
        waiting = [asyncio.ensure_future(writer.write(partial(register, name=f"m{each}"))) for each in range(3)]
        await asyncio.sleep(0)
        await asyncio.to_thread(writer.close)
        assert await asyncio.gather(*waiting) == ["m0", "m1", "m2"]
        with pytest.raises(Refusal) as refusal:
            await writer.write(partial(register, name="late"))
        return refusal.value.status

    assert asyncio.run(run()) == 503
    assert count(store) == 3
    assert writer.trouble


def test_a_client_that_hangs_up_is_written_all_the_same(store: Store, writer: Writer) -> None:
    """What was read is stored; that nobody waits for the answer breaks nothing."""

    async def run() -> None:
        task = asyncio.ensure_future(writer.write(partial(register, name="gone")))
        await asyncio.sleep(0)
        task.cancel()
        await writer.write(partial(register, name="next"))

    asyncio.run(run())
    assert count(store) == 2
