"""The steps of the escalation: which is due, on which channels, and what it counts from."""

from datetime import timedelta

import pytest

from driftboard.alerts.escalation import NONE, escalation, place_of, row_step
from driftboard.alerts.spell import Spell
from driftboard.data.outbox import Delivery, Notification
from tests.alerts.incidents import MAIL, NOW, SLACK, alert_settings, incident, notification

MINUTE = timedelta(minutes=1)
HUB = {"type": "alertmanager", "urls": ["http://127.0.0.1:9093"]}
STEPS = [{"after": "10m", "channels": ["team"]}, {"after": "20m", "channels": ["mail", "team"]}]
SETTINGS = alert_settings(escalation=STEPS)
PAGED = notification(state=Delivery.DELIVERED)


def due(minutes: float, *rows: Notification, settings=SETTINGS, acked_until=None, **changes: object):
    """The escalation, so many minutes after the page on `team`."""
    spells = {"team": Spell((PAGED, *rows))}
    now = NOW + minutes * MINUTE
    return escalation(incident(**changes), spells, settings, acked_until=acked_until, now=now)


@pytest.mark.parametrize(
    ("minutes", "channels", "next_at"),
    [(9, {}, 10), (10, {"team": 0}, 20), (19, {"team": 0}, 20), (20, {"team": 1, "mail": 1}, None)],
)
def test_each_step_is_due_in_its_time(minutes: float, channels: dict[str, int], next_at: float | None) -> None:
    """On a channel of two steps that are both due, the later one is said."""
    found = due(minutes)
    assert dict(found.due) == channels
    assert found.next_at == (None if next_at is None else NOW + next_at * MINUTE)


def test_a_step_is_taken_once() -> None:
    """Also when it was said anew, after it was suppressed."""
    taken = notification(notification_id=2, kind="escalate", step=3, state=Delivery.DELIVERED)
    assert dict(due(15, taken).due) == {}
    assert dict(due(20, taken).due) == {"team": 1, "mail": 1}


def test_only_what_is_critical_and_told_escalates() -> None:
    """And only while it is so."""
    assert due(60, severity="warning") == NONE
    assert escalation(incident(), {}, SETTINGS, acked_until=None, now=NOW + 60 * MINUTE) == NONE


def test_it_counts_from_the_end_of_an_acknowledgement_or_a_snooze() -> None:
    """Whoever let it run out has as long as anybody."""
    assert dict(due(25, acked_until=NOW + 20 * MINUTE).due) == {}
    assert dict(due(30, acked_until=NOW + 20 * MINUTE).due) == {"team": 0}
    assert dict(due(25, snoozed_until=NOW + 20 * MINUTE).due) == {}


def test_without_channels_it_goes_to_whom_the_page_went() -> None:
    """But not to an Alertmanager, which escalates by itself."""
    settings = alert_settings(
        channels={"team": SLACK, "mail": MAIL, "hub": HUB}, routes=[{"channels": ["team", "hub"]}]
    )
    assert dict(due(15, settings=settings).due) == {"team": 0}


def test_a_page_of_a_clock_that_was_set_back_escalates_now() -> None:
    """A5: nobody can say how long it has waited."""
    assert dict(due(-24 * 60).due) == {"team": 1, "mail": 1}


def test_the_step_of_a_row_tells_the_step_and_is_new_each_time() -> None:
    """The table takes every (kind, step, channel) of an incident once."""
    before = [notification(kind="escalate", step=step) for step in (1, 4)]
    assert (row_step(1, before, "team"), row_step(0, before, "team"), row_step(1, before, "mail")) == (7, 0, 1)
    assert [place_of(step) for step in (7, 0, 1)] == [1, 0, 1]
