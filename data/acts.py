"""What people did to incidents, as the audit has it: read back, so that a backtest can repeat it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from driftboard.data import tables
from driftboard.data.incidents import IncidentEvent
from driftboard.data.times import from_micros, to_micros


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody did to the incident of a problem; `model_id` is None for driftboard's own."""

    model_id: int | None
    fingerprint: str
    episode: int
    event: IncidentEvent


def acts(
    connection: Connection, *, model_ids: Sequence[int] | None = None, until: datetime | None = None
) -> tuple[Act, ...]:
    """Return what people did, in the order in which they did it.

    Parameters
    ----------
    model_ids
        Only to incidents of these models.
    until
        Only what was done before.
    """
    e, i = tables.incident_events.c, tables.incidents.c
    query = select(e.at, e.kind, e.actor, e.detail, i.model_id, i.fingerprint, i.episode)
    query = query.join(tables.incidents).where(e.actor != "").order_by(e.at, e.event_id)
    if model_ids is not None:
        query = query.where(i.model_id.in_(model_ids))
    if until is not None:
        query = query.where(e.at < to_micros(until))
    return tuple(
        Act(row.model_id, row.fingerprint, row.episode, _event(row.at, row.kind, row.actor, row.detail))
        for row in connection.execute(query)
    )


def _event(at: int, kind: str, actor: str, detail: str) -> IncidentEvent:
    return IncidentEvent(from_micros(at), kind, actor, detail)
