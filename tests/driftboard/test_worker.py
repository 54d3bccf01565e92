"""The worker: each state of a batch is judged once, whoever is killed or comes second."""

import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import text

from driftboard.alert_settings import AlertSettings
from driftboard.config import Settings
from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    find_batch,
    get_model,
    label_predictions,
    log_predictions,
    promote_reference,
    register_model,
)
from driftboard.data.incidents import open_incidents
from driftboard.data.reports import find_report, newest_reports
from driftboard.monitors import Verdict
from driftboard.monitors.report import FeatureReport, PerformanceReport, report_from_json
from driftboard.round import Evaluated, Round
from driftboard.worker import Worker, evaluate_due, watch

KEY = ModelKey("churn")
SETTINGS = Settings()
MONITORS = 7
DAY = datetime(2026, 3, 1, tzinfo=UTC)


def batch(batch_id: str, n: int = 200, *, shift: float = 0.0, labels: Sequence[int] | None = None) -> PredictionBatch:
    """A batch of two features whose truth is the sign of x; `shift` moves x."""
    rng = np.random.default_rng([zlib.crc32(batch_id.encode()), bool(shift)])
    x = rng.normal(size=n) + shift
    confidence = np.where(x > 0, 0.9, 0.1)
    return PredictionBatch(
        model=KEY,
        batch_id=batch_id,
        features={"x": x, "plan": rng.choice(["free", "pro"], n)},
        predicted=(x > 0).astype(int),
        scores=np.column_stack([1 - confidence, confidence]),
        classes=[0, 1],
        labels=labels,
        prediction_ids=[f"{batch_id}-{row}" for row in range(n)],
    )


@pytest.fixture
def model(store: Store) -> ModelKey:
    """A model with a reference of 2,000 rows, nine of ten right."""
    reference = batch("0", 2000)
    truth = np.where(np.arange(2000) % 10 == 0, 1 - np.asarray(reference.predicted), reference.predicted)
    register_model(store, KEY, reference=batch("0", 2000, labels=truth.tolist()))
    return KEY


def counts(store: Store) -> dict[str, int]:
    """How many reports and incidents there are."""
    with store.read() as connection:
        return {
            table: int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608
            for table in ("monitor_reports", "incidents")
        }


def test_a_batch_is_judged_once_for_each_state_of_its_data(store: Store, model: ModelKey) -> None:
    """New rows: a report of each monitor. Nothing new: nothing. Labels: a new revision of what they change."""
    logged = batch("1")
    log_predictions(store, logged)
    assert [each.batch_id for each in evaluate_due(store, SETTINGS)] == ["1"]
    assert evaluate_due(store, SETTINGS) == ()
    assert counts(store)["monitor_reports"] == MONITORS
    label_predictions(store, {f"1-{row}": int(logged.predicted[row]) for row in range(100)})
    (again,) = evaluate_due(store, SETTINGS)
    assert len(again.verdicts) == MONITORS
    with store.read() as connection:
        found = find_batch(connection, get_model(connection, model), "1")
        revisions = {name: find_report(connection, found, name).revision for name in again.verdicts}  # type: ignore[union-attr]
        report = find_report(connection, found, "performance")
    assert {name for name, revision in revisions.items() if revision == 2} == {"performance", "sequential"}
    assert report is not None
    performance = report_from_json("performance", report.payload)
    assert isinstance(performance, PerformanceReport)
    assert (report.revision, performance.n_labelled, performance.coverage) == (2, 100, 0.5)
    assert performance.accuracy == 1.0


def test_more_rows_for_a_batch_are_a_new_revision_of_everything(store: Store, model: ModelKey) -> None:
    """The newest revision is the one that is read."""
    log_predictions(store, batch("1"))
    evaluate_due(store, SETTINGS)
    more = batch("2", 50)
    log_predictions(store, PredictionBatch(model, "1", more.features, more.predicted))
    evaluate_due(store, SETTINGS)
    with store.read() as connection:
        (stored,) = newest_reports(connection, get_model(connection, model), "feature")
    report = report_from_json("feature", stored.payload)
    assert isinstance(report, FeatureReport)
    assert (stored.revision, report.n) == (2, 250)


def test_drift_opens_an_incident_in_the_transaction_of_its_report(store: Store, model: ModelKey) -> None:
    """And the incident carries the time it was given, not the clock's."""
    log_predictions(store, batch("1", shift=2.0))
    (evaluated,) = evaluate_due(store, SETTINGS, now=DAY)
    assert evaluated.verdicts["feature"] is Verdict.CRITICAL
    assert evaluated.model == model
    with store.read() as connection:
        (incident,) = [each for each in open_incidents(connection) if each.rule == "feature_drift"]
    assert [part.subject for part in incident.affected] == ["x"]
    assert (incident.opened_at, incident.batch_id, incident.rows) == (DAY, "1", 200)
    assert f"incident {incident.incident_id} opened: Feature drift" in evaluated.news


def test_what_nobody_is_told_is_no_news(store: Store, model: ModelKey) -> None:
    """A feature the reference does not know is kept for those who look, and `driftboard run` says nothing of it."""
    for number in (1, 2):
        given = batch(str(number))
        extra = replace(given, features={**given.features, "extra": [1.0] * len(given)})
        log_predictions(store, extra, now=DAY + number * timedelta(hours=1))
    evaluated = evaluate_due(store, SETTINGS)
    with store.read() as connection:
        (incident,) = open_incidents(connection)
    assert (incident.rule, incident.severity, incident.model) == ("schema", "info", model)
    assert [each.news for each in evaluated] == [(), ()]


def test_a_monitor_that_fails_is_an_incident_and_holds_up_nobody(
    store: Store, model: ModelKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch behind it is judged; once the first one can be, the incident is over."""
    for number in (1, 2):
        log_predictions(store, batch(str(number)), now=DAY + number * timedelta(hours=1))
    whole = Round.evaluate

    def fails_on_the_first(self: Round, batch_key: int) -> Evaluated | None:
        if batch_key == 1:
            raise ZeroDivisionError("canary")
        return whole(self, batch_key)

    with monkeypatch.context() as patched:
        patched.setattr(Round, "evaluate", fails_on_the_first)
        assert [each.batch_id for each in evaluate_due(store, SETTINGS)] == ["2"]
        assert evaluate_due(store, SETTINGS) == ()
    with store.read() as connection:
        (incident,) = open_incidents(connection)
    assert (incident.rule, incident.model) == ("monitor_error", model)
    assert "Batch 1 cannot be judged: ZeroDivisionError" in incident.message
    assert "canary" not in incident.message
    assert [each.batch_id for each in evaluate_due(store, SETTINGS)] == ["1"]
    with store.read() as connection:
        assert open_incidents(connection) == ()


def test_a_model_without_a_reference_waits_for_one(store: Store) -> None:
    """Its batches are judged as soon as there is something to compare them with."""
    register_model(store, KEY)
    log_predictions(store, batch("1"))
    assert evaluate_due(store, SETTINGS) == ()
    promote_reference(store, batch("0", 1000))
    assert [each.batch_id for each in evaluate_due(store, SETTINGS)] == ["1"]


def test_a_new_reference_applies_to_what_is_judged_from_then_on(store: Store, model: ModelKey) -> None:
    """C8: only an explicit act moves the reference, and what was said stays said."""
    worker = Worker(store, SETTINGS)
    log_predictions(store, batch("1", shift=2.0))
    (first,) = worker.evaluate_all()
    promote_reference(store, batch("1", 2000, shift=2.0))
    assert worker.evaluate_all() == ()
    log_predictions(store, batch("2", shift=2.0))
    (second,) = worker.evaluate_all()
    assert (first.verdicts["feature"], model) == (Verdict.CRITICAL, second.model)
    assert second.verdicts["feature"] is not Verdict.CRITICAL


def test_an_empty_batch_says_no_data(store: Store, model: ModelKey) -> None:
    """Rather than ok."""
    log_predictions(store, PredictionBatch(model=model, batch_id="1", features={"x": [], "plan": []}, predicted=[]))
    (evaluated,) = evaluate_due(store, SETTINGS)
    assert evaluated.verdict is Verdict.NO_DATA
    assert set(evaluated.verdicts.values()) == {Verdict.NO_DATA}


@pytest.mark.slow
def test_workers_at_once_double_nothing(store: Store, model: ModelKey, place: str) -> None:
    """Three processes over twenty due batches: twenty batches of all reports, revision 1 each."""
    for number in range(20):
        log_predictions(store, batch(f"b{number}", 60))
    script = (
        "from driftboard.config import Settings; from driftboard.data import open_store;"
        f"from driftboard.worker import evaluate_due; evaluate_due(open_store({place!r}), Settings())"
    )
    workers = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(3)]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    assert counts(store)["monitor_reports"] == 20 * MONITORS
    with store.read() as connection:
        assert connection.execute(text("SELECT max(revision) FROM monitor_reports")).scalar_one() == 1
    assert evaluate_due(store, SETTINGS) == ()
    assert model == KEY


@pytest.mark.slow
def test_a_killed_worker_leaves_every_batch_judged_whole_or_not_at_all(
    store: Store, model: ModelKey, place: str
) -> None:
    """R4: kill -9 at random moments, then finish: nothing missing, nothing double."""
    for number in range(30):
        log_predictions(store, batch(f"b{number}", 60, shift=2.0))
    script = (
        "from driftboard.config import Settings; from driftboard.data import open_store;"
        "from driftboard.worker import evaluate_due;"
        f"evaluate_due(open_store({place!r}), Settings(), on_batch=lambda _: print('.', flush=True))"
    )
    for _ in range(3):
        worker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        assert worker.stdout is not None
        for _ in range(5):
            worker.stdout.readline()
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        with store.read() as connection:
            rows = connection.execute(text("SELECT count(*) FROM monitor_reports GROUP BY batch_key")).scalars()
            assert set(rows) <= {MONITORS}
    evaluate_due(store, SETTINGS)
    assert counts(store)["monitor_reports"] == 30 * MONITORS
    with store.read() as connection:
        doubled = connection.execute(
            text("SELECT count(*) FROM incident_events GROUP BY incident_id, kind, detail HAVING count(*) > 1")
        ).all()
    assert doubled == []
    assert model == KEY


def test_watching_judges_what_arrives_until_it_is_stopped(store: Store, model: ModelKey) -> None:
    """Without a restart, and it stops when asked."""
    stop = threading.Event()
    channels = {"team": {"type": "slack", "webhook_url": "env:NOBODY"}}
    alerts = AlertSettings.model_validate({"channels": channels})
    settings = SETTINGS.model_copy(update={"alerts": alerts})
    thread = threading.Thread(target=watch, args=(store, settings), kwargs={"interval_seconds": 0.05, "stop": stop})
    thread.start()
    log_predictions(store, batch("1", shift=2.0))
    deadline = time.monotonic() + 20
    states: set[str] = set()
    while time.monotonic() < deadline and "dry_run" not in states:
        time.sleep(0.05)
        with store.read() as connection:
            states = set(connection.execute(text("SELECT state FROM notifications")).scalars())
    stop.set()
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert "dry_run" in states
    assert model == KEY


def test_labels_of_another_day_do_not_wake_a_batch(store: Store, model: ModelKey) -> None:
    """Only the batches that the labels belong to are judged again."""
    for number in (1, 2):
        log_predictions(store, batch(f"b{number}"), now=DAY + timedelta(days=number))
    evaluate_due(store, SETTINGS)
    label_predictions(store, {f"b2-{row}": 1 for row in range(40)}, model=model)
    assert [each.batch_id for each in evaluate_due(store, SETTINGS)] == ["b2"]
