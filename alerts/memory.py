"""What one rule remembers of one model from window to window; pure values, kept as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

import orjson

from driftboard.alerts.severity import Severity

GRAVEST_FIRST = tuple(reversed(Severity))


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """One batch, as a place in the order of a model's data: by its first prediction, then by its key."""

    at: datetime
    batch_key: int
    batch_id: str = field(compare=False)
    rows: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Run:
    """How long one subject has been at a severity or above, or below it.

    Attributes
    ----------
    active
        Whether it fires at this severity.
    windows
        n > 0: the last n windows were at least this bad; n < 0: the last -n were not.
    """

    active: bool = False
    windows: int = 0


@dataclass(frozen=True, slots=True)
class Track:
    """What is remembered of one subject.

    Attributes
    ----------
    runs
        By severity, all three; it fires at the gravest one that is active. Empty when it was given up for want of data.
    blank
        Windows in a row that could not tell.
    message, weight
        Of its newest bad window; see `data.incident.Affected`.
    since, since_at
        The first bad window of what is pending or firing.
    """

    runs: Mapping[Severity, Run]
    blank: int = 0
    message: str = ""
    weight: float = 0.0
    since: str = ""
    since_at: datetime | None = None

    @property
    def severity(self) -> Severity | None:
        """The gravest severity it fires at; None when it does not."""
        return next((each for each in GRAVEST_FIRST if each in self.runs and self.runs[each].active), None)

    @property
    def pending(self) -> bool:
        """Whether it is bad, and not yet for long enough."""
        return self.severity is None and any(run.windows > 0 for run in self.runs.values())

    @property
    def recovering(self) -> bool:
        """Whether it fires, and its last window was better than that."""
        severity = self.severity
        return severity is not None and self.runs[severity].windows < 0


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one rule and model (or one subject, where the rule is grouped by subject).

    Attributes
    ----------
    tracks
        By subject; a subject that is neither bad nor firing is left out (one that was given up for want of data stays
        for one more window, as the sign of it).
    last
        The newest window that was looked at; an older one moves nothing.
    seen
        How many windows could tell.
    switches
        Numbers (as `seen` counts) of the windows at which it opened or closed, the newest last: of the last 20 only.
    flapping
        It opened and closed four times in 20 windows, and has not been steady for ten since.
    episode
        Number of the newest incident, from 1; 0 before the first.
    rule, subject
        Whose memory it is; the subject is empty for the rule as a whole.
    group
        How the rule was grouped: see `RulePolicy`. When that changes, memories begin anew.
    late
        Key of the newest batch that was noted as late: each is noted once.
    before
        The memory without the newest window, should that be judged again; it has none itself.
    """

    tracks: Mapping[str, Track] = field(default_factory=dict)
    last: Window | None = None
    seen: int = 0
    switches: tuple[int, ...] = ()
    flapping: bool = False
    episode: int = 0
    rule: str = ""
    subject: str = ""
    group: Literal["model", "subject"] = "model"
    late: int = 0
    before: "Memory | None" = None

    @property
    def firing(self) -> Mapping[str, Track]:
        """The subjects that fire; empty when none does."""
        return {subject: track for subject, track in self.tracks.items() if track.severity is not None}

    @property
    def fires(self) -> bool:
        """Whether any subject does."""
        return any(track.severity is not None for track in self.tracks.values())

    def is_late(self, window: Window) -> bool:
        """Whether a window is older than the newest one: it moves nothing."""
        return self.last is not None and window <= self.last and not self.is_newest(window)

    def is_newest(self, window: Window) -> bool:
        """Whether it is the newest window, judged again."""
        return self.last is not None and window.batch_key == self.last.batch_key


_FIELDS = frozenset(field.name for field in fields(Memory))


def memory_to_json(memory: Memory) -> str:
    """Return the memory as JSON."""
    return orjson.dumps(memory, option=orjson.OPT_NON_STR_KEYS).decode()


def memory_from_json(payload: str) -> Memory:
    """Return the memory that `memory_to_json` wrote; what an earlier version did not know of has its default."""
    return _memory(orjson.loads(payload))


def _memory(given: dict[str, Any]) -> Memory:
    last, before = given.get("last"), given.get("before")
    read = {
        "tracks": {subject: _track(track) for subject, track in given.get("tracks", {}).items()},
        "last": None if last is None else Window(**{**last, "at": datetime.fromisoformat(last["at"])}),
        "switches": tuple(given.get("switches", ())),
        "before": None if before is None else _memory(before),
    }
    return Memory(**{name: each for name, each in given.items() if name in _FIELDS} | read)


def _track(given: dict[str, Any]) -> Track:
    runs = {Severity(name): Run(**run) for name, run in given["runs"].items()}
    at = given["since_at"]
    return Track(**{**given, "runs": runs, "since_at": None if at is None else datetime.fromisoformat(at)})
