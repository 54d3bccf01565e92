"""What a notification says of an incident, as of when it was queued: facts, kept with it as JSON; never a secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson

from driftboard.data.incident import Affected, Incident
from driftboard.data.model_key import ModelKey

Kind = Literal["fire", "change", "reminder", "escalate", "acknowledge", "resolve", "digest", "test"]

MOST_AFFECTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One incident in one notification.

    Attributes
    ----------
    kind, step
        What is told of it, and how often that was told on this channel before.
    incident_id, fingerprint, episode, rule, subject, severity
        Of the incident; `severity` is what it is now, in a `resolve` what it was.
    model
        None when the incident is about driftboard itself.
    batch, rows
        Newest bad window.
    since, since_at, windows
        First bad window, and how many there were.
    affected, n_affected
        The parts that matter most, at most twenty, and how many there are.
    news
        Parts that joined since the last time this channel was told; empty in a first message.
    opened_at, resolved_at, resolution
        When it opened; when and why it ended.
    actor
        Who acknowledged it.
    flapping
        It comes and goes: nothing more is told of it until it is steady, unless it gets graver.
    """

    kind: Kind
    step: int
    incident_id: int
    fingerprint: str
    episode: int
    rule: str
    subject: str
    severity: str
    model: ModelKey | None
    batch: str
    rows: int
    since: str
    since_at: datetime
    windows: int
    affected: tuple[Affected, ...]
    n_affected: int
    news: tuple[str, ...]
    opened_at: datetime
    resolved_at: datetime | None = None
    resolution: str = ""
    actor: str = ""
    flapping: bool = False

    @property
    def message(self) -> str:
        """The sentence of evidence that leads."""
        return self.affected[0].message if self.affected else ""


def facts_of(
    incident: Incident, kind: Kind, *, step: int = 0, news: Sequence[str] = (), actor: str = "", severity: str = ""
) -> Facts:
    """Return what is to be told of an incident now."""
    return Facts(
        kind=kind,
        step=step,
        incident_id=incident.incident_id,
        fingerprint=incident.fingerprint,
        episode=incident.episode,
        rule=incident.rule,
        subject=incident.subject,
        severity=severity or incident.severity,
        model=incident.model,
        batch=incident.batch_id,
        rows=incident.rows,
        since=incident.since,
        since_at=incident.since_at,
        windows=incident.windows,
        affected=incident.affected[:MOST_AFFECTED],
        n_affected=len(incident.affected),
        news=tuple(news),
        opened_at=incident.opened_at,
        resolved_at=incident.resolved_at,
        resolution=incident.resolution,
        actor=actor,
        flapping=incident.flapping,
    )


def facts_to_json(facts: Facts) -> str:
    """Return the facts as JSON."""
    return orjson.dumps(facts).decode()


def facts_from_json(payload: str) -> Facts:
    """Return the facts that `facts_to_json` wrote."""
    given: dict[str, Any] = orjson.loads(payload)
    for name in ("since_at", "opened_at", "resolved_at"):
        given[name] = None if given[name] is None else datetime.fromisoformat(given[name])
    given["model"] = None if given["model"] is None else ModelKey(**given["model"])
    given["news"] = tuple(given["news"])
    given["affected"] = tuple(
        Affected(**{**each, "since_at": datetime.fromisoformat(each["since_at"])}) for each in given["affected"]
    )
    return Facts(**given)
