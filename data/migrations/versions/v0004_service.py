"""The service side: counts of requests and predictions, processes, keys, the queue of what is to be reviewed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Micros = sa.BigInteger


def upgrade() -> None:
    """Add the tables; they begin empty: what was logged before is in the log, and not counted again."""
    _add_counts()
    _add_ingest()
    _add_review()


def _add_counts() -> None:
    op.create_table(
        "service_counts",
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("source", Text, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("start", Micros, nullable=False),
        sa.Column("payload", Text, nullable=False),
        sa.PrimaryKeyConstraint("model_id", "source", "seconds", "start"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "process_samples",
        sa.Column("sample_id", Key, primary_key=True),
        sa.Column("process", Text, nullable=False),
        sa.Column("at", Micros, nullable=False),
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id")),
        sa.Column("component", Text, nullable=False),
        sa.Column("payload", Text, nullable=False),
    )
    op.create_index("process_samples_in_time", "process_samples", ["at"])


def _add_ingest() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key_id", Text, primary_key=True),
        sa.Column("name", Text, nullable=False),
        sa.Column("digest", Text, nullable=False),
        sa.Column("scopes", Text, nullable=False),
        sa.Column("created_at", Micros, nullable=False),
        sa.Column("expires_at", Micros),
        sa.Column("revoked_at", Micros),
    )
    op.create_table(
        "half_events",
        sa.Column("event_id", Text, nullable=False),
        sa.Column("part", Text, nullable=False),
        sa.Column("payload", Text, nullable=False),
        sa.Column("received_at", Micros, nullable=False),
        sa.PrimaryKeyConstraint("event_id", "part"),
    )
    op.create_index("half_events_in_time", "half_events", ["received_at"])


def _add_review() -> None:
    op.create_table(
        "review_queue",
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("prediction_id", Text, nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("predicted_at", Micros, nullable=False),
        sa.Column("predicted", sa.Double, nullable=False),
        sa.Column("queued_at", Micros, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("decided_by", Text, nullable=False),
        sa.Column("decided_at", Micros),
        sa.PrimaryKeyConstraint("model_id", "prediction_id"),
    )
    op.create_index("review_by_state", "review_queue", ["model_id", "state", "predicted_at"])
    op.create_table(
        "review_progress",
        sa.Column("model_id", Key, sa.ForeignKey("models.model_id"), primary_key=True, autoincrement=False),
        sa.Column("block_id", Key, nullable=False),
    )
