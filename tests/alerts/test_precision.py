"""Precision of rules from feedback."""

import pytest

from driftboard.alerts import act
from driftboard.alerts.precision import precision
from driftboard.data.incidents import feedback_by_rule, insert_incident
from driftboard.monitors.wilson import wilson
from tests.alerts.incidents import incident


def test_the_share_comes_with_how_well_it_is_known():
    """Wilson's interval, wide for one answer and narrow for many."""
    few, many = precision({"schema": (1, 0), "label_shift": (90, 10)})[::-1]
    assert (few.share, few.answers) == (1.0, 1)
    assert few.interval == wilson(1, 1)
    assert many.share == pytest.approx(0.9)
    assert many.interval.high - many.interval.low < 0.15 < few.interval.high - few.interval.low


def test_the_most_surely_noisy_rule_is_first():
    """One answer of noise proves less than nine of ten."""
    found = precision({"one": (0, 1), "nine": (1, 9), "good": (9, 0), "none": (0, 0)})
    assert [each.rule for each in found] == ["nine", "one", "good"]


def test_it_counts_what_people_said(store):
    """By rule, each incident once, the last word on it."""
    with store.write() as connection:
        for episode in (1, 2, 3):
            insert_incident(connection, incident(episode=episode, model_id=None, model=None))
    now = incident().opened_at
    for number, useful in ((1, True), (2, False), (2, True), (3, False)):
        act.give_feedback(store, number, by="anna", useful=useful, now=now)
    with store.read() as connection:
        (found,) = precision(feedback_by_rule(connection))
    assert (found.rule, found.useful, found.noise) == ("feature_drift", 2, 1)
