"""An outbox on paper: what plans put into it, and what a dispatcher would make of that; no database, no network."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.schedule import Plan, as_queued, plan, still_wanted
from driftboard.data.incident import Incident
from driftboard.data.outbox import Delivery, Notification
from tests.alerts.incidents import NOW


@dataclass
class PaperOutbox:
    """One incident, looked at whenever something happens or its time has come.

    `broken` are the channels that refuse; a row of a blocked one waits.
    """

    incident: Incident
    settings: AlertSettings
    now: datetime = NOW
    silences: list = field(default_factory=list)
    rows: list[Notification] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    wake: datetime | None = None

    def look(self) -> Plan:
        """Plan, and carry the plan out."""
        planned = plan(self.incident, self.rows, self.settings, self.silences, now=self.now)
        for each in planned.supersede:
            assert (self.row(each).state, self.row(each).attempts) == (Delivery.QUEUED, 0), "only what waits untried"
            self.finish(each, Delivery.SUPERSEDED)
        for each in planned.send:
            self.rows.append(as_queued(each, len(self.rows) + 1, self.now))
        steps = [(row.kind, row.step, row.channel) for row in self.rows]
        assert len(steps) == len(set(steps)), "unique in the table"
        self.wake = planned.wake
        assert self.wake is None or self.wake > self.now
        return planned

    def change(self, **changes: object) -> Plan:
        """Change the incident, and look."""
        self.incident = replace(self.incident, **changes)
        return self.look()

    def deliver(self) -> None:
        """Send what is due and still wanted, as a dispatcher does, and look again."""
        for row in [each for each in self.rows if each.state is Delivery.QUEUED and each.not_before <= self.now]:
            if row.channel in self.blocked:
                continue
            fate = still_wanted(row, self.incident, self.settings, self.silences, now=self.now)
            sent = Delivery.DRY_RUN if self.settings.dry_run else Delivery.DELIVERED
            self.finish(row.notification_id, fate[0] if fate else sent)
        self.look()

    def finish(self, notification_id: int, state: Delivery, *, attempts: int | None = None) -> None:
        """Say what became of a row."""
        row = self.row(notification_id)
        tried = attempts if attempts is not None else row.attempts + (state is Delivery.DELIVERED)
        self.rows[notification_id - 1] = replace(row, state=state, finished_at=self.now, attempts=tried)

    def row(self, notification_id: int) -> Notification:
        """One row."""
        return self.rows[notification_id - 1]

    def pass_time(self, **length: float) -> None:
        """Let time pass, stopping wherever the plan asked to be woken and wherever a row falls due."""
        end = self.now + timedelta(**length)
        self.deliver()
        for _ in range(10_000):
            waiting = [each.not_before for each in self.rows if self._can_go(each)]
            self.now = min([end, *(at for at in (self.wake, *waiting) if at is not None and at > self.now)])
            self.look()
            self.deliver()
            if self.now == end:
                return
        raise AssertionError("the plan asks to be woken without end")

    def _can_go(self, row: Notification) -> bool:
        return row.state is Delivery.QUEUED and row.channel not in self.blocked

    def told(self, channel: str = "team") -> list[str]:
        """What a channel was sent, in order."""
        return [row.kind for row in self.rows if row.channel == channel and row.state is Delivery.DELIVERED]

    def times(self, channel: str, kind: str) -> list[timedelta]:
        """When a channel was sent news of a kind, counted from the beginning."""
        sent = [
            row for row in self.rows if row.state is Delivery.DELIVERED and (row.channel, row.kind) == (channel, kind)
        ]
        return [row.finished_at - NOW for row in sent]
