"""An incident as the log keeps it: one ongoing problem, from the window that opened it until it is over."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from driftboard.data.model_key import ModelKey


class IncidentState(StrEnum):
    """Where an incident stands; `recovering`: the last window was clear, one more and it is over."""

    FIRING = "firing"
    RECOVERING = "recovering"
    NO_DATA = "no_data"
    RESOLVED = "resolved"


OPEN = (IncidentState.FIRING, IncidentState.RECOVERING, IncidentState.NO_DATA)


@dataclass(frozen=True, slots=True)
class Affected:
    """One part that an incident is about.

    Attributes
    ----------
    subject
        The feature, class, pair or segment; empty for the model as a whole.
    severity
        At which it fires.
    message
        The monitor's sentence on its newest bad window.
    weight
        What parts are ranked by, the largest first: the effect as a multiple of what is worth a page; 0 when unknown.
    since, since_at
        Its first bad window: batch id, and first prediction.
    recovering
        Its newest window was clear.
    """

    subject: str
    severity: str
    message: str
    weight: float
    since: str
    since_at: datetime
    recovering: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One episode of a problem.

    Attributes
    ----------
    incident_id
        0 until it is stored.
    fingerprint, episode
        The identity of the problem, and how often it has come.
    model_id, model
        None when it is about driftboard itself (a channel, the worker).
    rule, subject
        A key of `alerts.rules.RULES`; the subject is empty when the incident is about the model as a whole, or about
        the parts in `affected`.
    severity, worst
        At present, and the gravest it ever was: `info`, `warning`, `critical`.
    affected
        The parts that are bad or recovering, ranked: gravest first, then by weight.
    batch_key, batch_id, rows
        The newest bad window.
    since, since_at
        The first bad window: batch id, and first prediction.
    windows
        Bad windows so far.
    resolution
        Why it is over: `recovered`, `resolved by NAME`, `no data`, `not watched`, ...; empty while it is not.
    """

    incident_id: int = 0
    fingerprint: str
    episode: int
    model_id: int | None
    model: ModelKey | None
    rule: str
    subject: str
    state: IncidentState
    severity: str
    worst: str
    affected: tuple[Affected, ...]
    batch_key: int | None
    batch_id: str
    rows: int
    since: str
    since_at: datetime
    windows: int
    opened_at: datetime
    changed_at: datetime
    resolved_at: datetime | None = None
    resolution: str = ""
    flapping: bool = False
    acked_by: str = ""
    acked_at: datetime | None = None
    ack_until: datetime | None = None
    snoozed_by: str = ""
    snoozed_until: datetime | None = None
    feedback: str = ""
    feedback_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is not over."""
        return self.state is not IncidentState.RESOLVED

    def is_acked(self, now: datetime) -> bool:
        """Whether somebody has it in hand at this time."""
        return self.ack_until is not None and now < self.ack_until

    def is_snoozed(self, now: datetime) -> bool:
        """Whether it was asked to be quiet at this time."""
        return self.snoozed_until is not None and now < self.snoozed_until

    @property
    def message(self) -> str:
        """The sentence of evidence that leads."""
        return self.affected[0].message if self.affected else ""


_COLUMNS = frozenset(
    {
        *("incident_id", "fingerprint", "episode", "model_id", "model", "rule", "subject", "state", "severity"),
        *("opened_at", "resolved_at", "feedback"),
    }
)
_TIMES = ("since_at", "changed_at", "acked_at", "ack_until", "snoozed_until")


def rest_to_json(incident: Incident) -> str:
    """Return what has no column of its own."""
    rest = {name: value for name, value in asdict(incident).items() if name not in _COLUMNS}
    return orjson.dumps(rest).decode()


def rest_from_json(payload: str) -> dict[str, Any]:
    """Return the fields that `rest_to_json` wrote."""
    rest: dict[str, Any] = orjson.loads(payload)
    for name in _TIMES:
        rest[name] = None if rest[name] is None else datetime.fromisoformat(rest[name])
    rest["affected"] = tuple(
        Affected(**{**each, "since_at": datetime.fromisoformat(each["since_at"])}) for each in rest["affected"]
    )
    return rest


def with_id(incident: Incident, incident_id: int) -> Incident:
    """Return the incident once it is stored."""
    return replace(incident, incident_id=incident_id)
