"""Events that come in two parts, a request and its response: the first part waits here for the other."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, select, text

from driftboard.data import tables
from driftboard.data.times import to_micros
from driftboard.data.values import storable

Part = Literal["request", "response"]

KEPT = timedelta(hours=1)
"""How long a part waits for the other; a service that logs only one of the two fills the log no further."""

MOST = 5_000
"""So many parts may wait; beyond them the oldest are forgotten."""

_OTHER: dict[Part, Part] = {"request": "response", "response": "request"}
_e = tables.half_events.c
_PUT = text(
    "INSERT INTO half_events (event_id, part, payload, received_at) VALUES (:event_id, :part, :payload, :at) "
    "ON CONFLICT (event_id, part) DO UPDATE SET payload = excluded.payload, received_at = excluded.received_at"
)


def put_half(connection: Connection, event_id: str, part: Part, payload: str, *, now: datetime) -> None:
    """Keep one part of an event until the other is there; one that is there already is replaced.

    Parameters
    ----------
    connection
        Inside a write transaction.
    payload
        JSON, as `find_other` is to return it; what may not be stored has been taken out of it.
    """
    values = {"event_id": storable(event_id), "part": part, "payload": storable(payload), "at": to_micros(now)}
    connection.execute(_PUT, values)


def find_other(connection: Connection, event_id: str, part: Part) -> str | None:
    """Return what the other part said; None when it is not there yet."""
    mine = (_e.event_id == storable(event_id), _e.part == _OTHER[part])
    payload: str | None = connection.execute(select(_e.payload).where(*mine)).scalar_one_or_none()
    return payload


def drop_halves(connection: Connection, event_id: str) -> None:
    """Keep neither part any longer: what they say together is in the log."""
    connection.execute(delete(tables.half_events).where(_e.event_id == storable(event_id)))


def forget_halves(connection: Connection, *, now: datetime, most: int = MOST) -> None:
    """Forget what waited in vain for an hour, and the oldest parts beyond as many as may wait."""
    beyond = select(_e.received_at).order_by(_e.received_at.desc()).offset(most).limit(1)
    newest_beyond = connection.execute(beyond).scalar_one_or_none()
    end = to_micros(now - KEPT)
    last = end if newest_beyond is None else max(end, int(newest_beyond))
    connection.execute(delete(tables.half_events).where(_e.received_at <= last))
