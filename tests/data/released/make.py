"""Make the database of the schema that this version releases: `python -m tests.data.released.make`.

Run once for each new schema; a file that was released is never made again.
"""

import hashlib
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from driftboard.data import (
    ModelKey,
    PredictionBatch,
    backfill_ground_truth,
    label_predictions,
    log_predictions,
    open_store,
    register_model,
)
from driftboard.data.api_keys import StoredKey, add_key
from driftboard.data.catalog import Model, get_model
from driftboard.data.half_events import put_half
from driftboard.data.heartbeats import beat
from driftboard.data.incident import Affected, Incident, IncidentState
from driftboard.data.incidents import IncidentEvent, add_events, insert_incident, save_memories
from driftboard.data.outbox import NewNotification, enqueue
from driftboard.data.process_samples import Gpu, ProcessSample, save_sample
from driftboard.data.profiles import save_profile
from driftboard.data.reading import BatchInfo, find_batch
from driftboard.data.reports import save_report
from driftboard.data.review import decide
from driftboard.data.review_choice import queue_new
from driftboard.data.service_counts import ServiceCounts, add_counts, slot
from driftboard.data.silences import Silence, add_silence
from driftboard.data.store import HEAD, Store
from driftboard.review_settings import ReviewSettings

FOLDER = Path(__file__).parent
KEY = ModelKey("churn", "3", "staging")
START = datetime(2026, 3, 1, tzinfo=UTC)


def main() -> None:
    """Write the file; closing the store leaves no write-ahead log beside it."""
    path = FOLDER / f"{HEAD}.sqlite"
    if path.exists():
        sys.exit(f"{path} is released: it is never made again")
    with open_store(path) as store:
        fill(store)
    print(f'"{HEAD}": "{content(path, columns_of(path))}",')  # noqa: T201 - for test_released.py


def fill(store: Store) -> None:
    """Log something of everything."""
    register_model(store, KEY, reference=batch("reference", 100))
    register_model(store, ModelKey("price"), task="regression")
    for day in range(3):
        at = START + timedelta(days=day)
        log_predictions(store, batch(f"day-{day}", 20, at=at), now=at)
    log_predictions(store, batch("day-3", 2, bad=True), now=START)
    late = START + timedelta(days=7)
    backfill_ground_truth(store, "day-0", ["stay"] * 10 + ["leave"] * 10, now=late)
    label_predictions(store, {"day-1-0": "leave", "unknown-yet": "stay"}, model=KEY, source="reviewer", now=late)
    label_predictions(store, {"day-1-0": "stay"}, model=KEY, source="reviewer", now=late + timedelta(days=1))
    judge(store)
    serve(store)


def batch(name: str, n: int, *, at: datetime = START, bad: bool = False) -> PredictionBatch:
    """A batch of n rows; the last one cannot be stored when `bad`."""
    ages: list[object] = [20.5 + row for row in range(n)]
    return PredictionBatch(
        model=KEY,
        batch_id=name,
        features={"age": [*ages[:-1], b"?"] if bad else ages, "plan": ["free", "pro"] * (n // 2), "é": [None] * n},
        predicted=["stay", "leave"] * (n // 2),
        scores=[[0.25, 0.75], [0.5, 0.5]] * (n // 2),
        classes=["leave", "stay"],
        prediction_ids=[f"{name}-{row}" for row in range(n)],
        predicted_at=at,
        latency=[0.01] * n,
        segments={"country": ["de"] * n},
    )


def judge(store: Store) -> None:
    """Store two reports, a profile and an incident."""
    with store.write() as connection:
        model = get_model(connection, KEY)
        found = find_batch(connection, model, "day-0")
        values = {"reference_id": 1, "verdict": "critical", "payload": '{"psi": 0.31}', "now": START}
        save_report(connection, found, monitor="feature", **values)  # type: ignore[arg-type]
        values = {"reference_id": 1, "verdict": "ok", "payload": "{}", "now": START, "look_again_at": START}
        save_report(connection, found, monitor="performance", **values)  # type: ignore[arg-type]
        save_profile(connection, found, reference_id=1, layout="released", payload=b"counts")
        alarm(connection, model, found)


def alarm(connection: Connection, model: Model, found: BatchInfo) -> None:
    """Store an incident with all that belongs to it."""
    incident = insert_incident(
        connection,
        Incident(
            fingerprint="f00d",
            episode=1,
            model_id=model.model_id,
            model=model.key,
            rule="feature_drift",
            subject="",
            state=IncidentState.FIRING,
            severity="critical",
            worst="critical",
            affected=(Affected("age", "critical", "PSI 0.31", 1.5, found.batch_id, START),),
            batch_key=found.batch_key,
            batch_id=found.batch_id,
            rows=20,
            since=found.batch_id,
            since_at=START,
            windows=1,
            opened_at=START,
            changed_at=START,
        ),
    )
    add_events(connection, incident.incident_id, [IncidentEvent(START, "opened", detail="PSI 0.31")])
    save_memories(connection, model.model_id, {"f00d": "{}"})
    new = NewNotification(
        incident_id=incident.incident_id,
        fingerprint="f00d",
        model=str(model.key),
        kind="fire",
        step=0,
        channel="team",
        severity="critical",
        payload="{}",
        not_before=START,
        created_at=START,
    )
    enqueue(connection, [new])
    quiet = {"starts_at": START, "ends_at": START, "created_by": "ada", "comment": "a test", "created_at": START}
    add_silence(connection, Silence(matchers={"model": "churn"}, **quiet))  # type: ignore[arg-type]
    beat(connection, "worker", interval_seconds=60.0, now=START)


def serve(store: Store) -> None:
    """Store what belongs to a service: counts of requests, a process, a key, half an event, a queue of reviews."""
    with store.write() as connection:
        model = get_model(connection, KEY)
        told = ServiceCounts(success=9, errors={"Timeout": 1}, latency=(10, *[0] * 21), latency_sum=0.01)
        add_counts(connection, model.model_id, "requests", {slot(START, now=START): told})
        card = Gpu("A10", 0.5, 2**30, 24 * 2**30)
        save_sample(connection, ProcessSample("web-1:7", START, model.model_id, "service", 0.5, 10**9, gpus=(card,)))
        key = StoredKey(key_id="k1", name="the service", digest="0" * 64, scopes=("ingest",), created_at=START)
        add_key(connection, key, now=START)
        put_half(connection, f"{KEY}\n\n\nr-1", "request", "{}", now=START)
    queue_new(store, model, ReviewSettings(fraction=1.0), now=START)
    decide(store, model, "day-2-0", label="stay", by="ada", now=START)
    decide(store, model, "day-2-1", label=None, by="ada", now=START)


def columns_of(path: Path) -> dict[str, list[str]]:
    """Table to columns, as the file has them."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        names = [name for (name,) in found if name != "alembic_version"]
        return {name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for name in names}


def content(path: Path, columns: dict[str, list[str]]) -> str:
    """The hash of all rows, in order of their keys."""
    digest = hashlib.sha256()
    with closing(sqlite3.connect(path)) as connection:
        for table, names in columns.items():
            for row in connection.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1, 2"):  # noqa: S608 - of ours
                digest.update(repr(row).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
