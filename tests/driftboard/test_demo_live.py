"""The demo's live service: it really answers, is counted, logged, judged and reviewed."""

import time
from datetime import UTC, datetime, timedelta

from driftboard.config import Settings
from driftboard.data import get_model, list_batches, load_reference, open_store
from driftboard.data.service import read_service
from driftboard.demo import live
from driftboard.demo.live import KEY, LiveService


def test_it_answers_and_is_seen(path, monkeypatch):
    """Requests with durations, a few of them failed; predictions in batches, labels for some, all within seconds."""
    monkeypatch.setattr(live, "_MALFORMED", 0.2)
    open_store(path).close()
    with LiveService(path, Settings(), pause=0.002):
        with open_store(path) as store:
            live.register(store)
        time.sleep(3.0)
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
