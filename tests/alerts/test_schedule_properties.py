"""Whatever happens to one incident: nothing is forgotten or told twice, and no look was needed before `wake`."""

from datetime import timedelta

import pytest
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

from driftboard.alerts.quiet import hushed_until
from driftboard.alerts.routing import channels_for
from driftboard.alerts.schedule import plan
from driftboard.alerts.severity import Severity
from driftboard.alerts.spell import spell_of
from driftboard.data.incident import IncidentState
from driftboard.data.outbox import Delivery
from driftboard.data.silences import Silence
from tests.alerts.incidents import MAIL, PAGER, SLACK, affected, alert_settings, incident
from tests.alerts.paper_outbox import PaperOutbox

CHANNELS = {"team": SLACK, "mail": MAIL, "pager": PAGER, "all": SLACK | {"min_severity": "info"}}
QUIET = {"start": "22:00", "end": "07:00", "timezone": "Europe/Berlin"}
NAMES = st.just({"f0"}) | st.just({"f0", "f1"}) | st.sets(st.sampled_from([f"f{n}" for n in range(25)]), min_size=1)
MINUTES = st.sampled_from([0.5, 1, 5, 14, 15, 16, 60, 241, 700])


class Life(RuleBasedStateMachine):
    """One incident, four channels, and everything that can happen to either."""

    @initialize(severity=st.sampled_from(list(Severity)), names=NAMES, quiet=st.booleans())
    def open(self, severity: Severity, names: set[str], quiet: bool) -> None:
        """It opens."""
        given = alert_settings(channels=CHANNELS, quiet_hours=QUIET if quiet else None)
        self.box = PaperOutbox(incident(severity=severity, affected=_parts(names)), given)
        self.box.look()

    @property
    def is_open(self) -> bool:
        return self.box.incident.is_open

    @precondition(lambda self: self.is_open)
    @rule(severity=st.sampled_from(list(Severity)), names=NAMES, flapping=st.booleans())
    def judged(self, severity: Severity, names: set[str], flapping: bool) -> None:
        """Another window; a rise ends an acknowledgement, as in the log."""
        given = {"severity": severity, "affected": _parts(names), "flapping": flapping}
        self.box.change(**given, windows=self.box.incident.windows + 1)
        if severity is Severity.CRITICAL and not self._is_hushed():
            for name in channels_for(self.box.incident, self.box.settings):
                spell = self._spell(name)
                assert spell.severity == "critical", "a page is never put off"
                assert all(each.not_before <= self.box.now or each.kind != "fire" for each in spell.untried[:1])

    @precondition(lambda self: self.is_open)
    @rule()
    def resolve(self) -> None:
        """It is over."""
        self.box.change(state=IncidentState.RESOLVED, resolved_at=self.box.now, resolution="recovered")

    @precondition(lambda self: self.is_open)
    @rule(minutes=MINUTES)
    def acknowledge(self, minutes: float) -> None:
        """Somebody has it in hand."""
        now = self.box.now
        self.box.change(acked_by="ada", acked_at=now, ack_until=now + timedelta(minutes=minutes))

    @precondition(lambda self: self.is_open)
    @rule(minutes=MINUTES)
    def snooze(self, minutes: float) -> None:
        """Somebody wants quiet."""
        self.box.change(snoozed_by="ada", snoozed_until=self.box.now + timedelta(minutes=minutes))

    @rule(minutes=MINUTES, subject=st.sampled_from(["*", "f1*"]))
    def silence(self, minutes: float, subject: str) -> None:
        """A silence begins."""
        now = self.box.now
        end = now + timedelta(minutes=minutes)
        asked = {"created_by": "ada", "comment": "", "created_at": now, "matchers": {"subject": subject}}
        self.box.silences.append(Silence(starts_at=now, ends_at=end, **asked))
        self.box.look()

    @rule(channels=st.sets(st.sampled_from(list(CHANNELS))))
    def block(self, channels: set[str]) -> None:
        """Some channels take nothing for now."""
        self.box.blocked = channels

    @rule(state=st.sampled_from([Delivery.DEAD, Delivery.QUEUED]), data=st.data())
    def fail(self, state: Delivery, data: st.DataObject) -> None:
        """An attempt fails: for good, or it is retried."""
        waiting = [row for row in self.box.rows if row.state is Delivery.QUEUED and row.not_before <= self.box.now]
        if waiting:
            row = data.draw(st.sampled_from(waiting))
            self.box.finish(row.notification_id, state, attempts=row.attempts + 1)
            self.box.look()

    @rule()
    def deliver(self) -> None:
        """The dispatcher has its turn."""
        self.box.deliver()

    @rule(minutes=MINUTES)
    def wait(self, minutes: float) -> None:
        """Time passes."""
        self.box.pass_time(minutes=minutes)

    @invariant()
    def nothing_is_told_twice(self) -> None:
        """One first message in a spell, unless the one before was given up; and no end before a beginning."""
        for name in CHANNELS:
            heard, fires = False, 0
            for row in (each for each in self.box.rows if each.channel == name):
                if row.kind == "resolve":
                    assert heard, "an end without a beginning"
                    heard, fires = False, 0
                elif row.state in {Delivery.QUEUED, Delivery.DELIVERED}:
                    heard, fires = heard or row.state is Delivery.DELIVERED, fires + (row.kind == "fire")
                elif row.state is Delivery.DEAD:
                    heard = True
                assert fires <= 1

    @invariant()
    def every_routed_channel_is_told_or_about_to_be(self) -> None:
        """As soon as nothing keeps it quiet."""
        self.box.look()
        if self.is_open and not self._is_hushed():
            for name in channels_for(self.box.incident, self.box.settings):
                assert self._spell(name).rows

    @invariant()
    def nothing_new_before_it_asked_to_be_woken(self) -> None:
        """A look again now, or at any time before `wake`, changes nothing."""
        box = self.box
        box.look()
        end = box.wake or box.now + timedelta(days=40)
        for share in (0.0, 0.5, 1.0):
            at = box.now + share * (end - box.now)
            if at == end and box.wake is not None:
                at -= timedelta(microseconds=1)
            again = plan(box.incident, box.rows, box.settings, box.silences, now=at)
            assert (again.send, again.supersede) == ((), ()), f"unasked, at {at}"

    def teardown(self) -> None:
        """Once all is quiet and every channel works, each that is to know does know: how grave, and which parts."""
        if not hasattr(self, "box"):
            return
        box = self.box
        box.blocked = set()
        box.change(flapping=False)
        box.pass_time(days=3)
        for name in CHANNELS:
            spell = self._spell(name)
            if not self.is_open:
                assert not spell.is_heard, "its end is told"
            elif name in channels_for(box.incident, box.settings):
                assert not spell.waiting
                assert not spell.is_lost
                assert Severity(spell.severity).rank >= Severity(box.incident.severity).rank
                assert spell.news(box.incident) == ()

    def _spell(self, channel: str):
        return spell_of(self.box.rows, channel, dry_run=False)

    def _is_hushed(self) -> bool:
        return hushed_until(self.box.incident, self.box.silences, self.box.now) is not None


def _parts(names: set[str]):
    return tuple(affected(name) for name in sorted(names))


TestLife = Life.TestCase
TestLife.settings = effort(max_examples=60, stateful_step_count=25, deadline=None)


@pytest.mark.slow
def test_five_hundred_longer_lives() -> None:
    """The same, for longer."""
    run_state_machine_as_test(Life, settings=effort(max_examples=500, stateful_step_count=50, deadline=None))
