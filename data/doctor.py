"""`driftboard doctor`: everything that can be told of the state of a log, worst first for whoever reads one line."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from driftboard.data import log_checks
from driftboard.data.check import Check, critical, ok, size, warning
from driftboard.data.file_checks import check_file
from driftboard.data.store import HEAD, Store, open_store_read_only
from driftboard.errors import StoreError

LogCheck = Callable[[Connection, datetime], Check]

LOG_CHECKS: tuple[LogCheck, ...] = (
    log_checks.check_clock,
    log_checks.check_messages,
    log_checks.check_channels,
    log_checks.check_heartbeats,
    log_checks.check_due,
    log_checks.check_references,
    log_checks.check_quarantine,
    log_checks.check_waiting_labels,
    log_checks.check_features,
)
_DAMAGED = "stop writing; restore a backup"


def examine(where: Path | str, *, now: datetime, deep: bool = False) -> tuple[Check, ...]:
    """Return every check of a log; whatever goes wrong on the way is a check that says so, never an exception.

    Parameters
    ----------
    where
        As `open_store` takes it.
    deep
        Read back every block and reference, which takes as long as reading the file.
    """
    return tuple(_examine(where, now, deep=deep))


def _examine(where: Path | str, now: datetime, *, deep: bool) -> Iterator[Check]:
    try:
        store = open_store_read_only(where)
    except Exception as error:  # noqa: BLE001 - a damaged page may read as anything
        known = isinstance(error, StoreError) and "damaged" not in str(error)
        yield critical("database", _one_line(error), "" if known else _DAMAGED)
        yield check_spools(where)
        return
    with store:
        yield ok("database", f"{store.name}, schema {HEAD}")
        if not store.on_server:
            yield from check_file(store.path)
        yield _checked(store, partial(log_checks.check_pages, deep=deep), "pages", now)
        if deep:
            yield _checked(store, log_checks.check_contents, "contents", now)
        for check in LOG_CHECKS:
            yield _checked(store, check, check.__name__.removeprefix("check_").replace("_", " "), now)
    yield check_spools(where)


def check_spools(where: Path | str) -> Check:
    """Return whether rows lie in spools of processes that are gone: nobody will flush those until one starts again."""
    from driftboard.data.spool import spool_folder  # noqa: PLC0415 - the client's modules, as it needs them
    from driftboard.data.spool_recovery import pending_spools  # noqa: PLC0415

    try:
        left = [spool for spool in pending_spools(spool_folder(where)) if spool.rows]
    except Exception as error:  # noqa: BLE001 - a damaged spool may read as anything
        return warning("spools", f"cannot be read: {_one_line(error)}", "look at the folder beside the database")
    rows, n_bytes = sum(spool.rows for spool in left), sum(spool.bytes for spool in left)
    dead = [spool for spool in left if not spool.alive]
    finding = f"{rows:,} rows in {len(left)} files ({size(n_bytes)})"
    if dead:
        advice = "start the service again with the same spool folder: it recovers them"
        return warning("spools", f"{finding}; the process of {len(dead)} is gone", advice)
    return ok("spools", finding)


def _checked(store: Store, check: LogCheck, name: str, now: datetime) -> Check:
    try:
        with store.read() as connection:
            return check(connection, now)
    except Exception as error:  # noqa: BLE001 - a damaged page may read as anything
        return critical(name, f"cannot be read: {_one_line(error)}", _DAMAGED)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
