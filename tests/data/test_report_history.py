"""Every report as it came, in the order it came; and what people did."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from driftboard.alerts import act
from driftboard.data import ModelKey, get_model, report_history
from driftboard.data.acts import acts
from driftboard.data.report_history import judgements
from driftboard.monitors.verdict import Verdict
from tests.alerts.lived import Life, drift, performance, policy

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
BAD = Verdict.CRITICAL


@pytest.fixture
def log(store):
    """Two models, judged at the same times; one batch is judged again when its labels are in."""
    lives = [Life(store, policy(), START, ModelKey(name)) for name in ("one", "two")]
    for hour in range(3):
        for life in lives:
            life.now = START + hour * HOUR
            life.judge(f"hour-{hour}", feature=drift(age=BAD), performance=performance(Verdict.OK, provisional=True))
    lives[0].now = START + 5 * HOUR
    lives[0].judge("hour-1", feature=drift(age=BAD), performance=performance(BAD))
    return store


def found(store, **options: Any):
    """Model, batch, time and monitors of every judgement."""
    with store.read() as connection:
        return [
            (each.model.key.name, each.batch.batch_id, each.at, [monitor for monitor, _ in each.payloads])
            for each in judgements(connection, **options)
        ]


@pytest.mark.parametrize("at_once", [1, 3, 200])
def test_what_was_said_together_comes_together_in_its_order(log, monkeypatch, at_once):
    """By transaction, whatever the size of a chunk; a report that said nothing new is not in it."""
    monkeypatch.setattr(report_history, "_AT_ONCE", at_once)
    first = [
        (name, f"hour-{hour}", START + hour * HOUR, ["feature", "performance"])
        for hour in range(3)
        for name in ("one", "two")
    ]
    assert found(log) == [*first, ("one", "hour-1", START + 5 * HOUR, ["performance"])]


def test_it_can_be_of_some_models_and_of_the_past(log):
    """Both filters; the end is not included."""
    with log.read() as connection:
        two = get_model(connection, ModelKey("two")).model_id
    assert {name for name, *_ in found(log, model_ids=[two])} == {"two"}
    assert [at for *_, at, _ in found(log, model_ids=[two], until=START + 2 * HOUR)] == [START, START + HOUR]
    assert found(log, model_ids=[]) == []


def test_what_people_did_is_found_again(log):
    """In order, with whose problem it was and which episode; what the data did is left out."""
    now = START + 6 * HOUR
    act.acknowledge(log, 1, by="anna", settings=policy(), now=now)
    act.snooze(log, 2, by="ben", until=now + HOUR, settings=policy(), now=now + HOUR / 2)
    with log.read() as connection:
        one = get_model(connection, ModelKey("one")).model_id
        every = acts(connection)
        assert [(each.event.actor, each.event.kind, each.episode) for each in every] == [
            ("anna", "acknowledged", 1),
            ("ben", "snoozed", 1),
        ]
        assert acts(connection, model_ids=[one]) == every[:1]
        assert acts(connection, until=now) == ()
