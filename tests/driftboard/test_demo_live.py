"""The demo's live service: it really answers, is counted, logged, judged and reviewed."""

import time
from datetime import UTC, datetime, timedelta

from driftboard.config import Settings
from driftboard.data import get_model, list_batches, load_reference, open_store
from driftboard.data.service import read_service, services_ever
from driftboard.demo import live
from driftboard.demo.live import KEY, LiveService
from driftboard.monitors import Verdict
from driftboard.worker import Worker

CALM = {Verdict.OK, Verdict.INFO, Verdict.INSUFFICIENT}


def wait_for_requests(path, many, seconds=60.0):
    """Wait until so many requests are known."""
    end = time.monotonic() + seconds
    known = 0
    while known < many:
        assert time.monotonic() < end, f"{known} requests in {seconds} s"
        time.sleep(0.5)
        with open_store(path) as store, store.read() as connection:
            known = sum(requests.total for requests, _ in services_ever(connection).values() if requests is not None)


def test_a_healthy_service_is_judged_healthy(path):
    """Its reference was answered by the same model: what it does now is no drift, and its outcomes are as good."""
    with LiveService(path, Settings(), pause=0.002):
        wait_for_requests(path, 200)
    with open_store(path) as store:
        with store.read() as connection:
            model = get_model(connection, KEY)
        judged = Worker(store, Settings()).evaluate(model)
    assert judged
    assert {each.verdicts[monitor] for each in judged for monitor in ("feature", "prediction")} <= CALM


def test_it_answers_and_is_seen(path, monkeypatch):
    """Requests with durations, a few of them failed; predictions in batches, labels for some, all within seconds."""
    monkeypatch.setattr(live, "_MALFORMED", 0.2)
    with LiveService(path, Settings(), pause=0.002):
        wait_for_requests(path, 200)
    now = datetime.now(UTC)
    with open_store(path) as store, store.read() as connection:
        model = get_model(connection, KEY)
        service = read_service(connection, model.model_id, since=now - timedelta(hours=1), until=now)
        batches = list_batches(connection, model)
        assert load_reference(connection, model) is not None
    assert service.source == "requests"
    assert service.total.success > 100
    assert set(service.total.errors) == {"KeyError"}
    assert service.total.measured == service.total.total
    assert sum(batch.n_predictions for batch in batches) == service.total.total
    assert sum(batch.n_labels for batch in batches) >= 20
