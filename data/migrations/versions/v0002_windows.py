"""Look-back windows: what is kept of each judged batch, and when a report is to be looked at again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table of profiles, and a time to reports; what is stored stays as it is."""
    op.create_table(
        "profiles",
        sa.Column("batch_key", Key, sa.ForeignKey("batches.batch_key"), primary_key=True, autoincrement=False),
        sa.Column("reference_id", Key, sa.ForeignKey("model_references.reference_id"), nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("layout", Text, nullable=False),
        sa.Column("checksum", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.add_column("monitor_reports", sa.Column("look_again_at", sa.BigInteger))
