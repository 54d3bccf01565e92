"""A turn: one batch of one model under all rules. Pure: the live pipeline and the backtest both call it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from driftboard.alert_settings import AlertSettings, RulePolicy
from driftboard.alerts.changes import event
from driftboard.alerts.episode import Problem, follow, resolved
from driftboard.alerts.fingerprint import fingerprint
from driftboard.alerts.gate import Reading, gate, tells_of
from driftboard.alerts.inhibition import hold, sources_first
from driftboard.alerts.lifecycle import advance
from driftboard.alerts.memory import Memory, Window
from driftboard.alerts.rules import RULES
from driftboard.data.incident import Incident
from driftboard.data.incidents import IncidentEvent
from driftboard.data.model_key import ModelKey
from driftboard.monitors.report import Report

NOT_WATCHED = "not watched"
"""Resolution of an incident whose rule was switched off, or is grouped in another way now."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one model stands: what its rules remember, and its open incidents, by fingerprint."""

    model_id: int
    model: ModelKey
    memories: Mapping[str, Memory]
    incidents: Mapping[str, Incident]


@dataclass(frozen=True, slots=True)
class Moved:
    """An incident that changed (a new one has the id 0), and what happened to it."""

    incident: Incident
    events: tuple[IncidentEvent, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a batch changed: memories, by fingerprint, and incidents."""

    memories: Mapping[str, Memory]
    moved: tuple[Moved, ...]


def take_turn(
    standing: Standing, reports: Sequence[Report], window: Window, settings: AlertSettings, *, now: datetime
) -> Turn:
    """Return what one batch changes.

    Parameters
    ----------
    reports
        All that were made of the batch at this time; a rule that none of them tells of stays as it is.
    now
        When they were made; aware, UTC.
    """
    taking = _Taking(standing, window, settings, now)
    taking.put_away(reports)
    for reading in sources_first(gate(reports, settings), settings.inhibit):
        taking.take(reading)
    changed = {name: memory for name, memory in taking.changed.items() if memory != standing.memories.get(name)}
    return Turn(changed, tuple(taking.moved))


class _Taking:
    """A turn while it is taken: the standing, rule by rule."""

    def __init__(self, standing: Standing, window: Window, settings: AlertSettings, now: datetime) -> None:
        self.changed: dict[str, Memory] = {}
        self.moved: list[Moved] = []
        self._known: dict[str, dict[str, Memory]] = {}
        for memory in standing.memories.values():
            self._known.setdefault(memory.rule, {})[memory.subject] = memory
        self._incidents = dict(standing.incidents)
        self._standing = standing
        self._window = window
        self._settings = settings
        self._now = now
        self._bad: dict[str, frozenset[str]] = {}

    def put_away(self, reports: Sequence[Report]) -> None:
        """Close what nobody watches any more: rules that were switched off, or are grouped in another way now."""
        told = {rule.name for rule in RULES.values() if any(tells_of(report, rule) for report in reports)}
        for name, memory in self._standing.memories.items():
            policy = self._settings.rule(memory.rule)
            if memory.rule in told and (not policy.enabled or memory.group != policy.group):
                self._keep(name, replace(_emptied(memory), group=policy.group))
                if name in self._incidents:
                    over = resolved(self._incidents.pop(name), NOT_WATCHED, self._now)
                    self.moved.append(Moved(over, (event("resolved", self._window, self._now, NOT_WATCHED),)))

    def take(self, reading: Reading) -> None:
        """Advance the problems of one rule by the window."""
        known = self._known.get(reading.rule, {})
        remembered = {subject for memory in known.values() for subject in memory.tracks}
        reading = hold(reading, self._trouble(reading.rule), remembered, self._settings.inhibit)
        self._bad[reading.rule] = frozenset(reading.seen)
        policy = self._settings.rule(reading.rule)
        clock = known.get("") or Memory(rule=reading.rule, group=policy.group)
        if clock.is_late(self._window):
            self._note_late(clock)
            return
        new = (clock.before or clock) if clock.is_newest(self._window) else clock
        for subject, part in list(_parts(reading, known, policy)):
            memory = known.get(subject) or replace(_emptied(new), episode=0, subject=subject)
            self._advance(memory, part, policy)

    def _keep(self, name: str, memory: Memory) -> None:
        self.changed[name] = memory
        self._known.setdefault(memory.rule, {})[memory.subject] = memory

    def _trouble(self, target: str) -> dict[str, frozenset[str]]:
        """Return, of the rules that inhibit this one, the subjects that are bad now, or fire."""
        found = {}
        for source in {each.source for each in self._settings.inhibit if target in each.targets}:
            fires = {subject for memory in self._known.get(source, {}).values() for subject in memory.firing}
            found[source] = self._bad.get(source, frozenset()) | fires
        return found

    def _note_late(self, clock: Memory) -> None:
        """Note a batch that began later than the newest one; an earlier one was judged in its turn, and is again."""
        key = self._window.batch_key
        if clock.last is not None and key > max(clock.last.batch_key, clock.late):
            late = event("late", self._window, self._now)
            self.moved += [Moved(each, (late,)) for each in self._incidents.values() if each.rule == clock.rule]
            self._keep(fingerprint(clock.rule, self._standing.model, ""), replace(clock, late=key))

    def _advance(self, before: Memory, reading: Reading, policy: RulePolicy) -> None:
        name = fingerprint(before.rule, self._standing.model, before.subject)
        after = advance(before, reading, self._window, policy)
        problem = Problem(name, self._standing.model_id, self._standing.model, before.rule, before.subject)
        known = self._incidents.get(name)
        incident, events = follow(problem, before, after, known, window=self._window, now=self._now)
        if incident is not None and incident != known:
            self.moved.append(Moved(incident, events))
            after = replace(after, episode=incident.episode)
        self._keep(name, after)


def _emptied(memory: Memory) -> Memory:
    return replace(memory, tracks={}, switches=(), flapping=False, before=None)


def _parts(reading: Reading, known: Mapping[str, Memory], policy: RulePolicy) -> Iterator[tuple[str, Reading]]:
    """Return the problems of a rule, each with what the batch says of it.

    The one of the empty subject is always among them: it remembers which window the rule has come to.
    """
    if policy.group == "model":
        yield "", reading
        return
    for subject in {"": None, **dict.fromkeys(known), **dict.fromkeys(reading.seen)}:
        seen = {subject: reading.seen[subject]} if subject in reading.seen else {}
        yield subject, replace(reading, seen=seen)
