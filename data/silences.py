"""Silences: who asked for quiet about what, until when, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, or_, select, update

from driftboard.data import tables
from driftboard.data.times import from_micros, to_micros
from driftboard.data.values import storable
from driftboard.errors import UnknownIncident

_s = tables.silences.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A silence.

    Attributes
    ----------
    silence_id
        0 until it is stored.
    matchers
        Field (model, environment, rule, subject, severity) to pattern; all must fit, `*` and `?` are wild.
    expired_at, expired_by
        When it was ended by hand before its time, and by whom.
    """

    silence_id: int = 0
    matchers: dict[str, str]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    created_at: datetime
    expired_at: datetime | None = None
    expired_by: str = ""

    def holds(self, now: datetime) -> bool:
        """Whether it is in force at this time."""
        return self.starts_at <= now < (self.expired_at or self.ends_at)


def add_silence(connection: Connection, silence: Silence) -> int:
    """Store a silence; return its id."""
    stored = connection.execute(
        insert(tables.silences).values(
            matchers=storable(orjson.dumps(silence.matchers, option=orjson.OPT_SORT_KEYS).decode()),
            starts_at=to_micros(silence.starts_at),
            ends_at=to_micros(silence.ends_at),
            created_by=storable(silence.created_by),
            comment=storable(silence.comment),
            created_at=to_micros(silence.created_at),
            expired_by="",
        )
    )
    return int(stored.inserted_primary_key[0])  # type: ignore[index]  # one row was inserted


def find_silence(connection: Connection, silence_id: int) -> Silence:
    """Return one silence.

    Raises
    ------
    UnknownIncident
        There is none of this id.
    """
    row = connection.execute(select(tables.silences).where(_s.silence_id == silence_id)).one_or_none()
    if row is None:
        raise UnknownIncident(f"no silence {silence_id}: see `driftboard alerts silences`")
    return _silence(row)


def expire_silence(connection: Connection, silence_id: int, *, by: str, now: datetime) -> None:
    """End a silence before its time; one that has ended stays as it is."""
    still = (_s.silence_id == silence_id, _s.expired_at.is_(None), _s.ends_at > to_micros(now))
    connection.execute(update(tables.silences).where(*still).values(expired_at=to_micros(now), expired_by=storable(by)))


def silences(connection: Connection, *, now: datetime | None = None, limit: int = 500) -> tuple[Silence, ...]:
    """Return silences, the newest first; with `now`, only those that hold or will."""
    query = select(tables.silences).order_by(_s.silence_id.desc()).limit(limit)
    if now is not None:
        at = to_micros(now)
        query = query.where(_s.ends_at > at, or_(_s.expired_at.is_(None), _s.expired_at > at))
    return tuple(map(_silence, connection.execute(query)))


def _silence(row: Row[tuple[Any, ...]]) -> Silence:
    return Silence(
        silence_id=row.silence_id,
        matchers=orjson.loads(row.matchers),
        starts_at=from_micros(row.starts_at),
        ends_at=from_micros(row.ends_at),
        created_by=row.created_by,
        comment=row.comment,
        created_at=from_micros(row.created_at),
        expired_at=None if row.expired_at is None else from_micros(row.expired_at),
        expired_by=row.expired_by,
    )
