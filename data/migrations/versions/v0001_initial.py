"""The first schema: models, references, predictions in blocks, labels as events, reports, alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Micros = sa.BigInteger
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create every table of version 0.1."""
    _create_models()
    _create_log()
    _create_labels()
    _create_findings()


def _create_models() -> None:
    op.create_table(
        "models",
        sa.Column("model_id", Key, primary_key=True),
        sa.Column("name", Text, nullable=False),
        sa.Column("version", Text, nullable=False),
        sa.Column("environment", Text, nullable=False),
        sa.Column("task", Text, nullable=False),
        sa.Column("created_at", Micros, nullable=False),
        sa.UniqueConstraint("name", "version", "environment"),
    )
    op.create_table(
        "classes",
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("code", sa.Integer, nullable=False),
        sa.Column("value", Text, nullable=False),
        sa.PrimaryKeyConstraint("model_id", "code"),
        sa.UniqueConstraint("model_id", "value"),
    )
    op.create_table(
        "feature_schemas",
        sa.Column("schema_id", Key, primary_key=True),
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("digest", Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("model_id", "digest"),
    )
    op.create_table(
        "model_references",
        sa.Column("reference_id", Key, primary_key=True),
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("schema_id", Key, sa.ForeignKey("feature_schemas.schema_id"), nullable=False),
        sa.Column("promoted_at", Micros, nullable=False),
        sa.Column("n_rows", sa.Integer, nullable=False),
        sa.Column("labels", sa.LargeBinary, nullable=False),
        sa.Column("checksum", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )


def _create_log() -> None:
    op.create_table(
        "batches",
        sa.Column("batch_key", Key, primary_key=True),
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("batch_id", Text, nullable=False),
        sa.Column("first_at", Micros, nullable=False),
        sa.Column("last_at", Micros, nullable=False),
        sa.Column("n_predictions", sa.Integer, nullable=False),
        sa.Column("n_labels", sa.Integer, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.UniqueConstraint("model_id", "batch_id"),
    )
    op.create_index("batches_in_time", "batches", ["model_id", "first_at"])
    op.create_table(
        "blocks",
        sa.Column("block_id", Key, primary_key=True),
        sa.Column("batch_key", Key, sa.ForeignKey("batches.batch_key"), nullable=False),
        sa.Column("schema_id", Key, sa.ForeignKey("feature_schemas.schema_id"), nullable=False),
        sa.Column("n_rows", sa.Integer, nullable=False),
        sa.Column("received_at", Micros, nullable=False),
        sa.Column("checksum", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_blocks_batch_key", "blocks", ["batch_key"])
    op.create_table(
        "predictions",
        sa.Column("model_id", Key, nullable=False),
        sa.Column("prediction_id", Text, nullable=False),
        sa.Column("block_id", Key, nullable=False),
        sa.Column("block_row", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("model_id", "prediction_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quarantine",
        sa.Column("quarantine_id", Key, primary_key=True),
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("batch_id", Text, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.Column("payload", Text, nullable=False),
        sa.Column("received_at", Micros, nullable=False),
    )
    op.create_index("ix_quarantine_model_id", "quarantine", ["model_id"])


def _create_labels() -> None:
    op.create_table(
        "labels",
        sa.Column("event_id", Key, primary_key=True),
        sa.Column("block_id", Key, sa.ForeignKey("blocks.block_id"), nullable=False),
        sa.Column("block_row", sa.Integer, nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("observed_at", Micros, nullable=False),
        sa.Column("received_at", Micros, nullable=False),
        sa.Column("source", Text, nullable=False),
    )
    op.create_index("labels_of_block", "labels", ["block_id", "block_row"])
    op.create_table(
        "orphan_labels",
        sa.Column("orphan_id", Key, primary_key=True),
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("prediction_id", Text, nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("observed_at", Micros, nullable=False),
        sa.Column("received_at", Micros, nullable=False),
        sa.Column("source", Text, nullable=False),
    )
    op.create_index("orphans_by_prediction", "orphan_labels", ["model_id", "prediction_id"])


def _create_findings() -> None:
    op.create_table(
        "monitor_reports",
        sa.Column("report_id", Key, primary_key=True),
        sa.Column("batch_key", Key, sa.ForeignKey("batches.batch_key"), nullable=False),
        sa.Column("monitor", Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("n_predictions", sa.Integer, nullable=False),
        sa.Column("reference_id", Key, sa.ForeignKey("model_references.reference_id"), nullable=False),
        sa.Column("verdict", Text, nullable=False),
        sa.Column("payload", Text, nullable=False),
        sa.Column("created_at", Micros, nullable=False),
        sa.UniqueConstraint("batch_key", "monitor", "revision"),
    )
    op.create_table(
        "alerts",
        sa.Column("alert_id", Key, primary_key=True),
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("batch_key", Key, sa.ForeignKey("batches.batch_key"), nullable=False),
        sa.Column("fingerprint", Text, nullable=False),
        sa.Column("rule", Text, nullable=False),
        sa.Column("subject", Text, nullable=False),
        sa.Column("severity", Text, nullable=False),
        sa.Column("message", Text, nullable=False),
        sa.Column("channel", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", Micros, nullable=False),
        sa.Column("created_at", Micros, nullable=False),
        sa.Column("finished_at", Micros),
    )
    op.create_index("alerts_by_fingerprint", "alerts", ["fingerprint", "channel", "created_at"])
    op.create_index("alerts_by_state", "alerts", ["state", "not_before"])
    op.create_index("alerts_in_time", "alerts", ["model_id", "created_at"])
    op.create_table(
        "schema_events",
        sa.Column("event_id", Key, primary_key=True),
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("batch_key", Key, sa.ForeignKey("batches.batch_key")),
        sa.Column("feature", Text, nullable=False),
        sa.Column("change", Text, nullable=False),
        sa.Column("expected", Text, nullable=False),
        sa.Column("found", Text, nullable=False),
        sa.Column("coverage", sa.Double, nullable=False),
        sa.Column("seen_at", Micros, nullable=False),
    )
    op.create_index("ix_schema_events_model_id", "schema_events", ["model_id"])
