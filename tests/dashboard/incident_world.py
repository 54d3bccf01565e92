"""Incidents, messages, silences and feedback in a log, made by hand: what the Alerts page is to show."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, update

from driftboard.alerts.facts import facts_of, facts_to_json
from driftboard.data import Store, tables
from driftboard.data.catalog import Model
from driftboard.data.heartbeats import beat
from driftboard.data.incident import Incident, IncidentState
from driftboard.data.incidents import IncidentEvent, add_events, insert_incident
from driftboard.data.outbox import NewNotification, enqueue, told_of
from driftboard.data.silences import Silence, add_silence
from driftboard.data.times import to_micros
from tests.alerts.incidents import affected, incident

HOUR = timedelta(hours=1)
LONG_AGO = datetime(2013, 3, 4, tzinfo=UTC)
"""When the log made by hand begins to drift."""


def now() -> datetime:
    """The present second: acts and silences are measured by the clock."""
    return datetime.now(UTC).replace(microsecond=0)


def add_incident(connection: Connection, model: Model | None, **changes: object) -> Incident:
    """Store an incident of a model (None: of driftboard itself), opened two hours ago."""
    at = now() - 2 * HOUR
    values = {
        "incident_id": 0,
        "fingerprint": f"by hand: {changes.get('rule', 'feature_drift')} {changes.get('subject', '')}",
        "model_id": None if model is None else model.model_id,
        "model": None if model is None else model.key,
        "batch_key": None,
        "batch_id": "5",
        "since": "3",
        "since_at": LONG_AGO,
        "opened_at": at,
        "changed_at": at,
    }
    stored = insert_incident(connection, incident(**(values | changes)))
    add_events(connection, stored.incident_id, [IncidentEvent(stored.opened_at, "opened", detail=stored.message)])
    return stored


def add_message(connection: Connection, about: Incident, *, channel: str, state: str, **changes: object) -> None:
    """Store a message about an incident, finished a minute after it opened unless it is queued."""
    kind = str(changes.get("kind", "fire"))
    at = about.opened_at
    enqueue(
        connection,
        [
            NewNotification(
                incident_id=about.incident_id,
                fingerprint=about.fingerprint,
                model=str(about.model or ""),
                kind=kind,
                step=0,
                channel=channel,
                severity=about.severity,
                payload=facts_to_json(facts_of(about, kind)),
                not_before=at,
                created_at=at,
            )
        ],
    )
    n = tables.notifications
    finished = None if state == "queued" else to_micros(at + timedelta(minutes=1))
    values = {"state": state, "finished_at": finished, "reason": "", "attempts": 1} | changes
    mine = (n.c.incident_id == about.incident_id, n.c.channel == channel, n.c.kind == kind)
    connection.execute(update(n).where(*mine).values(**values))


def add_incidents(store: Store, model: Model, *, attack: str = "") -> list[Incident]:
    """Add three open incidents, one that is over, one of driftboard itself, with messages; return them."""
    with store.write() as connection:
        found = [
            add_incident(connection, model, **_drift(attack)),
            add_incident(connection, model, **_shift(attack)),
            add_incident(connection, model, **_missing(attack)),
            add_incident(connection, model, **_decay()),
            add_incident(connection, None, **_own(attack)),
        ]
        add_message(connection, found[0], channel="team", state="delivered")
        add_message(connection, found[0], channel="mail", state="dead", reason=f"550 no such user {attack}")
        add_message(connection, found[0], channel="team", state="suppressed", kind="reminder", reason="acknowledged")
        add_message(connection, found[1], channel="team", state="queued")
        add_message(connection, found[3], channel="team", state="dry_run")
        _attempts(connection, found[0], attack)
        _surroundings(connection, attack)
    return found


def _drift(attack: str) -> dict[str, object]:
    """Five features that drift, in nobody's hands."""
    moved = f"`{attack or 'age'}` moved: PSI 0.31, less than 1 chance in a billion of that by luck"
    names = ["age", "plan", "income", "city", "tenure"]
    ranked = tuple(
        affected(f"{attack}{name}", message=moved, weight=5.0 - at, since=attack or "3", since_at=LONG_AGO)
        for at, name in enumerate(names)
    )
    return {"affected": ranked, "windows": 3, "since": attack or "3", "batch_id": attack or "5"}


def _shift(attack: str) -> dict[str, object]:
    """A class that shifts, in somebody's hands, its last window clear."""
    return {
        "rule": "label_shift",
        "severity": "warning",
        "worst": "warning",
        "affected": (affected("leave", severity="warning", message="`leave` rose by 12 points", weight=1.2),),
        "state": IncidentState.RECOVERING,
        "acked_by": attack or "Ada",
        "acked_at": now() - HOUR,
        "ack_until": now() + 11 * HOUR,
    }


def _missing(attack: str) -> dict[str, object]:
    """Something worth knowing that comes and goes, snoozed."""
    return {
        "rule": "missing_values",
        "severity": "info",
        "worst": "info",
        "affected": (affected("plan", severity="info", message="`plan` is missing in 4 % of rows", weight=0.4),),
        "snoozed_by": attack or "Bob",
        "snoozed_until": now() + HOUR,
        "flapping": True,
    }


def _decay() -> dict[str, object]:
    """The second episode of a decay, over, and useful to know."""
    return {
        "rule": "performance_decay",
        "affected": (affected("", message="accuracy fell from 91 % to 78 %"),),
        "state": IncidentState.RESOLVED,
        "resolved_at": now() - HOUR,
        "resolution": "recovered",
        "feedback": "useful",
        "feedback_by": "Ada",
        "episode": 2,
    }


def _own(attack: str) -> dict[str, object]:
    """A broken channel."""
    name = attack or "team"
    return {
        "rule": "channel_broken",
        "subject": name,
        "severity": "warning",
        "affected": (affected("", severity="warning", message=f"{name}: invalid_token"),),
        "batch_id": "",
        "since": "",
    }


def _attempts(connection: Connection, about: Incident, attack: str) -> None:
    """The two attempts that the message by mail was given up after."""
    a, at = tables.delivery_attempts, to_micros(about.opened_at + timedelta(seconds=5))
    mailed = next(
        each for each in told_of(connection, [about.incident_id])[about.incident_id] if each.channel == "mail"
    )
    values = {"notification_id": mailed.notification_id, "owner": "me", "started_at": at, "finished_at": at + 1}
    rows = [
        {"n": 1, "outcome": "retry", "status": 451, "detail": "greylisted"},
        {"n": 2, "outcome": "permanent", "status": 550, "detail": f"no such user {attack}"},
    ]
    connection.execute(a.insert(), [values | row for row in rows])


def _surroundings(connection: Connection, attack: str) -> None:
    silence = Silence(
        matchers={"model": "drifting", "subject": attack or "plan"},
        starts_at=now() - HOUR,
        ends_at=now() + HOUR,
        created_by=attack or "Ada",
        comment=attack or "the plans are being renamed",
        created_at=now() - HOUR,
    )
    add_silence(connection, silence)
    add_silence(connection, replace(silence, ends_at=now() - HOUR / 2, comment="it has ended"))
    beat(connection, "worker", interval_seconds=60, now=now())
    beat(connection, "dispatcher:one", interval_seconds=1, now=now() - HOUR)
    state = {"channel": "mail", "blocked_until": 0, "next_at": 0, "failures": 2, "status": "broken"}
    reason = {"reason": f"550 no such user {attack}", "changed_at": to_micros(now() - HOUR)}
    connection.execute(tables.channel_states.insert(), [state | reason])
