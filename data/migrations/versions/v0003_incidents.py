"""Incidents: problems with a life cycle, an outbox of notifications, and what came of each attempt."""

from collections.abc import Iterable
from itertools import count

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
    )
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
    op.create_index("incidents_by_state", "incidents", ["state"])
    op.create_index("incidents_to_wake", "incidents", ["wake_at"])
    op.create_index("incidents_in_time", "incidents", ["model_id", "opened_at"])
    op.create_index("ix_incident_events_incident_id", "incident_events", ["incident_id"])
    op.create_index("ix_notifications_incident_id", "notifications", ["incident_id"])
    op.create_index("notifications_by_state", "notifications", ["state", "channel", "not_before"])
    op.create_index("notifications_in_time", "notifications", ["created_at"])
    op.create_index("ix_evidence_records_incident_id", "evidence_records", ["incident_id"])
    _keep_history(op.get_bind())
    op.drop_table("alerts")
