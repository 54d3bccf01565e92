"""The whole way: arrays, monitors, gate, log, dispatch, message."""

import numpy as np
import pytest

from driftboard.alerts import dispatch, gate, record_alerts
from driftboard.data.alert_log import AlertState, recent_alerts
from driftboard.monitors import Detector, Numeric, Sample
from tests.alerts.fakes import MODEL, NOW


def a_sample(n, shift, *, seed):
    """One steady feature, one that moves."""
    rng = np.random.default_rng(seed)
    columns = {"steady": Numeric(rng.normal(size=n)), "moves": Numeric(rng.normal(size=n) + shift)}
    return Sample(n, columns)


@pytest.mark.parametrize(("shift", "expected"), [(0.0, []), (1.5, ["moves"])])
def test_a_shift_is_told_and_its_absence_is_not(store, model_id, settings, slack, shift, expected):
    """What the monitors really report passes the gate, and arrives at Slack as one message, or not at all."""
    report = Detector(a_sample(5000, 0.0, seed=1)).update(a_sample(1000, shift, seed=2)).reports["feature"]
    key = store.add_batch(model_id, "b1")
    with store.write() as connection:
        record_alerts(
            connection,
            model_id=model_id,
            batch_key=key,
            model=MODEL,
            alerts=gate([report]),
            settings=settings().alerts,
            now=NOW,
        )
    dispatch(store, settings(), now=NOW)
    with store.read() as connection:
        rows = recent_alerts(connection, model_id=model_id, limit=10)
    assert [row.subject for row in rows] == expected
    assert {row.state for row in rows} <= {AlertState.DELIVERED}
    assert len(slack.posts) == len(expected)
