"""One look at one incident, for one channel: what is, what was told, and how a row is made of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.channels.kinds import takes
from driftboard.alerts.escalation import place_of, row_step
from driftboard.alerts.facts import Kind, facts_of, facts_to_json
from driftboard.alerts.quiet import after_quiet_hours
from driftboard.alerts.severity import Severity
from driftboard.alerts.spell import Spell
from driftboard.channel_settings import AlertmanagerSettings
from driftboard.data.incident import Incident
from driftboard.data.outbox import NewNotification, Notification

_REPLACEABLE = frozenset({"change", "reminder"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at one incident, for one channel.

    Attributes
    ----------
    spell, told
        What counts as told on the channel; and every row of the incident, for the numbering.
    routed
        Whether the incident goes to the channel as it is now.
    hushed_until
        The end of a silence or a snooze; None when there is none, or none that the channel heeds.
    acked_until
        The end of an acknowledgement of what it is now, to come or past; None when there is none.
    escalated
        The step of the escalation that is due on the channel.
    """

    incident: Incident
    settings: AlertSettings
    channel: str
    spell: Spell
    told: Sequence[Notification]
    routed: bool
    hushed_until: datetime | None
    acked_until: datetime | None
    escalated: int | None
    now: datetime

    @property
    def is_critical(self) -> bool:
        """Whether it is a page."""
        return self.incident.severity == Severity.CRITICAL

    @property
    def in_hand(self) -> bool:
        """Whether somebody has acknowledged it."""
        return self.acked_until is not None and self.now < self.acked_until

    @property
    def is_over(self) -> bool:
        """Whether it is over, or has become too mild for the channel."""
        if not self.incident.is_open:
            return True
        milder = bool(self.spell.rows) and rank(self.incident.severity) < rank(self.spell.severity)
        return milder and not self.routed

    @property
    def delegates(self) -> bool:
        """Whether grouping and quiet are the business of the other side."""
        return isinstance(self.settings.channels[self.channel], AlertmanagerSettings)

    def takes(self, kind: Kind) -> bool:
        """Whether news of this kind means anything to the channel."""
        return takes(self.settings.channels[self.channel], kind)

    def outside_quiet_hours(self, at: datetime, *, critical: bool) -> datetime:
        """Return the first time from then on at which the channel may be told."""
        return at if critical or self.delegates else after_quiet_hours(self.settings.quiet_hours, at)

    def replaceable(self) -> tuple[int, ...]:
        """Return the ids of untried news that newer news says better."""
        return tuple(each.notification_id for each in self.spell.untried if each.kind in _REPLACEABLE)

    def row(
        self, kind: Kind, *, at: datetime | None = None, news: Sequence[str] = (), actor: str = "", severity: str = ""
    ) -> NewNotification:
        """Return a row for the channel that tells the incident as it is now; see `facts_of`."""
        step = self._next_step(kind)
        shown = place_of(step) if kind == "escalate" else step
        said = facts_of(self.incident, kind, step=shown, news=news, actor=actor, severity=severity)
        if kind == "resolve" and not said.resolution:
            said = replace(said, resolution=f"now {self.incident.severity}")
        return NewNotification(
            incident_id=self.incident.incident_id,
            fingerprint=self.incident.fingerprint,
            model=str(self.incident.model or ""),
            kind=kind,
            step=step,
            channel=self.channel,
            severity=said.severity,
            payload=facts_to_json(said),
            not_before=at or self.now,
            created_at=self.now,
        )

    def _next_step(self, kind: Kind) -> int:
        if kind == "escalate":
            return row_step(self.escalated or 0, self.told, self.channel)
        steps = [each.step for each in self.told if each.channel == self.channel and each.kind == kind]
        return max(steps, default=-1) + 1


def rank(severity: str) -> int:
    """Return how grave a severity is, 0 for `info`."""
    return Severity(severity).rank
