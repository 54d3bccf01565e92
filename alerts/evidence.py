"""The evidence of an incident: everything that was known of it, as one record that can be checked years later.

A record is canonical JSON (sorted keys), chained to the one before it in the log. The file holds it in a form that is
given by its content to the last byte, so a flipped one is found.
"""

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from typing import Any

import orjson
from pydantic import SecretStr
from sqlalchemy import Connection

from driftboard.alerts.chart import chart_svg
from driftboard.alerts.evidence_windows import quote_windows
from driftboard.alerts.rules import rule_named
from driftboard.alerts.series import series_of
from driftboard.config import Settings
from driftboard.data.evidence_log import EvidenceRecord, append_evidence
from driftboard.data.incident import Incident
from driftboard.data.incidents import events_of, find_incident
from driftboard.data.outbox import attempts_of, told_of
from driftboard.data.store import Store
from driftboard.errors import StoreError

FORMAT = "driftboard evidence 1"
MASK = "***"

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
_LEASE = ("lease_owner", "lease_until", "payload")


def record_evidence(store: Store, incident_id: int, settings: Settings, *, now: datetime) -> EvidenceRecord:
    """Collect what is known of an incident now, and append it to the chain.

    Raises
    ------
    UnknownIncident
        There is none of this id.
    """
    with store.read() as connection:
        payload = canonical(collect(connection, incident_id, settings, now=now))
    with store.write() as connection:
        return append_evidence(connection, incident_id, payload, now=now)


def collect(connection: Connection, incident_id: int, settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Return everything that is known of an incident: what a record holds."""
    incident = find_incident(connection, incident_id)
    series = series_of(connection, incident)
    return {
        "format": FORMAT,
        "created_at": now,
        "software": _software(),
        "incident": asdict(incident),
        "title": rule_named(incident.rule).title,
        "events": [asdict(each) for each in events_of(connection, incident_id)],
        "notifications": _notifications(connection, incident),
        **quote_windows(connection, incident, settings.monitors),
        "series": None if series is None else asdict(series),
        "chart": None if series is None else chart_svg(series),
        "settings": quote_settings(settings),
    }


def canonical(value: Any) -> str:
    """Return JSON that is given by what it says: sorted keys, no spaces, times in ISO 8601.

    >>> canonical({"b": 1.0, "a": (1, None)})
    '{"a":[1,null],"b":1.0}'
    """
    return orjson.dumps(value, option=_SORTED).decode()


def quote_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings in force for monitors and alerts, without secrets, and their digest (the config hash)."""
    quoted = {
        "monitors": _without_secrets(settings.monitors.model_dump()),
        "alerts": _without_secrets(settings.alerts.model_dump()),
    }
    return quoted | {"digest": hashlib.sha256(canonical(quoted).encode()).hexdigest()}


def to_file(record: EvidenceRecord) -> bytes:
    """Return what is written to disk: the record with its place in the chain, indented for people."""
    envelope = {
        "evidence_id": record.evidence_id,
        "incident_id": record.incident_id,
        "previous": record.previous,
        "digest": record.digest,
        "created_at": record.created_at,
        "record": orjson.loads(record.payload),
    }
    return orjson.dumps(envelope, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def from_file(content: bytes) -> EvidenceRecord:
    """Return the record that a file holds; whether it is true is `evidence_check`'s to say.

    Raises
    ------
    StoreError
        The bytes are no evidence file.
    """
    try:
        given = orjson.loads(content)
        return EvidenceRecord(
            int(given["evidence_id"]),
            int(given["incident_id"]),
            datetime.fromisoformat(given["created_at"]),
            str(given["previous"]),
            str(given["digest"]),
            canonical(given["record"]),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise StoreError("this is no evidence file: name one that `driftboard alerts evidence` wrote") from None


def _software() -> dict[str, str]:
    libraries = {name: version(name) for name in ("driftboard", "numpy", "scipy")}
    return libraries | {"python": platform.python_version()}


def _notifications(connection: Connection, incident: Incident) -> list[dict[str, Any]]:
    """Each with its attempts; details were redacted before they were stored."""
    told = told_of(connection, [incident.incident_id]).get(incident.incident_id, ())
    attempts = [asdict(each) for each in attempts_of(connection, [each.notification_id for each in told])]
    return [
        {name: value for name, value in asdict(each).items() if name not in _LEASE}
        | {"attempts_made": [one for one in attempts if one["notification_id"] == each.notification_id]}
        for each in told
    ]


def _without_secrets(value: Any) -> Any:
    """Plain values: a secret as asterisks, times of day and lengths of time as text."""
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, Mapping):
        return {str(name): _without_secrets(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)
