"""Evidence records: append-only, each chained to the one before, so that none is changed or taken out unseen."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from driftboard.data import tables
from driftboard.data.backend import hold_alert_queue
from driftboard.data.catalog import new_key
from driftboard.data.times import from_micros, to_micros
from driftboard.data.values import storable
from driftboard.errors import UnknownIncident

_e = tables.evidence_records.c


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """One record as it is stored.

    Attributes
    ----------
    previous
        Digest of the record before; empty for the first.
    digest
        SHA-256 of `previous` and payload, hexadecimal.
    payload
        What is recorded, as canonical JSON.
    """

    evidence_id: int
    incident_id: int
    created_at: datetime
    previous: str
    digest: str
    payload: str


def digest_of(previous: str, payload: str) -> str:
    """Return the digest of a record.

    >>> digest_of("", "{}")[:8]
    '44136fa3'
    """
    return hashlib.sha256(f"{previous}{payload}".encode()).hexdigest()


def append_evidence(connection: Connection, incident_id: int, payload: str, *, now: datetime) -> EvidenceRecord:
    """Store a record at the end of the chain; of two writers the second waits, so the chain has one end.

    Parameters
    ----------
    connection
        From `Store.write`.
    """
    hold_alert_queue(connection)
    newest = select(_e.digest).order_by(_e.evidence_id.desc()).limit(1)
    previous = connection.execute(newest).scalar_one_or_none() or ""
    text = storable(payload)
    values = {"incident_id": incident_id, "created_at": to_micros(now), "previous": previous, "payload": text}
    digest = digest_of(previous, text)
    stored = connection.execute(insert(tables.evidence_records).values(**values, digest=digest))
    return EvidenceRecord(new_key(stored), incident_id, now, previous, digest, text)


def find_evidence(connection: Connection, evidence_id: int) -> EvidenceRecord | None:
    """Return the record of that id, or None."""
    row = connection.execute(select(tables.evidence_records).where(_e.evidence_id == evidence_id)).one_or_none()
    return None if row is None else _record(row)


def evidence_of(connection: Connection, incident_id: int) -> tuple[EvidenceRecord, ...]:
    """Return the records of an incident, oldest first.

    Raises
    ------
    UnknownIncident
        There is none yet.
    """
    query = select(tables.evidence_records).where(_e.incident_id == incident_id).order_by(_e.evidence_id)
    found = tuple(map(_record, connection.execute(query)))
    if not found:
        raise UnknownIncident(
            f"no evidence of incident {incident_id} was recorded: do so with `driftboard alerts evidence {incident_id}`"
        )
    return found


def all_evidence(connection: Connection) -> Iterator[EvidenceRecord]:
    """Yield every record, oldest first; one is in memory at a time."""
    for evidence_id in connection.execute(select(_e.evidence_id).order_by(_e.evidence_id)).scalars().all():
        yield _record(connection.execute(select(tables.evidence_records).where(_e.evidence_id == evidence_id)).one())


def broken_links(connection: Connection) -> Iterator[str]:
    """Yield one line on each record that is not what was written, or does not follow the one before it."""
    previous = ""
    for record in all_evidence(connection):
        if record.previous != previous:
            yield f"record {record.evidence_id} does not follow the one before it: one was changed, added or taken out"
        if digest_of(record.previous, record.payload) != record.digest:
            yield f"record {record.evidence_id} was changed: its digest does not match"
        previous = record.digest


def _record(row: Row[tuple[Any, ...]]) -> EvidenceRecord:
    at = from_micros(row.created_at)
    return EvidenceRecord(row.evidence_id, row.incident_id, at, row.previous, row.digest, row.payload)
