"""Incidents: problems with a life cycle, an outbox of notifications, and what came of each attempt."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Micros = sa.BigInteger


def upgrade() -> None:
    """Add the tables of incidents; alerts of the old log become incidents that are over."""
    _add_incidents()
    _add_outbox()
    _add_watch()
    _add_indexes()
    _keep_history(op.get_bind())
    op.drop_table("alerts")


def _add_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("incident_id", Key, primary_key=True),
        sa.Column("fingerprint", Text, nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id")),
        sa.Column("rule", Text, nullable=False),
        sa.Column("subject", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("severity", Text, nullable=False),
        sa.Column("payload", Text, nullable=False),
        sa.Column("opened_at", Micros, nullable=False),
        sa.Column("resolved_at", Micros),
        sa.Column("feedback", Text, nullable=False),
        sa.Column("wake_at", Micros),
        sa.UniqueConstraint("fingerprint", "model_id", "episode"),
    )
    op.create_table(
        "alert_memories",
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("fingerprint", Text, nullable=False),
        sa.Column("payload", Text, nullable=False),
        sa.PrimaryKeyConstraint("model_id", "fingerprint"),
    )
    op.create_table(
        "incident_events",
        sa.Column("event_id", Key, primary_key=True),
        sa.Column("incident_id", Key, sa.ForeignKey("incidents.incident_id"), nullable=False),
        sa.Column("at", Micros, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("actor", Text, nullable=False),
        sa.Column("detail", Text, nullable=False),
    )
    op.create_table(
        "silences",
        sa.Column("silence_id", Key, primary_key=True),
        sa.Column("matchers", Text, nullable=False),
        sa.Column("starts_at", Micros, nullable=False),
        sa.Column("ends_at", Micros, nullable=False),
        sa.Column("created_by", Text, nullable=False),
        sa.Column("comment", Text, nullable=False),
        sa.Column("created_at", Micros, nullable=False),
        sa.Column("expired_at", Micros),
        sa.Column("expired_by", Text, nullable=False),
    )


def _add_outbox() -> None:
    op.create_table(
        "notifications",
        sa.Column("notification_id", Key, primary_key=True),
        sa.Column("incident_id", Key, sa.ForeignKey("incidents.incident_id")),
        sa.Column("fingerprint", Text, nullable=False),
        sa.Column("model", Text, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("channel", Text, nullable=False),
        sa.Column("severity", Text, nullable=False),
        sa.Column("payload", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", Micros, nullable=False),
        sa.Column("lease_owner", Text, nullable=False),
        sa.Column("lease_until", Micros, nullable=False),
        sa.Column("created_at", Micros, nullable=False),
        sa.Column("finished_at", Micros),
        sa.Column("provider_ref", Text, nullable=False),
        sa.UniqueConstraint("incident_id", "kind", "step", "channel"),
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("notification_id", Key, sa.ForeignKey("notifications.notification_id"), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("owner", Text, nullable=False),
        sa.Column("started_at", Micros, nullable=False),
        sa.Column("finished_at", Micros),
        sa.Column("outcome", Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("detail", Text, nullable=False),
        sa.PrimaryKeyConstraint("notification_id", "n"),
    )


def _add_watch() -> None:
    op.create_table(
        "channel_states",
        sa.Column("channel", Text, primary_key=True),
        sa.Column("blocked_until", Micros, nullable=False),
        sa.Column("next_at", Micros, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("status", Text, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.Column("changed_at", Micros, nullable=False),
    )
    op.create_table(
        "heartbeats",
        sa.Column("component", Text, primary_key=True),
        sa.Column("at", Micros, nullable=False),
        sa.Column("interval_seconds", sa.Double, nullable=False),
        sa.Column("host", Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
    )
    op.create_table(
        "evidence_records",
        sa.Column("evidence_id", Key, primary_key=True),
        sa.Column("incident_id", Key, sa.ForeignKey("incidents.incident_id"), nullable=False),
        sa.Column("created_at", Micros, nullable=False),
        sa.Column("previous", Text, nullable=False),
        sa.Column("digest", Text, nullable=False),
        sa.Column("payload", Text, nullable=False),
    )


def _add_indexes() -> None:
    op.create_index("incidents_by_state", "incidents", ["state"])
    op.create_index("incidents_to_wake", "incidents", ["wake_at"])
    op.create_index("incidents_in_time", "incidents", ["model_id", "opened_at"])
    op.create_index("ix_incident_events_incident_id", "incident_events", ["incident_id"])
    op.create_index("ix_notifications_incident_id", "notifications", ["incident_id"])
    op.create_index("notifications_by_state", "notifications", ["state", "channel", "not_before"])
    op.create_index("notifications_in_time", "notifications", ["created_at"])
    op.create_index("ix_evidence_records_incident_id", "evidence_records", ["incident_id"])


def _keep_history(connection: sa.Connection) -> None:
    """Make of each problem in the old log an incident that is over, and of each alert a notification."""
    rows = connection.execute(
        sa.text(
            "SELECT a.*, m.name, m.version, m.environment, b.batch_id, b.n_predictions FROM alerts a"
            " JOIN models m ON m.model_id = a.model_id JOIN batches b ON b.batch_key = a.batch_key"
            " ORDER BY a.fingerprint, a.model_id, a.alert_id"
        )
    )
    for _, group in groupby(rows, key=lambda row: (row.fingerprint, row.model_id)):
        alerts = list(group)
        incident_id = _insert(connection, "incidents", "incident_id", _incident(alerts))
        for values in _notifications(alerts, incident_id):
            _insert(connection, "notifications", "notification_id", values)


def _incident(alerts: list[Any]) -> dict[str, Any]:
    first, last = alerts[0], alerts[-1]
    part = {"subject": last.subject, "severity": last.severity, "message": last.message, "weight": 0.0}
    rest = {
        "worst": last.severity,
        "affected": [{**part, "since": first.batch_id, "since_at": _iso(first.created_at), "recovering": False}],
        "batch_key": last.batch_key,
        "batch_id": last.batch_id,
        "rows": last.n_predictions,
        "since": first.batch_id,
        "since_at": _iso(first.created_at),
        "windows": len({alert.batch_key for alert in alerts}),
        "changed_at": _iso(last.created_at),
        "resolution": "kept from before there were incidents",
        "flapping": False,
        **dict.fromkeys(("acked_by", "snoozed_by", "feedback_by"), ""),
        **dict.fromkeys(("acked_at", "ack_until", "snoozed_until")),
    }
    return {
        "fingerprint": last.fingerprint,
        "episode": 0,
        "model_id": last.model_id,
        "rule": last.rule,
        "subject": last.subject,
        "state": "resolved",
        "severity": last.severity,
        "payload": orjson.dumps(rest).decode(),
        "opened_at": first.created_at,
        "resolved_at": last.created_at,
        "feedback": "",
    }


def _notifications(alerts: list[Any], incident_id: int) -> Iterator[dict[str, Any]]:
    """Yield what each alert told, by channel; what nobody was to be told of is in the incident alone."""
    steps: dict[str, int] = {}
    states = {"failed": "dead", "queued": "superseded"}
    for alert in alerts:
        if alert.state == "logged":
            continue
        steps[alert.channel] = steps.get(alert.channel, -1) + 1
        yield {
            "incident_id": incident_id,
            "fingerprint": alert.fingerprint,
            "model": f"{alert.name}:{alert.version}@{alert.environment}",
            "kind": "fire",
            "step": steps[alert.channel],
            "channel": alert.channel,
            "severity": alert.severity,
            "payload": "{}",
            "state": states.get(alert.state, alert.state),
            "reason": alert.reason,
            "attempts": alert.attempts,
            "not_before": alert.not_before,
            "lease_owner": "",
            "lease_until": 0,
            "created_at": alert.created_at,
            "finished_at": alert.finished_at or alert.created_at,
            "provider_ref": "",
        }


def _insert(connection: sa.Connection, table: str, key: str, values: dict[str, Any]) -> int:
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in (key, *values)]
    statement: sa.Insert = sa.insert(sa.table(table, *columns)).values(values)
    found: Any = connection.execute(statement.returning(sa.column(key)))
    return int(found.scalar_one())


def _iso(micros: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).isoformat()
