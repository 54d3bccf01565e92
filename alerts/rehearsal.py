"""A rehearsal: the pipeline in memory, with a clock that jumps from event to event.

The decisions are those of the live pipeline, by the same functions: `turn.take_turn`, `schedule.plan`,
`schedule.still_wanted`, `by_hand.repeat`. In place of a channel, a message arrives the moment it may leave: no channel
ever fails here, and none has a rate limit.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from driftboard.alert_settings import AlertSettings
from driftboard.alerts import by_hand
from driftboard.alerts.history import Judged
from driftboard.alerts.memory import Memory
from driftboard.alerts.schedule import as_queued, plan, still_wanted
from driftboard.alerts.turn import Standing, take_turn
from driftboard.data.acts import Act
from driftboard.data.incident import Incident, with_id
from driftboard.data.outbox import Delivery, Notification
from driftboard.data.silences import Silence

_LOOK, _SEND = 0, 1
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(seconds=1)
"""As often as the live pipeline looks again, at most."""


@dataclass(slots=True)
class _Desk:
    """What stands of one model: by fingerprint, what rules remember, and the numbers of the open incidents."""

    memories: dict[str, Memory] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)


class Rehearsal:
    """One policy, lived through.

    Attributes
    ----------
    incidents
        Every incident there was, by number, as it stands.
    unmatched
        Acts that found no open incident: under this policy there was nothing to act on.
    """

    def __init__(self, settings: AlertSettings) -> None:
        self.incidents: dict[int, Incident] = {}
        self.unmatched = 0
        self._settings = settings
        self._arrived = Delivery.DRY_RUN if settings.dry_run else Delivery.DELIVERED
        self._desks: dict[int, _Desk] = {}
        self._outbox: dict[int, list[Notification]] = {}
        self._rows = 0
        self._silences: tuple[Silence, ...] = ()
        self._looks: dict[int, datetime] = {}
        self._agenda: list[tuple[datetime, int, int, int]] = []  # when, look or send, incident, place in its outbox

    def judge(self, judged: Judged) -> None:
        """Take in what the monitors said of one batch."""
        model, desk = judged.model, self._desks.setdefault(judged.model.model_id, _Desk())
        standing = Standing(
            model_id=model.model_id,
            model=model.key,
            memories=desk.memories,
            incidents={name: self.incidents[number] for name, number in desk.open.items()},
        )
        turn = take_turn(standing, judged.reports, judged.window, self._settings, now=judged.at)
        desk.memories.update(turn.memories)
        for moved in turn.moved:
            self._change(moved.incident, judged.at)

    def repeat(self, act: Act) -> None:
        """Do again what somebody did, to the incident of that problem that is open now."""
        at, desk = act.event.at, None if act.model_id is None else self._desks.get(act.model_id)
        number = None if desk is None else desk.open.get(act.fingerprint)
        if desk is None or number is None:
            self.unmatched += 1
            return
        incident = by_hand.repeat(self.incidents[number], act.event)
        if not incident.is_open and act.fingerprint in desk.memories:
            desk.memories[act.fingerprint] = by_hand.forgotten(desk.memories[act.fingerprint])
        self._change(incident, at)

    def hush(self, silences: Sequence[Silence], at: datetime) -> None:
        """Let these silences be all there are."""
        self._silences = tuple(silences)
        for desk in self._desks.values():
            for number in desk.open.values():
                self._look_at(number, at)

    def run_until(self, end: datetime) -> None:
        """Let the clock run: whatever is due before the end is told."""
        while self._agenda and self._agenda[0][0] < end:
            at, what, number, place = heapq.heappop(self._agenda)
            if what == _SEND:
                self._send(number, place, at)
            elif self._looks.get(number) == at:
                del self._looks[number]
                self._plan(number, at)

    def arrived(self) -> tuple[Notification, ...]:
        """Return what was told, in order of time."""
        rows = [row for rows in self._outbox.values() for row in rows if row.state is self._arrived]
        return tuple(sorted(rows, key=lambda row: (row.finished_at or _NEVER, row.notification_id)))

    def _change(self, incident: Incident, at: datetime) -> None:
        if not incident.incident_id:
            incident = with_id(incident, len(self.incidents) + 1)
        number = incident.incident_id
        self.incidents[number] = incident
        if incident.model_id is not None:
            desk = self._desks[incident.model_id]
            if incident.is_open:
                desk.open[incident.fingerprint] = number
            else:
                desk.open.pop(incident.fingerprint, None)
        self._plan(number, at)

    def _plan(self, number: int, at: datetime) -> None:
        rows = self._outbox.setdefault(number, [])
        planned = plan(self.incidents[number], tuple(rows), self._settings, self._silences, now=at)
        if planned.supersede:
            for place, row in enumerate(rows):
                if row.notification_id in planned.supersede and row.state is Delivery.QUEUED:
                    rows[place] = replace(row, state=Delivery.SUPERSEDED, finished_at=at)
        for new in planned.send:
            self._rows += 1
            rows.append(as_queued(new, self._rows, at))
            heapq.heappush(self._agenda, (max(new.not_before, at), _SEND, number, len(rows) - 1))
        self._looks.pop(number, None)
        if planned.wake is not None:
            self._look_at(number, max(planned.wake, at + _TICK))

    def _look_at(self, number: int, at: datetime) -> None:
        if number not in self._looks or at < self._looks[number]:
            self._looks[number] = at
            heapq.heappush(self._agenda, (at, _LOOK, number, 0))

    def _send(self, number: int, place: int, at: datetime) -> None:
        rows = self._outbox[number]
        row = rows[place]
        if row.state is not Delivery.QUEUED:
            return
        before = [each for each in rows[:place] if each.state is Delivery.QUEUED and each.channel == row.channel]
        if before:  # older news of an incident leaves first
            heapq.heappush(self._agenda, (max(at, before[-1].not_before), _SEND, number, place))
            return
        refused = still_wanted(row, self.incidents[number], self._settings, self._silences, now=at)
        state, reason = refused or (self._arrived, "")
        rows[place] = replace(row, state=state, reason=reason, attempts=int(not refused), finished_at=at)
        self._look_at(number, at)
