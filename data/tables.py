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

incidents = Table(  # one row per episode of a problem, from the window that opened it until it is over
    "incidents",
    metadata,
    Column("incident_id", Key, primary_key=True),
    Column("fingerprint", Text, nullable=False),  # of rule, model, environment, subject: never batch, value or time
    Column("episode", Integer, nullable=False),  # 1, 2, ... of this fingerprint
    Column("model_id", Key, ForeignKey("models.model_id")),  # none: it is about driftboard itself
    Column("rule", Text, nullable=False),
    Column("subject", Text, nullable=False),  # empty: of the model as a whole, or of the parts in the payload
    Column("state", Text, nullable=False),  # firing, recovering, no_data, resolved
    Column("severity", Text, nullable=False),
    Column("payload", Text, nullable=False),  # the rest of `data.incident.Incident`, as JSON
    Column("opened_at", Micros, nullable=False),
    Column("resolved_at", Micros),
    Column("feedback", Text, nullable=False),  # useful, noise, or empty
    Column("wake_at", Micros),  # when it is to be looked at again though nothing changed; none: never
    UniqueConstraint("fingerprint", "model_id", "episode"),
    Index("incidents_by_state", "state"),
    Index("incidents_to_wake", "wake_at"),
    Index("incidents_in_time", "model_id", "opened_at"),
)

alert_memories = Table(  # what a rule remembers of a model from one window to the next
    "alert_memories",
    metadata,
    Column("model_id", Key, ForeignKey("models.model_id"), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("payload", Text, nullable=False),  # `alerts.memory.Memory` as JSON
    PrimaryKeyConstraint("model_id", "fingerprint"),
)

incident_events = Table(  # the audit: every change of an incident, by whom
    "incident_events",
    metadata,
    Column("event_id", Key, primary_key=True),
    Column("incident_id", Key, ForeignKey("incidents.incident_id"), nullable=False, index=True),
    Column("at", Micros, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),  # who did it; empty: the data did
    Column("detail", Text, nullable=False),
)

silences = Table(
    "silences",
    metadata,
    Column("silence_id", Key, primary_key=True),
    Column("matchers", Text, nullable=False),  # JSON
    Column("starts_at", Micros, nullable=False),
    Column("ends_at", Micros, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("expired_at", Micros),  # ended by hand before its time
    Column("expired_by", Text, nullable=False),
)

notifications = Table(  # the outbox: written in the transaction that changed the incident
    "notifications",
    metadata,
    Column("notification_id", Key, primary_key=True),
    Column("incident_id", Key, ForeignKey("incidents.incident_id"), index=True),  # none: a digest or a test
    Column("fingerprint", Text, nullable=False),
    Column("model", Text, nullable=False),  # whose messages may be merged; empty: driftboard's own
    Column("kind", Text, nullable=False),  # fire, change, reminder, escalate, acknowledge, resolve, digest, test
    Column("step", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("payload", Text, nullable=False),  # `alerts.facts.Facts` as JSON: never a secret
    Column("state", Text, nullable=False),  # queued, delivered, dry_run, suppressed, superseded, dead
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Micros, nullable=False),
    Column("lease_owner", Text, nullable=False),  # empty: in nobody's hands
    Column("lease_until", Micros, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("finished_at", Micros),
    Column("provider_ref", Text, nullable=False),
    UniqueConstraint("incident_id", "kind", "step", "channel"),
    Index("notifications_by_state", "state", "channel", "not_before"),
    Index("notifications_in_time", "created_at"),
)

delivery_attempts = Table(  # written before a message leaves, and completed after
    "delivery_attempts",
    metadata,
    Column("notification_id", Key, ForeignKey("notifications.notification_id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("started_at", Micros, nullable=False),
    Column("finished_at", Micros),
    Column("outcome", Text, nullable=False),  # started, ok, retry, permanent, unknown
    Column("status", Integer),
    Column("detail", Text, nullable=False),  # at most 500 characters, redacted
    PrimaryKeyConstraint("notification_id", "n"),
)

channel_states = Table(
    "channel_states",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("blocked_until", Micros, nullable=False),
    Column("next_at", Micros, nullable=False),  # when it may send again, by its rate limit
    Column("failures", Integer, nullable=False),  # in a row
    Column("status", Text, nullable=False),  # ok, failing, broken
    Column("reason", Text, nullable=False),
    Column("changed_at", Micros, nullable=False),
)

heartbeats = Table(  # the watcher is watched
    "heartbeats",
    metadata,
    Column("component", Text, primary_key=True),  # worker, dispatcher:<owner>
    Column("at", Micros, nullable=False),
    Column("interval_seconds", Double, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
)

evidence_records = Table(  # evidence files, each chained to the one before
    "evidence_records",
    metadata,
    Column("evidence_id", Key, primary_key=True),
    Column("incident_id", Key, ForeignKey("incidents.incident_id"), nullable=False, index=True),
    Column("created_at", Micros, nullable=False),
    Column("previous", Text, nullable=False),  # digest of the record before; empty for the first
    Column("digest", Text, nullable=False),  # SHA-256 of `previous` and payload
    Column("payload", Text, nullable=False),
)

service_counts = Table(  # what a service did in a stretch of time; added to, minute by minute
    "service_counts",
    metadata,
    Column("model_id", Key, ForeignKey("models.model_id"), nullable=False),
    Column("source", Text, nullable=False),  # requests (the instrumented service says so), predictions (the log does)
    Column("seconds", Integer, nullable=False),  # length of the stretch: 60, 3600; 0 is all of time, at start 0
    Column("start", Micros, nullable=False),
    Column("payload", Text, nullable=False),  # `data.service_counts.ServiceCounts` as JSON
    PrimaryKeyConstraint("model_id", "source", "seconds", "start"),
    sqlite_with_rowid=False,
)

process_samples = Table(  # what a process used in a minute
    "process_samples",
    metadata,
    Column("sample_id", Key, primary_key=True),
    Column("process", Text, nullable=False),  # host and pid
    Column("at", Micros, nullable=False),  # start of the minute
    Column("model_id", Key, ForeignKey("models.model_id")),  # none: a process of driftboard itself
    Column("component", Text, nullable=False),  # service, api, worker, dashboard
    Column("payload", Text, nullable=False),  # `data.process_samples.ProcessSample` as JSON
    Index("process_samples_in_time", "at"),
)

api_keys = Table(  # who may speak to the HTTP API; the keys themselves are kept nowhere
    "api_keys",
    metadata,
    Column("key_id", Text, primary_key=True),  # the part of the key that is no secret
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),  # SHA-256 of the whole key, in hexadecimal
    Column("scopes", Text, nullable=False),  # JSON: ingest, read, admin
    Column("created_at", Micros, nullable=False),
    Column("expires_at", Micros),
    Column("revoked_at", Micros),
)

half_events = Table(  # CloudEvents that come in two parts, until the other part is there
    "half_events",
    metadata,
    Column("event_id", Text, nullable=False),
    Column("part", Text, nullable=False),  # request, response
    Column("payload", Text, nullable=False),
    Column("received_at", Micros, nullable=False),
    PrimaryKeyConstraint("event_id", "part"),
    Index("half_events_in_time", "received_at"),
)

review_queue = Table(  # predictions that chance chose to be labelled by a person
    "review_queue",
    metadata,
    Column("model_id", Key, ForeignKey("models.model_id"), nullable=False),
    Column("prediction_id", Text, nullable=False),
    Column("probability", Double, nullable=False),  # with which it was chosen: what makes the sample unbiased
    Column("predicted_at", Micros, nullable=False),
    Column("predicted", Double, nullable=False),  # class code, or the value itself for regression
    Column("queued_at", Micros, nullable=False),
    Column("state", Text, nullable=False),  # waiting, labelled, skipped
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Micros),
    PrimaryKeyConstraint("model_id", "prediction_id"),
    Index("review_by_state", "model_id", "state", "predicted_at"),
)

review_progress = Table(  # up to which block predictions were chosen from
    "review_progress",
    metadata,
    Column("model_id", Key, ForeignKey("models.model_id"), primary_key=True, autoincrement=False),
    Column("block_id", Key, nullable=False),
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
