"""What people do about incidents: stored, audited, told; and refused in one line."""

from datetime import UTC, datetime, timedelta

import pytest

from driftboard.alerts import act
from driftboard.alerts.desk import look_after
from driftboard.data import ModelKey
from driftboard.data.incident import IncidentState
from driftboard.data.incidents import events_of, find_incident, recent_incidents
from driftboard.data.outbox import Delivery, told_of
from driftboard.data.silences import silences
from driftboard.errors import StoreError, UnknownIncident
from driftboard.monitors.verdict import Verdict
from tests.alerts.lived import Life, drift, policy

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(minutes=10)
BAD, MILD = Verdict.CRITICAL, Verdict.WARNING
POLICY = policy()


@pytest.fixture
def life(store):
    """A model with a critical drift that was told."""
    life = Life(store, POLICY, START, ModelKey("flights", "2"), tick=TICK)
    life.judge("hour-0", feature=drift(age=BAD))
    life.until(START + TICK)
    return life


def incident_of(life):
    """The newest incident."""
    with life.store.read() as connection:
        return recent_incidents(connection)[0]


def told(life, number=1):
    """Kind, channel and state of every notification."""
    with life.store.read() as connection:
        return [(row.kind, row.channel, str(row.state)) for row in told_of(connection, [number]).get(number, ())]


def audit(life, number=1):
    """Kind, actor and detail of every change that somebody made."""
    with life.store.read() as connection:
        return [(each.kind, each.actor, each.detail) for each in events_of(connection, number) if each.actor]


def test_an_acknowledgement_is_kept_audited_and_stops_the_escalation(life):
    """Who, since when, until when; PagerDuty is told; nobody else is called."""
    after = act.acknowledge(life.store, 1, by="anna", settings=POLICY, now=life.now)
    assert (after.acked_by, after.acked_at, after.ack_until) == ("anna", life.now, life.now + POLICY.ack_timeout)
    assert incident_of(life) == after
    assert audit(life) == [("acknowledged", "anna", f"until {after.ack_until.isoformat()}")]
    life.until(START + HOUR)
    assert {kind for kind, *_ in told(life)} == {"fire", "acknowledge"}


def test_given_back_the_escalation_goes_on(life):
    """Without anybody who has it, the second call goes out."""
    act.acknowledge(life.store, 1, by="anna", settings=POLICY, now=life.now)
    act.unacknowledge(life.store, 1, by="anna", settings=POLICY, now=life.now + TICK)
    life.until(START + HOUR)
    assert "escalate" in {kind for kind, *_ in told(life)}
    assert incident_of(life).acked_by == ""


def test_somebody_else_may_take_over(life):
    """The audit names both."""
    act.acknowledge(life.store, 1, by="anna", settings=POLICY, now=life.now)
    after = act.acknowledge(life.store, 1, by="ben", settings=POLICY, now=life.now, until=life.now + HOUR)
    assert after.acked_by == "ben"
    assert audit(life)[-1] == ("acknowledged", "ben", f"until {after.ack_until.isoformat()}, taken over from anna")


def test_what_gets_worse_is_told_in_spite_of_the_acknowledgement(store):
    """A warning in hand that becomes critical calls somebody."""
    life = Life(store, POLICY, START, ModelKey("flights", "2"), tick=TICK)
    for hour in range(2):
        life.judge(f"hour-{hour}", feature=drift(age=MILD))
        life.until(START + (hour + 1) * HOUR)
    act.acknowledge(store, 1, by="anna", settings=POLICY, now=life.now - TICK)
    life.judge("hour-2", feature=drift(age=BAD))
    life.until(life.now + HOUR)
    kinds = told(life)
    assert ("fire", "oncall", "dry_run") in kinds
    assert ("escalate", "oncall", "dry_run") in kinds


def test_a_snooze_is_quiet_until_it_ends(life):
    """No reminder, no escalation, no change; then it is told that it is still there."""
    before = told(life)
    act.snooze(life.store, 1, by="anna", until=life.now + 6 * HOUR, settings=POLICY, now=life.now)
    life.judge("hour-1", feature=drift(age=BAD, income=BAD))
    life.until(life.now + 6 * HOUR - TICK)
    assert told(life) == before
    life.until(life.now + HOUR)
    assert len(told(life)) > len(before)


def test_a_snooze_can_be_ended(life):
    """And is then ended for good."""
    act.snooze(life.store, 1, by="anna", until=life.now + HOUR, settings=POLICY, now=life.now)
    assert act.unsnooze(life.store, 1, by="ben", settings=POLICY, now=life.now).snoozed_until is None
    with pytest.raises(StoreError, match="is not snoozed"):
        act.unsnooze(life.store, 1, by="ben", settings=POLICY, now=life.now)


def test_resolved_by_hand_it_is_told_and_the_next_bad_window_opens_a_new_one(life):
    """The end is told where the beginning was; what the rule remembered is gone, so no window is counted twice."""
    after = act.resolve(life.store, 1, by="anna", settings=POLICY, now=life.now)
    assert (after.state, after.resolution) == (IncidentState.RESOLVED, "resolved by anna")
    life.until(life.now + TICK)
    assert {channel for kind, channel, _ in told(life) if kind == "resolve"} == {"team", "oncall"}
    life.judge("hour-1", feature=drift())
    assert incident_of(life).incident_id == 1
    life.judge("hour-2", feature=drift(age=BAD))
    assert (incident_of(life).incident_id, incident_of(life).episode) == (2, 2)


def test_what_is_over_is_left_alone_and_the_line_says_whose_it_was(life):
    """One clear line for each act; feedback is welcome still."""
    act.resolve(life.store, 1, by="anna", settings=POLICY, now=life.now)
    for late in (act.acknowledge, act.unacknowledge, act.unsnooze, act.resolve):
        with pytest.raises(StoreError, match=r"incident 1 is over since .* \(resolved by anna\)"):
            late(life.store, 1, by="ben", settings=POLICY, now=life.now + TICK)
    assert act.give_feedback(life.store, 1, by="ben", useful=False, now=life.now).feedback == "noise"
    assert act.give_feedback(life.store, 1, by="eve", useful=True, now=life.now).feedback_by == "eve"


def test_an_unknown_incident_is_named(life):
    """And the way to find the known ones."""
    with pytest.raises(UnknownIncident, match="no incident 7: see `driftboard alerts list --all`"):
        act.acknowledge(life.store, 7, by="anna", settings=POLICY, now=life.now)


def test_an_act_that_fails_changes_nothing(life):
    """The audit and the incident are as before."""
    before = incident_of(life)
    with pytest.raises(StoreError, match="has passed"):
        act.snooze(life.store, 1, by="anna", until=life.now, settings=POLICY, now=life.now)
    with pytest.raises(StoreError, match="say who"):
        act.acknowledge(life.store, 1, by=" \n", settings=POLICY, now=life.now)
    assert (incident_of(life), audit(life)) == (before, [])


def test_a_silence_is_quiet_and_its_end_tells_what_is_still_there(store):
    """The incident lives on meanwhile."""
    life = Life(store, POLICY, START, ModelKey("flights", "2"), tick=TICK)
    until = START + 3 * HOUR
    made = act.silence(store, {"rule": "feature_*"}, by="anna", comment="release", until=until, now=START)
    life.judge("hour-0", feature=drift(age=BAD))
    life.until(START + 2 * HOUR)
    assert (incident_of(life).state, told(life)) == (IncidentState.FIRING, [])
    ended = act.end_silence(store, made.silence_id, by="ada", now=life.now)
    assert (ended.expired_at, ended.expired_by) == (life.now, "ada")
    life.until(life.now + 2 * TICK)
    assert ("fire", "oncall", str(Delivery.DRY_RUN)) in told(life)
    with pytest.raises(StoreError, match="has ended already"):
        act.end_silence(store, made.silence_id, by="ada", now=life.now)
    with pytest.raises(UnknownIncident, match="no silence 9"):
        act.end_silence(store, 9, by="ada", now=life.now)


def test_a_silence_reaches_what_is_open_already(life):
    """What comes after it is silent; it is kept as asked for."""
    before = told(life)
    made = act.silence(
        life.store, {"subject": "age"}, by="anna", comment="  known\n", until=life.now + 10 * HOUR, now=life.now
    )
    life.until(life.now + 9 * HOUR)
    assert told(life) == before
    with life.store.read() as connection:
        assert silences(connection, now=life.now) == (made,)
    assert made.comment == "known"


@pytest.mark.parametrize(
    ("matchers", "changes", "said"),
    [
        ({"rule": "*"}, {}, "must not match everything"),
        ({"rule": "*", "model": "**"}, {}, "must not match everything"),
        ({}, {}, "must not match everything"),
        ({"feature": "age"}, {}, "there are model, environment, rule, subject, severity"),
        ({"model": ""}, {}, "1 to 300 characters"),
        ({"rule": "feature_drfit"}, {}, "did you mean feature_drift"),
        ({"severity": "criticl"}, {}, "did you mean critical"),
        ({"model": "churn"}, {"comment": "\n "}, "needs a comment"),
        ({"model": "churn"}, {"until": START}, "has passed"),
        ({"model": "churn"}, {"until": START + timedelta(days=91)}, "90 days at most"),
        ({"model": "churn"}, {"by": ""}, "say who"),
    ],
)
def test_a_silence_that_was_not_meant_is_refused(store, matchers, changes, said):
    """In one line; nothing is stored."""
    given = {"by": "anna", "comment": "why", "until": START + HOUR, "now": START} | changes
    with pytest.raises(StoreError, match=said) as error:
        act.silence(store, matchers, **given)
    assert "\n" not in str(error.value)
    with store.read() as connection:
        assert silences(connection) == ()


def test_an_act_between_two_looks_is_not_lost(life):
    """The plan of the act is stored with it: a look straight after finds nothing to do."""
    act.acknowledge(life.store, 1, by="anna", settings=POLICY, now=life.now)
    before = told(life)
    look_after(life.store, POLICY, now=life.now)
    assert told(life) == before
    with life.store.read() as connection:
        assert find_incident(connection, 1).is_acked(life.now)
