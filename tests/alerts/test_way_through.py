"""The whole way: arrays, monitors, incidents, outbox, dispatcher, message."""

from datetime import timedelta

import numpy as np
import pytest

from driftboard.alerts.desk import record_reports
from driftboard.alerts.dispatch import dispatch
from driftboard.config import Settings
from driftboard.data import Store, find_batch, get_model, log_predictions, register_model
from driftboard.data.backend import hold_model
from driftboard.data.incidents import recent_incidents
from driftboard.data.outbox import recent_notifications
from driftboard.monitors import Detector, Numeric, Sample
from tests.alerts.incidents import MODEL, NOW, SLACK
from tests.data.batches import make_batch

SETTINGS = Settings.model_validate({"alerts": {"dry_run": False, "channels": {"team": SLACK}}})


def a_sample(n, shift, *, seed):
    """One steady feature, one that moves."""
    rng = np.random.default_rng(seed)
    columns = {"steady": Numeric(rng.normal(size=n)), "moves": Numeric(rng.normal(size=n) + shift)}
    return Sample(n, columns)


def judge(store: Store, number: int, report) -> None:
    """Log a batch and record what a monitor says of it."""
    at = NOW + timedelta(hours=number)
    name = f"b{number}"
    log_predictions(store, make_batch(MODEL, batch_id=name, predicted_at=at, prediction_ids=[*"abcdef"]), now=at)
    with store.write() as connection:
        model = get_model(connection, MODEL)
        hold_model(connection, model.model_id)
        record_reports(connection, model, find_batch(connection, model, name), [report], SETTINGS.alerts, now=at)


@pytest.mark.parametrize(("shift", "expected"), [(0.0, []), (1.5, ["moves"])])
def test_a_shift_is_told_and_its_absence_is_not(store, slack, shift, expected):
    """What the monitors really report becomes an incident, and arrives at Slack as one message, or not at all."""
    register_model(store, MODEL)
    report = Detector(a_sample(5000, 0.0, seed=1)).update(a_sample(1000, shift, seed=2)).reports["feature"]
    judge(store, 1, report)
    dispatch(store, SETTINGS, now=NOW + timedelta(hours=1))
    with store.read() as connection:
        incidents = recent_incidents(connection)
        rows = recent_notifications(connection)
    assert [part.subject for incident in incidents for part in incident.affected] == expected
    assert [row.state for row in rows] == ["delivered"] * len(expected)
    assert len(slack.posts) == len(expected)
    if expected:
        assert "`moves`" in str(slack.posts[0])
