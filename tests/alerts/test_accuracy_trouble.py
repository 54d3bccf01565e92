"""Accuracy below its floor: evidence, labels that have arrived, and half an hour."""

from datetime import timedelta

import pytest

from driftboard.alerts.accuracy_trouble import look_at_accuracy
from driftboard.alerts.outcome_figures import OutcomeFigures
from driftboard.alerts.service_rules import service_rules
from driftboard.alerts.service_trouble import Look
from driftboard.monitors.service_level import Tally
from tests.alerts.services import BEGIN, service_settings

(RULE,) = [rule for rule in service_rules(service_settings()) if rule.measure == "accuracy"]
NOW = BEGIN + timedelta(days=1)
WELL = Look(well=frozenset({("low_accuracy", "")}))


def said(
    right: int, labelled: int = 200, *, batch: int = 1, ago: int = 60, provisional: bool = False
) -> OutcomeFigures:
    """What was said of a batch so many minutes ago."""
    return OutcomeFigures(
        batch_key=batch,
        batch_id=f"b{batch}",
        batch_at=BEGIN + timedelta(hours=batch),
        said_at=NOW - timedelta(minutes=ago),
        provisional=provisional,
        outcomes=Tally(right, labelled),
    )


def test_a_model_that_is_certainly_below_the_floor_is_critical():
    """60 % of 200, where 70 % is the floor: the interval ends at 66 %."""
    (trouble,) = look_at_accuracy(RULE, [said(120)], now=NOW).wrong
    assert (trouble.rule, str(trouble.severity)) == ("low_accuracy", "critical")
    assert trouble.message == (
        "Accuracy 0.6 (0.531 to 0.665) of 200 labelled predictions in `b1`: below 0.7 for 30 minutes, beyond chance."
    )


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ([said(160)], WELL),
        ([said(134)], WELL),  # 67 %, but it could be 73 %: no evidence
        ([said(3, 10)], Look()),  # ten labels say nothing
        ([said(120, provisional=True)], Look()),  # its labels are still to come
        ([said(120, ago=29)], Look()),  # not for half an hour yet
        ([said(160), said(120, batch=2, ago=10)], Look()),  # the older batch was well until then
        ([said(120), said(160, batch=2, ago=40)], WELL),  # the newest batch is well
        ([said(120), said(160, batch=2, ago=10)], Look()),  # but not for half an hour yet
        ([], Look()),
    ],
)
def test_what_is_not_certain_for_half_an_hour_opens_nothing(figures: list[OutcomeFigures], expected: Look):
    """And ends nothing, unless it is certainly not below."""
    assert look_at_accuracy(RULE, figures, now=NOW) == expected


def test_a_late_batch_does_not_hide_a_newer_one():
    """What counts is the newest batch, not the newest report."""
    figures = [said(160, batch=1, ago=5), said(120, batch=2, ago=60)]
    assert look_at_accuracy(RULE, figures, now=NOW).wrong


def test_a_correction_counts_from_when_it_was_made():
    """Labels that came later and made it worse hold for half an hour first."""
    worse = [said(160, ago=90), said(120, ago=45)]
    assert look_at_accuracy(RULE, worse, now=NOW).wrong
    assert not look_at_accuracy(RULE, worse, now=NOW - timedelta(minutes=20)).wrong
