"""One batch after the other: what becomes of a model's incidents."""

from dataclasses import replace

import numpy as np
import pytest

from driftboard.alerts.fingerprint import fingerprint
from driftboard.alerts.rules import RULES
from driftboard.data.incident import IncidentState
from driftboard.monitors import ClassicPolicy, Detector, Numeric, Sample
from driftboard.monitors.verdict import Verdict
from tests.alerts.batches import CRITICAL, INFO, OK, WARNING, Life, drifts, quality, relations
from tests.alerts.fakes import features, finding, performance, predictions
from tests.alerts.incidents import MODEL, alert_settings

DRIFT = fingerprint("feature_drift", MODEL, "")


@pytest.fixture
def life():
    """A model without a past, under the default policy."""
    return Life()


def under(**rules: object):
    """A model without a past, under a policy of its own."""
    return Life(alert_settings(rules=rules))


def test_a_hundred_bad_batches_are_one_incident(life):
    """A2: a storm opens one incident, and says so once."""
    events = [life.take(n, drifts(age=CRITICAL)) for n in range(100)]
    assert events[0] == ["opened"]
    assert not any(events[1:])
    assert (life.only.windows, life.only.batch_id, life.only.since) == (100, "b99", "b0")


def test_many_features_of_one_batch_are_one_incident(life):
    """The incident lists them, the gravest first; a name decides where nothing else does."""
    life.take(0, drifts(zip=CRITICAL, age=CRITICAL, pay=WARNING))
    assert [part.subject for part in life.only.affected] == ["age", "zip"]
    assert life.take(1, drifts(zip=CRITICAL, age=CRITICAL, pay=WARNING)) == ["joined"]
    assert [(part.subject, part.severity) for part in life.only.affected][-1] == ("pay", "warning")
    assert life.events == [(1, "opened", "b0: critical: age, zip"), (1, "joined", "b1: pay")]


def test_a_warning_needs_two_windows_and_a_page_one(life):
    """A single odd batch is no warning; what is critical was corrected for luck and does not wait."""
    assert life.take(0, drifts(age=WARNING)) == []
    assert life.take(1, drifts(age=OK)) == []
    assert life.take(2, drifts(age=WARNING)) == []
    assert life.take(3, drifts(age=WARNING)) == ["opened"]
    assert (life.only.severity, life.only.since, life.only.windows) == ("warning", "b2", 2)


def test_two_clear_windows_end_it(life):
    """One clear window is recovering, and a bad one resumes the same episode."""
    kinds = [life.take(n, drifts(age=each)) for n, each in enumerate([CRITICAL, OK, CRITICAL, OK, OK])]
    assert kinds == [["opened"], ["recovering"], ["resumed"], ["recovering"], ["resolved"]]
    (over,) = life.over
    assert (over.state, over.resolution, over.windows) == (IncidentState.RESOLVED, "recovered", 2)
    assert [part.subject for part in over.affected] == ["age"]
    assert over.resolved_at is not None


def test_it_rises_at_once_and_falls_with_hysteresis(life):
    """A warning that turns critical rises; two windows that are only warnings make it fall; the worst is kept."""
    kinds = [life.take(n, drifts(age=each)) for n, each in enumerate([WARNING, WARNING, CRITICAL, WARNING, WARNING])]
    assert kinds == [[], ["opened"], ["rose"], ["recovering"], ["fell", "resumed"]]
    assert (life.only.severity, life.only.worst) == ("warning", "critical")
    assert life.events[1][2] == "b2: warning to critical"


def test_parts_leave_while_others_stay(life):
    """One feature recovers, the incident goes on for the other."""
    life.take(0, drifts(age=CRITICAL, pay=CRITICAL))
    life.take(1, drifts(age=CRITICAL, pay=OK))
    assert life.take(2, drifts(age=CRITICAL, pay=OK)) == ["left"]
    assert [part.subject for part in life.only.affected] == ["age"]


def test_three_windows_that_cannot_tell_are_no_data(life):
    """They end nothing; the first that can tell goes on where it was."""
    blank = features(verdict=Verdict.INSUFFICIENT)
    kinds = [life.take(n, each) for n, each in enumerate([drifts(age=CRITICAL), blank, blank, blank, blank])]
    assert kinds == [["opened"], [], [], ["no_data"], []]
    assert life.only.state is IncidentState.NO_DATA
    assert life.take(5, drifts(age=CRITICAL)) == ["data_again"]
    assert life.only.state is IncidentState.FIRING


def test_no_data_can_end_it_if_so_configured():
    """`no_data = "resolve"`: over, and for that reason; the next bad window is another episode."""
    life = under(feature_drift={"no_data": "resolve"})
    blank = features(verdict=Verdict.NO_DATA)
    kinds = [life.take(n, each) for n, each in enumerate([drifts(age=CRITICAL), blank, blank, blank, blank])]
    assert kinds == [["opened"], [], [], ["resolved"], []]
    assert life.over[0].resolution == "no data"
    life.take(5, drifts(age=CRITICAL))
    assert life.only.episode == 2


def test_a_late_batch_moves_nothing_and_is_noted_once(life):
    """A batch logged after a newer one is a line in the audit of what is open, however often it is judged."""
    life.take(5, drifts(age=CRITICAL))
    before = life.memory(DRIFT), life.only
    assert life.take(4, drifts(age=OK), key=6) == ["late"]
    assert life.take(4, drifts(age=OK), key=6) == []
    assert (replace(life.memory(DRIFT), late=0), life.only) == before
    assert life.events[-1][2] == "b4"


def test_labels_for_an_old_batch_are_no_news(life):
    """It was judged in its turn; that it is judged again, perhaps a thousand times, is noted nowhere."""
    life.take(4, drifts(age=CRITICAL))
    life.take(5, drifts(age=CRITICAL))
    before = dict(life.memories)
    assert life.take(4, drifts(age=OK)) == []
    assert life.memories == before


def test_a_batch_that_turns_bad_while_it_grows_is_told_then(life):
    """The newest batch judged again counts once, and for the worse: too few rows, clear, critical, clear."""
    assert life.take(0, features(verdict=Verdict.INSUFFICIENT)) == []
    assert life.take(0, drifts(age=OK)) == []
    assert life.take(0, drifts(age=CRITICAL)) == ["opened"]
    assert life.take(0, drifts(age=OK)) == []
    assert life.take(0, drifts(age=CRITICAL)) == []
    assert (life.only.windows, life.only.state) == (1, IncidentState.FIRING)


def test_a_batch_judged_again_is_one_window(life):
    """Ten reports of one batch are not two batches in a row."""
    assert [life.take(0, drifts(age=WARNING)) for _ in range(10)] == [[]] * 10
    assert life.take(1, drifts(age=WARNING)) == ["opened"]


def test_each_rule_has_its_own_newest_window(life):
    """Labels come late: performance is judged for an old batch though the inputs are far ahead."""
    decay = performance(finding("performance_decay", CRITICAL))
    for n in range(5):
        life.take(n, drifts(age=OK), performance(verdict=Verdict.NO_DATA))
    assert life.take(0, drifts(age=OK), decay) == ["opened"]


@pytest.mark.parametrize(
    ("report", "rule"),
    [
        (drifts(age=CRITICAL), "feature_drift"),
        (features(finding("feature_drift_unconfirmed", WARNING, "age")), "feature_drift_unconfirmed"),
        (relations(finding("relation_change", CRITICAL, "age and pay")), "relation_change"),
        (quality(finding("missing_values", CRITICAL, "age")), "missing_values"),
        (quality(finding("schema", Verdict.INVALID, "age")), "schema"),
        (predictions(finding("label_shift", WARNING)), "label_shift"),
        (predictions(finding("confidence_shift", WARNING)), "confidence_shift"),
        (predictions(finding("failed_requests", CRITICAL)), "failed_requests"),
        (predictions(verdict=Verdict.INVALID), "schema"),
        (performance(finding("performance_decay", CRITICAL)), "performance_decay"),
        (performance(finding("recall_decay", CRITICAL, "late")), "recall_decay"),
        (performance(finding("segment_decay", WARNING, "carrier = AA")), "segment_decay"),
        (performance(finding("estimated_decay", WARNING), provisional=True), "estimated_decay"),
    ],
)
def test_every_monitors_verdict_reaches_an_incident(life, report, rule):
    """A18: whichever monitor says it, it passes the same life cycle."""
    life.take(0, report)
    life.take(1, report)
    assert life.only.rule == rule
    assert life.take(2, report) == []


@pytest.mark.parametrize("rule", [name for name, each in RULES.items() if each.monitor])
def test_every_rule_opens_and_closes(rule):
    """Each rule's finding opens one incident, which two clear batches end."""
    make = {"feature": features, "relations": relations, "quality": quality}.get(RULES[rule].monitor, predictions)
    make = performance if RULES[rule].monitor == "performance" else make
    steady = finding("performance_decay", OK)
    life = Life()
    for n in range(4):
        life.take(n, make(finding(rule, CRITICAL if n < 2 else OK), steady))
    assert [kind for _, kind, _ in life.events] == ["opened", "recovering", "resolved"]


def test_psi_on_one_feature_and_ks_on_another_do_not_agree(life):
    """A19: a real report of the classic policy: two pieces of information and no page; on one feature, a page."""
    rng = np.random.default_rng(12)
    few = np.full(10_000, np.nan)
    few[:60] = rng.normal(0.6, 1, 60)
    detector = Detector(_sample(rng.normal(size=10_000), rng.normal(size=10_000)), ClassicPolicy(ks_alpha=1e-9))
    apart = detector.update(_sample(few, rng.normal(0.15, 1, 10_000))).reports["feature"]
    for n in range(2):
        life.take(n, apart)
    found = {each.rule: (each.severity, [part.subject for part in each.affected]) for each in life.incidents.values()}
    assert found == {"feature_drift": ("info", ["y"]), "feature_drift_unconfirmed": ("info", ["x"])}
    moved = detector.update(_sample(rng.normal(size=10_000), rng.normal(1, 1, 10_000))).reports["feature"]
    assert life.take(2, moved) == ["rose", "recovering"]
    assert {each.severity for each in life.incidents.values() if each.rule == "feature_drift"} == {"critical"}


def _sample(x, y):
    return Sample(len(x), {"x": Numeric(x), "y": Numeric(y)})


def test_a_broken_schema_holds_its_feature_back(life):
    """A column that became text is one incident, not two; another feature's drift is told."""
    broken = quality(finding("schema", Verdict.INVALID, "age"))
    kinds = [life.take(n, drifts(age=CRITICAL, pay=CRITICAL), broken) for n in range(2)]
    assert kinds == [["opened"], ["opened"]]
    parts = {each.rule: [part.subject for part in each.affected] for each in life.incidents.values()}
    assert parts == {"feature_drift": ["pay"], "schema": ["age"]}


def test_grouped_by_subject_each_feature_is_an_incident():
    """`group = "subject"`: its own episodes, its own end."""
    life = under(feature_drift={"group": "subject"})
    life.take(0, drifts(age=CRITICAL, pay=CRITICAL))
    assert {each.subject for each in life.incidents.values()} == {"age", "pay"}
    for n in (1, 2):
        life.take(n, drifts(age=OK, pay=CRITICAL))
    assert (life.only.subject, life.over[0].subject) == ("pay", "age")
    assert life.take(0, drifts(tax=CRITICAL)) == []
    assert life.only.subject == "pay"


def test_a_rule_that_is_switched_off_closes_its_incident(life):
    """Nobody would ever end it: it is resolved as no longer watched, and begins anew when switched on."""
    life.take(0, drifts(age=CRITICAL))
    life.settings = alert_settings(rules={"feature_drift": {"enabled": False}})
    assert life.take(1, drifts(age=CRITICAL)) == ["resolved"]
    assert life.over[0].resolution == "not watched"
    assert life.take(2, drifts(age=CRITICAL)) == []
    life.settings = alert_settings()
    assert life.take(3, drifts(age=OK)) == []
    assert life.take(4, drifts(age=CRITICAL)) == ["opened"]
    assert life.only.episode == 2


def test_resolved_by_hand_it_comes_back_with_the_next_bad_batch(life):
    """Who says that it is over is believed until a batch says otherwise; who wants quiet silences it."""
    life.take(0, drifts(age=CRITICAL))
    life.incidents.clear()
    assert life.take(1, drifts(age=OK)) == []
    assert life.take(2, drifts(age=CRITICAL)) == ["opened"]
    assert life.only.episode == 2


def test_what_comes_and_goes_is_one_incident_until_it_is_steady(life):
    """The fourth switch within 20 windows is flapping; ten windows without one end it."""
    pattern = [CRITICAL, OK, OK, CRITICAL, OK, OK, CRITICAL, OK, OK]
    kinds = [life.take(n, drifts(age=each)) for n, each in enumerate(pattern)]
    assert [sum(each.count(kind) for each in kinds) for kind in ("opened", "resolved", "flapping")] == [2, 1, 1]
    assert (life.only.flapping, life.only.state) == (True, IncidentState.RECOVERING)
    quiet = [life.take(n, drifts(age=OK)) for n in range(9, 19)]
    assert quiet == [[]] * 9 + [["steady", "resolved"]]


def test_information_is_an_incident_too(life):
    """It is kept and shown; whom it is told to is the routes' affair."""
    life.take(0, drifts(age=INFO))
    life.take(1, drifts(age=INFO))
    assert life.only.severity == "info"


def test_nothing_that_is_clear_is_remembered(life):
    """A thousand features that were bad once leave no tracks."""
    life.take(0, drifts(**{f"f{n}": WARNING for n in range(1000)}))
    assert len(life.memory(DRIFT).tracks) == 1000
    life.take(1, drifts())
    assert not life.memory(DRIFT).tracks
