"""The tables, described once for SQLite and PostgreSQL.

Times are integers: microseconds since 1970 UTC. JSON is text written by orjson, so it is always valid.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy import Text as AnyText

metadata = MetaData()

Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite's rowid must be declared INTEGER
Micros = BigInteger
Text = AnyText().with_variant(AnyText(collation="C"), "postgresql")  # ordered as in SQLite: by code point

models = Table(
    "models",
    metadata,
    Column("model_id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("created_at", Micros, nullable=False),
    UniqueConstraint("name", "version", "environment"),
)

classes = Table(  # class code -> class, append-only: a class never seen before gets the next code
    "classes",
    metadata,
    Column("model_id", Key, ForeignKey("models.model_id"), nullable=False),
    Column("code", Integer, nullable=False),
    Column("value", Text, nullable=False),  # the class as JSON: "late", 2, true
    PrimaryKeyConstraint("model_id", "code"),
    UniqueConstraint("model_id", "value"),
)

feature_schemas = Table(  # the Arrow schema of blocks, kept once instead of in every block
    "feature_schemas",
    metadata,
    Column("schema_id", Key, primary_key=True),
    Column("model_id", Key, ForeignKey("models.model_id"), nullable=False),
    Column("digest", Text, nullable=False),  # SHA-256 of the payload, which is too long for an index
    Column("payload", LargeBinary, nullable=False),
    UniqueConstraint("model_id", "digest"),
)

references = Table(  # frozen data that batches are compared with; the newest is in force
    "model_references",
    metadata,
    Column("reference_id", Key, primary_key=True),
    Column("model_id", Key, ForeignKey("models.model_id"), nullable=False),
    Column("schema_id", Key, ForeignKey("feature_schemas.schema_id"), nullable=False),
    Column("promoted_at", Micros, nullable=False),
    Column("n_rows", Integer, nullable=False),
    Column("labels", LargeBinary, nullable=False),  # float64, NaN where there is none
    Column("checksum", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

batches = Table(
    "batches",
    metadata,
    Column("batch_key", Key, primary_key=True),
    Column("model_id", Key, ForeignKey("models.model_id"), nullable=False),
    Column("batch_id", Text, nullable=False),
    Column("first_at", Micros, nullable=False),  # earliest and latest predicted_at
    Column("last_at", Micros, nullable=False),
    Column("n_predictions", Integer, nullable=False),
    Column("n_labels", Integer, nullable=False),  # predictions with a label
    Column("changes", Integer, nullable=False),  # grows with every write; a report names the change it saw
    UniqueConstraint("model_id", "batch_id"),
    Index("batches_in_time", "model_id", "first_at"),
)

blocks = Table(  # immutable: the columns of one write, as an Arrow record batch
    "blocks",
    metadata,
    Column("block_id", Key, primary_key=True),
    Column("batch_key", Key, ForeignKey("batches.batch_key"), nullable=False, index=True),
    Column("schema_id", Key, ForeignKey("feature_schemas.schema_id"), nullable=False),
    Column("n_rows", Integer, nullable=False),
    Column("received_at", Micros, nullable=False),
    Column("checksum", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

predictions = Table(  # identity of a prediction, and its place in a block
    "predictions",
    metadata,
    Column("model_id", Key, nullable=False),
    Column("prediction_id", Text, nullable=False),
    Column("block_id", Key, nullable=False),
    Column("block_row", Integer, nullable=False),
    PrimaryKeyConstraint("model_id", "prediction_id"),
    sqlite_with_rowid=False,
)

labels = Table(  # events: never edited, a correction is a newer event
    "labels",
    metadata,
    Column("event_id", Key, primary_key=True),
    Column("block_id", Key, ForeignKey("blocks.block_id"), nullable=False),
    Column("block_row", Integer, nullable=False),
    Column("value", Double, nullable=False),  # class code, or the value itself for regression
    Column("observed_at", Micros, nullable=False),
    Column("received_at", Micros, nullable=False),
    Column("source", Text, nullable=False),
    Index("labels_of_block", "block_id", "block_row"),
)

orphan_labels = Table(  # labels that came before their prediction; joined when it arrives
    "orphan_labels",
    metadata,
    Column("orphan_id", Key, primary_key=True),
    Column("model_id", Key, ForeignKey("models.model_id"), nullable=False),
    Column("prediction_id", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("observed_at", Micros, nullable=False),
    Column("received_at", Micros, nullable=False),
    Column("source", Text, nullable=False),
    Index("orphans_by_prediction", "model_id", "prediction_id"),
)

quarantine = Table(  # rows that could not be stored as given: why, and what they were
    "quarantine",
    metadata,
    Column("quarantine_id", Key, primary_key=True),
    Column("model_id", Key, ForeignKey("models.model_id"), nullable=False, index=True),
    Column("batch_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("received_at", Micros, nullable=False),
)

monitor_reports = Table(
    "monitor_reports",
    metadata,
    Column("report_id", Key, primary_key=True),
    Column("batch_key", Key, ForeignKey("batches.batch_key"), nullable=False),
    Column("monitor", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changes", Integer, nullable=False),  # the newest state of the batch that this report still says all of
    Column("n_predictions", Integer, nullable=False),
    Column("reference_id", Key, ForeignKey("model_references.reference_id"), nullable=False),
    Column("verdict", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("look_again_at", Micros),  # judge the batch again then, though nothing has changed
    UniqueConstraint("batch_key", "monitor", "revision"),
)

profiles = Table(  # counts of a judged batch, which look-back windows are added up from; no row, no id is in them
    "profiles",
    metadata,
    Column("batch_key", Key, ForeignKey("batches.batch_key"), primary_key=True, autoincrement=False),
    Column("reference_id", Key, ForeignKey("model_references.reference_id"), nullable=False),
    Column("changes", Integer, nullable=False),  # the batch's `changes` it counted
    Column("layout", Text, nullable=False),  # what was counted: profiles of two layouts do not add
    Column("checksum", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

alerts = Table(  # one row per alert and channel; written in the transaction of the report it comes from
    "alerts",
    metadata,
    Column("alert_id", Key, primary_key=True),
    Column("model_id", Key, ForeignKey("models.model_id"), nullable=False),
    Column("batch_key", Key, ForeignKey("batches.batch_key"), nullable=False),
    Column("fingerprint", Text, nullable=False),  # of rule, model, environment, subject: never batch, value or time
    Column("rule", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),  # logged, queued, delivered, dry_run, suppressed, failed
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Micros, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("finished_at", Micros),
    Index("alerts_by_fingerprint", "fingerprint", "channel", "created_at"),
    Index("alerts_by_state", "state", "not_before"),
    Index("alerts_in_time", "model_id", "created_at"),
)

schema_events = Table(  # features declared, and features that were new, missing or retyped: the first time
    "schema_events",
    metadata,
    Column("event_id", Key, primary_key=True),
    Column("model_id", Key, ForeignKey("models.model_id"), nullable=False, index=True),
    Column("batch_key", Key, ForeignKey("batches.batch_key")),  # none for a declaration
    Column("feature", Text, nullable=False),
    Column("change", Text, nullable=False),  # declared, new, missing, retyped
    Column("expected", Text, nullable=False),
    Column("found", Text, nullable=False),
    Column("coverage", Double, nullable=False),
    Column("seen_at", Micros, nullable=False),
)
