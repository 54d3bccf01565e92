"""R3: what was acknowledged survives a power cut, whole, and the file is never corrupt."""

import random
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from driftboard.data import open_store
from driftboard.data.catalog import list_models
from driftboard.data.reading import iterate_batches, list_batches
from driftboard.errors import StoreError
from tests.data.crash_images import Acknowledged, Disk, Event, record

BATCHES = 60
ROWS = 40
WRITER = """
import sys
import numpy as np
from driftboard.data import ModelKey, PredictionBatch, label_predictions, log_predictions, open_store, register_model
store = open_store(sys.argv[1])
raw = store._writer.raw_connection().driver_connection
raw.execute(f"PRAGMA synchronous = {sys.argv[2]}")
raw.execute("PRAGMA wal_autocheckpoint = 40")  # so that cuts also fall into checkpoints
key = ModelKey("m")
register_model(store, key)
rng = np.random.default_rng(0)
for number in range(int(sys.argv[3])):
    ids = [f"{number}-{row}" for row in range(int(sys.argv[4]))]
    features = {"x": rng.normal(size=len(ids)), "text": ids}
    log_predictions(store, PredictionBatch(key, number, features, ["a"] * len(ids), prediction_ids=ids))
    print(number, flush=True)
    if number % 7 == 0:
        label_predictions(store, {each: "a" for each in ids})
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace: apt install strace"),
]


def recorded(tmp_path: Path, synchronous: str) -> list[Event]:
    """What a writer did in this durability mode."""
    folder = tmp_path / synchronous
    folder.mkdir()
    command = [sys.executable, "-c", WRITER, str(folder / "log.sqlite"), synchronous, str(BATCHES), str(ROWS)]
    return record(command, folder)


def cuts(events: list[Event], images: int, seed: int) -> Iterator[tuple[set[int], dict[str, bytes]]]:
    """Pairs of what was acknowledged and how the files look, at random moments after the schema was made."""
    rng = random.Random(seed)  # noqa: S311 - a simulation
    start = next(place for place, event in enumerate(events) if isinstance(event, Acknowledged))
    moments = sorted(rng.randint(start, len(events)) for _ in range(images))
    disk, acknowledged, place = Disk(), set(), 0
    for moment in moments:
        for event in events[place:moment]:
            disk.apply(event)
            if isinstance(event, Acknowledged):
                acknowledged.add(event.batch)
        place = moment
        yield set(acknowledged), disk.after_a_cut(rng)


def verdict(acknowledged: set[int], files: dict[str, bytes], folder: Path) -> str:
    """`ok`, `lost`, `torn` or `corrupt`: what somebody who starts the machine again finds."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        if not name.endswith("-shm"):
            (folder / name).write_bytes(content)
    try:
        with open_store(folder / "log.sqlite") as store, store.read() as connection:
            (model,) = list_models(connection)
            sizes = {int(batch.batch_id): len(rows) for batch, rows in iterate_batches(connection, model)}
            counted = {int(batch.batch_id): batch.n_predictions for batch in list_batches(connection, model)}
            sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    except (StoreError, sqlite3.DatabaseError, ValueError):
        return "corrupt"
    if not sound:
        return "corrupt"
    if not acknowledged <= set(sizes):
        return "lost"
    return "ok" if set(sizes.values()) | set(counted.values()) <= {ROWS} else "torn"


def test_no_acknowledged_batch_is_lost_in_two_thousand_power_cuts(tmp_path: Path) -> None:
    """synchronous=FULL: nothing lost, nothing torn, nothing corrupt."""
    events = recorded(tmp_path, "FULL")
    verdicts = [verdict(*cut, tmp_path / "image") for cut in cuts(events, 2000, seed=1)]
    assert {name: verdicts.count(name) for name in set(verdicts)} == {"ok": 2000}


def test_the_proof_can_fail(tmp_path: Path) -> None:
    """The negative control: synchronous=NORMAL loses acknowledged batches, OFF leaves corrupt files."""
    normal = [verdict(*cut, tmp_path / "image") for cut in cuts(recorded(tmp_path, "NORMAL"), 200, seed=2)]
    off = [verdict(*cut, tmp_path / "image") for cut in cuts(recorded(tmp_path, "OFF"), 200, seed=3)]
    assert normal.count("lost") > 0
    assert off.count("corrupt") > 0
