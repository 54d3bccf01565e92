"""R14: a database of every released schema opens, and what is in it stays as it was."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from driftboard.config import Settings
from driftboard.data import (
    get_model,
    label_predictions,
    load_reference,
    log_predictions,
    open_store,
    open_store_read_only,
)
from driftboard.data.api_keys import read_keys
from driftboard.data.incidents import recent_incidents, to_wake
from driftboard.data.outbox import told_of
from driftboard.data.process_samples import read_samples
from driftboard.data.review import review_counts
from driftboard.data.review_choice import queue_new
from driftboard.data.service import read_predicted, read_service
from driftboard.data.store import HEAD
from driftboard.review_settings import ReviewSettings
from driftboard.worker import evaluate_due
from tests.data.batches import read
from tests.data.released.make import KEY, START, batch, columns_of, content

FOLDER = Path(__file__).parent / "released"
CONTENT = {
    "0001": "a9faaeb041f1b26bf119c5c1d319c0efcb70ab972b1e4aaa9b1181956e235d77",
    "0002": "9eec49e3665a3fa975da2c7550d30f8e56c9d36aed3b432b0b3a97490a06ea7e",
    "0003": "7d663964d3b6ccc0ad29f8cbb3330f2d9a69b8d4b5ba0aca97d89369db22f2c0",
    "0004": "2032248db54cff8d6c39e4e92f2922dc619bd7ec8877c7f4a1e4e29d5858ab0c",
}
"""Schema to the hash of what was in its file when it was released."""


@pytest.fixture(params=sorted(file.stem for file in FOLDER.glob("*.sqlite")))
def released(request: pytest.FixtureRequest, path: Path) -> str:
    """A copy of a released file; its schema."""
    shutil.copy(FOLDER / f"{request.param}.sqlite", path)
    return str(request.param)


def test_the_present_schema_is_among_them() -> None:
    """Otherwise: python -m tests.data.released.make."""
    assert (FOLDER / f"{HEAD}.sqlite").stat().st_size < 300_000


def test_it_opens_with_its_content_unchanged(path: Path, released: str) -> None:
    """Every value of every column that it had, to the bit; the alerts of old, which are incidents now, aside."""
    columns = columns_of(path)
    assert content(path, columns) == CONTENT[released]
    kept = {table: names for table, names in columns.items() if table != "alerts"}
    before = content(path, kept)
    for opened in (open_store, open_store_read_only):
        opened(path).close()
        assert content(path, kept) == before


def test_alerts_of_old_are_incidents_that_are_over(path: Path, released: str) -> None:
    """What was told to whom is still there to be read, and nothing of it is told again."""
    if "alerts" not in columns_of(path):
        assert released > "0002"
        return
    with open_store(path) as store, store.read() as connection:
        (incident,) = recent_incidents(connection)
        (told,) = told_of(connection, [incident.incident_id])[incident.incident_id]
        assert (incident.rule, incident.subject, incident.message) == ("feature_drift", "age", "PSI 0.31")
        assert (incident.state, incident.since, incident.windows) == ("resolved", "day-0", 1)
        assert (told.channel, told.state, told.model) == ("log", "dry_run", str(KEY))
        assert to_wake(connection, now=incident.opened_at, horizon=incident.opened_at) == ()


def test_what_a_service_told_is_still_there(path: Path, released: str) -> None:
    """Counts, processes, keys and the queue of reviews are read, and added to; an older log begins without them."""
    told = released >= "0004"
    week = {"since": START - timedelta(days=1), "until": START + timedelta(days=7)}
    with open_store(path) as store:
        with store.read() as connection:
            model = get_model(connection, KEY)
            service = read_service(connection, model.model_id, **week)
            predicted = read_predicted(connection, model.model_id, **week)
            assert (service.total.total, predicted.total.success) == ((10, 61) if told else (0, 0))
            assert [each.cpu for each in read_samples(connection, **week)] == ([0.5] if told else [])
            assert [each.name for each in read_keys(connection)] == (["the service"] if told else [])
            counts = review_counts(connection, model)
            assert (counts.labelled, counts.skipped) == ((22, 1) if told else (0, 0))
        log_predictions(store, batch("day-9", 2), now=START)
        queue_new(store, model, ReviewSettings(fraction=1.0), now=START)
        with store.read() as connection:
            assert read_predicted(connection, model.model_id, **week).total.success == (63 if told else 2)
            assert review_counts(connection, model).waiting > counts.waiting


@pytest.mark.usefixtures("released")
def test_it_goes_on_being_used(path: Path) -> None:
    """Its rows are read, its ids are known, its labels corrected."""
    with open_store(path) as store:
        rows = read(store, KEY, "day-0")
        assert [rows.classes[int(code)] for code in rows.labels] == ["stay"] * 10 + ["leave"] * 10
        assert log_predictions(store, batch("day-1", 20)).duplicates == 20
        assert log_predictions(store, batch("day-9", 2)).accepted == 2
        assert label_predictions(store, {"day-1-0": "leave"}, model=KEY).accepted == 1
        with store.read() as connection:
            reference = load_reference(connection, get_model(connection, KEY))
        assert reference is not None
        assert len(reference.rows) == 100


@pytest.mark.usefixtures("released")
def test_it_goes_on_being_judged(path: Path) -> None:
    """What an older version judged is judged again with its labels; a profile of another layout is no hurdle."""
    with open_store(path) as store:
        label_predictions(store, {"day-0-0": "leave"}, model=KEY)
        assert [each.batch_id for each in evaluate_due(store, Settings())] == ["day-0", "day-3", "day-1", "day-2"]
        assert evaluate_due(store, Settings()) == ()
