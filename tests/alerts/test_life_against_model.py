"""Random lives: `take_turn` on real reports against the independent model."""

import pytest
from hypothesis import Phase
from hypothesis import settings as effort
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from driftboard.alerts import flapping
from driftboard.alerts.rules import RULES
from driftboard.monitors.verdict import Verdict
from tests.alerts.batches import Life, quality
from tests.alerts.fakes import features, finding
from tests.alerts.incidents import alert_settings
from tests.alerts.model_of_life import Problem

SUBJECTS = ("a", "b", "c")
LETTERS = {
    Verdict.OK: "0",
    Verdict.INFO: "1",
    Verdict.WARNING: "2",
    Verdict.CRITICAL: "3",
    Verdict.INSUFFICIENT: "b",
    Verdict.NO_DATA: "b",
}
SEVERITIES = {"1": "info", "2": "warning", "3": "critical"}
POLICIES = ((1, 2, 2), (1, 3, 1), (2, 1, 3), (1, 2, 1), (1, 1, 1), (3, 2, 2), (1, 3, 3))
BATCH = st.one_of(st.none(), st.fixed_dictionaries({subject: st.sampled_from(list(LETTERS)) for subject in SUBJECTS}))
BROKEN = st.one_of(st.just(frozenset()), st.frozensets(st.sampled_from(SUBJECTS)))


class RandomLife(RuleBasedStateMachine):
    """Windows new, late and judged again, grouped in one way or the other, resolved by hand now and then."""

    @initialize(counts=st.sampled_from(POLICIES), no_data=st.sampled_from(["keep", "resolve"]))
    def begin(self, counts, no_data):
        """Choose a policy."""
        names = ("critical_windows", "for_windows", "keep_windows")
        self.policy = dict(zip(names, counts, strict=True)) | {"no_data": no_data}
        self.group = self.grouped = "model"
        self.newest, self.fresh = 100, False
        self.episodes, self.ended = {}, []
        self.life = Life()
        self.configure()
        self.schema = {"": Problem(self.life.settings.rule("schema"))}
        self.drift = self.new_problems()

    def configure(self):
        """Write the policy down."""
        others = {name: {"enabled": False} for name in RULES}
        rules = others | {"feature_drift": self.policy | {"group": self.group}, "schema": self.policy}
        self.life.settings = alert_settings(rules=rules)

    def new_problems(self):
        """Problems of the present grouping, without a past."""
        names = ("",) if self.group == "model" else SUBJECTS
        policy = self.life.settings.rule("feature_drift")
        return {name: Problem(policy, episode=self.episodes.get(name, 0)) for name in names}

    @rule(batch=BATCH, broken=BROKEN)
    def new_window(self, batch, broken):
        """The next batch."""
        self.newest, self.fresh = self.newest + 1, True
        self.take(self.newest, batch, broken)

    @precondition(lambda self: self.fresh)
    @rule(batch=BATCH, broken=BROKEN)
    def newest_again(self, batch, broken):
        """The newest batch has grown."""
        self.take(self.newest, batch, broken)

    @precondition(lambda self: self.fresh)
    @rule(batch=BATCH, broken=BROKEN, older=st.integers(1, 5))
    def late_window(self, batch, broken, older):
        """A batch from before: it moves nothing."""
        self.take(self.newest - older, batch, broken, late=True)

    @rule(times=st.integers(1, 2), verdict=st.sampled_from([Verdict.CRITICAL, Verdict.WARNING]))
    def up_and_down(self, times, verdict):
        """A problem that comes and goes: random windows alone would hardly flap."""
        for _ in range(times):
            for each, windows in ((verdict, self.policy["for_windows"]), (Verdict.OK, self.policy["keep_windows"])):
                for _ in range(windows):
                    self.new_window(dict.fromkeys(SUBJECTS, Verdict.OK) | {"a": each}, frozenset())

    @rule(verdicts=st.lists(st.tuples(st.sampled_from(list(LETTERS)), st.integers(1, 3)), min_size=1, max_size=4))
    def one_feature(self, verdicts):
        """One feature goes through some verdicts, each for a while."""
        for verdict, windows in verdicts:
            for _ in range(windows):
                self.new_window(dict.fromkeys(SUBJECTS, Verdict.OK) | {"a": verdict}, frozenset())

    @rule(verdicts=st.lists(st.sampled_from(list(LETTERS)), min_size=2, max_size=4))
    def one_window(self, verdicts):
        """One window is judged again and again while it grows."""
        self.one_feature([(verdicts[0], 1)])
        for each in verdicts[1:]:
            self.newest_again(dict.fromkeys(SUBJECTS, Verdict.OK) | {"a": each}, frozenset())

    @rule(times=st.sampled_from([1, 9]))
    def steady(self, times):
        """Nothing happens for a while."""
        for _ in range(times):
            self.new_window(dict.fromkeys(SUBJECTS, Verdict.OK), frozenset())

    @rule()
    def regroup(self):
        """The configuration groups the rule in the other way."""
        self.group = "subject" if self.group == "model" else "model"
        self.fresh = False
        self.configure()

    @precondition(lambda self: self.life.incidents)
    @rule(choice=st.integers(0, 10))
    def resolve_by_hand(self, choice):
        """Somebody says that an incident is over."""
        open_ones = sorted(self.life.incidents)
        incident = self.life.incidents.pop(open_ones[choice % len(open_ones)])
        problems = self.schema if incident.rule == "schema" else self.drift
        problems[incident.subject].incident = None

    def take(self, number, batch, broken, *, late=False):
        """Let both look at a batch."""
        self.life.take(number, *reports(batch, broken))
        if self.group != self.grouped:
            self.put_away()
        if late:
            return
        self.schema[""].see(number, {each: "2" if each in broken else "0" for each in SUBJECTS}, judged=True)
        held = broken | self.schema[""].firing.keys()
        letters = {each: "h" if each in held else "b" if batch is None else LETTERS[batch[each]] for each in SUBJECTS}
        for name, problem in self.drift.items():
            mine = letters if not name else {name: letters[name]}
            problem.see(number, mine, judged=batch is not None)

    def put_away(self):
        """The grouping has changed: what is open is closed, the past is forgotten."""
        for name, problem in self.drift.items():
            self.episodes[name] = problem.episode
            self.ended += [("feature_drift", name, *each) for each in problem.ended]
            if problem.incident:
                self.ended.append(("feature_drift", name, problem.episode, "not watched"))
        self.grouped = self.group
        self.drift = self.new_problems()

    @invariant()
    def agree(self):
        """The same incidents are open, in the same state; the same are over, for the same reason."""
        if not hasattr(self, "life"):
            return
        found = {(each.rule, each.subject): told(each) for each in self.life.incidents.values()}
        assert found == {
            (name, subject): expected(problem.incident)
            for name, problems in (("schema", self.schema), ("feature_drift", self.drift))
            for subject, problem in problems.items()
            if problem.incident
        }
        ended = list(self.ended)
        for name, problems in (("schema", self.schema), ("feature_drift", self.drift)):
            ended += [(name, subject, *each) for subject, problem in problems.items() for each in problem.ended]
        over = [(each.rule, each.subject, each.episode, each.resolution) for each in self.life.over]
        assert sorted(over) == sorted(ended)


def reports(batch, broken):
    """The reports of a batch; None: the inputs could not be judged."""
    if batch is None:
        drift = features(verdict=Verdict.INSUFFICIENT)
    else:
        drift = features(*(finding("feature_drift", verdict, subject) for subject, verdict in batch.items()))
    return drift, quality(*(finding("schema", Verdict.INVALID, subject) for subject in sorted(broken)))


def told(incident):
    """What the model knows of an incident."""
    parts = {part.subject: (part.severity, part.recovering) for part in incident.affected}
    state = (str(incident.state), incident.severity, incident.worst)
    return (*state, incident.episode, incident.flapping, parts)


def expected(incident):
    """The same of the model's."""
    parts = {
        subject: (SEVERITIES[severity], recovering) for subject, (severity, recovering) in incident["parts"].items()
    }
    state = (incident["state"], SEVERITIES[incident["severity"]], SEVERITIES[incident["worst"]])
    return (*state, incident["episode"], incident["flapping"], parts)


def test_no_divergence():
    """300 lives of 40 steps: the pipeline and the model never differ."""
    run_state_machine_as_test(RandomLife, settings=effort(max_examples=300, stateful_step_count=40, deadline=None))


@pytest.mark.slow
def test_no_divergence_in_many_long_lives():
    """1,000 lives of 60 steps."""
    run_state_machine_as_test(RandomLife, settings=effort(max_examples=1000, stateful_step_count=60, deadline=None))


def test_the_model_notices_a_fault(monkeypatch):
    """Negative control: with five switches instead of four the two differ, and it is found."""
    monkeypatch.setattr(flapping, "SWITCHES", 5)
    search = effort(max_examples=300, stateful_step_count=40, deadline=None, phases=[Phase.generate], database=None)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(RandomLife, settings=search)
