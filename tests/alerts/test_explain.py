"""Why an incident did or did not wake somebody."""

from datetime import UTC, datetime, timedelta

import pytest

from driftboard.alerts import act
from driftboard.alerts.explain import explain
from driftboard.alerts.reasons import expected, reasons
from driftboard.alerts.timeline import timeline
from driftboard.data import ModelKey
from driftboard.data.incident import IncidentState
from driftboard.data.incidents import IncidentEvent
from driftboard.data.outbox import Attempt, Delivery, Notification
from driftboard.data.silences import Silence
from driftboard.errors import UnknownIncident
from driftboard.monitors.verdict import Verdict
from tests.alerts.incidents import NOW, affected, alert_settings, incident, notification
from tests.alerts.lived import Life, drift, policy, quality
from tests.alerts.names import HOSTILE

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BAD, MILD = Verdict.CRITICAL, Verdict.WARNING
SILENCE = Silence(
    silence_id=3,
    matchers={"rule": "feature_drift"},
    starts_at=NOW - HOUR,
    ends_at=NOW + HOUR,
    created_by="anna",
    comment="release",
    created_at=NOW - HOUR,
)


def why(*told: Notification, of=None, settings=None, silences=()):
    """The reasons, as one text."""
    return "\n".join(reasons(of or incident(), told, settings or alert_settings(), silences, now=NOW))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": Delivery.DELIVERED, "finished_at": NOW}, "team: told: fire at 2026-03-01T12:00:00Z."),
        ({"state": Delivery.DRY_RUN, "finished_at": NOW}, "team: would have been told (dry run): fire at"),
        ({"state": Delivery.DEAD, "reason": "revoked"}, "team: not told: given up (revoked)."),
        (
            {"state": Delivery.SUPPRESSED, "reason": "silenced by anna: x"},
            "team: not told: held back (silenced by anna: x).",
        ),
        ({"state": Delivery.SUPERSEDED, "reason": ""}, "team: not told: dropped."),
        (
            {"attempts": 2, "reason": "503"},
            "team: not told: the message waits, not before 2026-03-01T12:00:00Z, 2 a",
        ),
        ({"channel": "gone", "state": Delivery.DELIVERED, "finished_at": NOW}, "gone: told: fire at"),
    ],
)
def test_what_became_of_a_message_is_said_channel_by_channel(changes, said):
    """Whatever state its row is in; also of a channel that is configured no more."""
    assert said in why(notification(**changes))


@pytest.mark.parametrize(
    ("changes", "settings", "said"),
    [
        ({"severity": "warning"}, {}, "mail: not told: it takes critical and above (min_severity), this is warning."),
        (
            {},
            {"routes": [{"match": {"rule": "schema"}, "channels": ["mail"]}]},
            "team: not told: no route sends this incident there.",
        ),
        ({}, {"channels": {}}, "No channel is configured: nobody can be told."),
        ({"snoozed_by": "ben", "snoozed_until": NOW + HOUR}, {}, "Snoozed until 2026-03-01T13:00:00Z by ben."),
        (
            {"acked_by": "ben", "acked_at": NOW - HOUR, "ack_until": NOW + HOUR},
            {},
            "Acknowledged by ben until 2026-03-01T13:00:00Z: no reminders",
        ),
        ({"flapping": True}, {}, "Flapping: "),
        ({"state": IncidentState.NO_DATA}, {}, "No data: "),
    ],
)
def test_what_keeps_it_quiet_is_said(changes, settings, said):
    """Routes, severities, acts, states."""
    assert said in why(of=incident(**changes), settings=alert_settings(**settings))


def test_a_silence_is_named_with_its_author_and_comment():
    """And until when."""
    said = "Silenced until 2026-03-01T13:00:00Z by anna (silence 3): release."
    assert said in why(silences=[SILENCE])
    assert said not in why(of=incident(rule="schema"), silences=[SILENCE])


def test_what_comes_next_is_what_the_plan_will_do():
    """The queued row first; then the escalation, unless somebody takes it."""
    sent = [
        notification(notification_id=number, channel=channel, state=Delivery.DELIVERED, finished_at=NOW)
        for number, channel in enumerate(("team", "mail"), 1)
    ]
    lines = expected(incident(), sent, alert_settings(), (), now=NOW)
    assert {(line.at, line.text) for line in lines} == {
        (NOW + 15 * MINUTE, "escalate to team, if nothing changes"),
        (NOW + 15 * MINUTE, "escalate to mail, if nothing changes"),
    }
    waiting = expected(incident(), [notification(not_before=NOW + MINUTE)], alert_settings(), (), now=NOW)
    assert waiting[0].text == "fire leaves for team"
    over = incident(state=IncidentState.RESOLVED, resolved_at=NOW, resolution="recovered")
    assert expected(over, (), alert_settings(), (), now=NOW) == ()


def test_the_timeline_has_everything_in_order_and_nothing_hostile():
    """Changes, acts, messages, attempts and silences; each on one line that drives no terminal."""
    name = HOSTILE[0]
    lines = timeline(
        incident(affected=(affected(name),)),
        events=[
            IncidentEvent(NOW, "opened", "", name),
            IncidentEvent(NOW + HOUR, "acknowledged", "anna\x1b[2J"),
        ],
        reports=(),
        told=[notification(state=Delivery.DELIVERED, finished_at=NOW + 2 * MINUTE)],
        attempts=[
            Attempt(
                notification_id=1,
                n=1,
                owner="here",
                started_at=NOW + MINUTE,
                finished_at=NOW + MINUTE,
                outcome="retry",
                status=503,
                detail="busy\r\n",
            )
        ],
        silences=[SILENCE],
    )
    assert [line.what for line in lines] == ["silence", "incident", "message", "attempt", "message", "act"]
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert "attempt 1 to send fire to team: retry 503: busy" in [line.text for line in lines]
    assert all(line.text.isprintable() for line in lines)


def test_an_incident_is_explained_from_the_log(store):
    """Who was told, where the parts stand, which windows it saw, what was done, what comes next."""
    life = Life(store, policy(), START, ModelKey("flights", "2"), tick=5 * MINUTE)
    life.judge("hour-0", feature=drift(age=BAD, income=MILD))
    life.until(START + HOUR)
    act.acknowledge(store, 1, by="anna", settings=policy(), now=life.now)
    with store.read() as connection:
        found = explain(connection, 1, policy(), now=life.now)
    assert found.incident.rule == "feature_drift"
    assert any(line.startswith("team: would have been told (dry run): fire at") for line in found.why)
    assert "age: critical for 1 window in a row." in found.parts
    assert "income: pending, 1 of 2 bad windows for warning." in found.parts
    texts = [line.text for line in found.timeline]
    assert "window hour-0: the feature monitor says critical" in texts
    assert any(text.startswith("acknowledged by anna: until") for text in texts)
    assert any(line.text.startswith("reminder to") for line in found.ahead)


def test_the_windows_of_what_is_over_are_its_own(store):
    """From the first bad one to those that ended it, however much was judged since."""
    life = Life(store, policy(), START, ModelKey("flights", "2"))
    for hour in range(60):
        life.judge(f"hour-{hour}", feature=drift(age=BAD) if hour == 1 else drift())
        life.now += HOUR
    with store.read() as connection:
        found = explain(connection, 1, policy(), now=life.now)
    windows = [line.text.split(":")[0] for line in found.timeline if line.what == "window"]
    assert windows == ["window hour-1", "window hour-2", "window hour-3"]


def test_what_is_recovering_says_how_far(store):
    """One clear window of two."""
    life = Life(store, policy(), START, ModelKey("flights", "2"))
    life.judge("hour-0", feature=drift(age=BAD))
    life.now += HOUR
    life.judge("hour-1", feature=drift())
    with store.read() as connection:
        found = explain(connection, 1, policy(), now=life.now)
    assert found.parts == ("age: critical, recovering: 1 of 2 clear windows.",)


def test_an_inhibition_is_named(store):
    """While the schema of a feature is broken, its drift is not judged."""
    life = Life(store, policy(), START, ModelKey("flights", "2"))
    life.judge("hour-0", feature=drift(age=BAD))
    life.now += HOUR
    life.judge("hour-1", feature=drift(age=BAD), quality=quality(age=BAD))
    with store.read() as connection:
        found = explain(connection, 1, policy(), now=life.now)
    assert any(line.startswith("Incident 2 (schema) is open: while it fires, feature_drift") for line in found.why)


def test_an_unknown_incident_is_named(store):
    """In one line."""
    with store.read() as connection, pytest.raises(UnknownIncident, match="no incident 5"):
        explain(connection, 5, policy(), now=NOW)
