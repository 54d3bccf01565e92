"""What happened to an incident, in order of time: changes, messages and attempts in one list; no I/O."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from driftboard.dashboard.status import of_delivery
from driftboard.data.incidents import IncidentEvent
from driftboard.data.outbox import Attempt, Notification

_EVENTS = {
    "opened": ("Opened", "notification_add"),
    "joined": ("More parts", "group_add"),
    "left": ("Parts left", "group_remove"),
    "rose": ("Graver", "trending_up"),
    "fell": ("Milder", "trending_down"),
    "recovering": ("First clear window", "healing"),
    "resumed": ("Bad again", "replay"),
    "no_data": ("Cannot be judged", "do_not_disturb_on"),
    "data_again": ("Judged again", "restart_alt"),
    "resolved": ("Over", "check_circle"),
    "flapping": ("Comes and goes", "swap_vert"),
    "steady": ("Steady again", "horizontal_rule"),
    "late": ("Late report", "history"),
    "acknowledged": ("Acknowledged", "front_hand"),
    "unacknowledged": ("Given back", "back_hand"),
    "snoozed": ("Snoozed", "snooze"),
    "unsnoozed": ("Snooze ended", "alarm_on"),
    "feedback": ("Feedback", "thumbs_up_down"),
}
KINDS = {
    "fire": "first message",
    "change": "news",
    "reminder": "reminder",
    "escalate": "escalation",
    "acknowledge": "acknowledgement",
    "resolve": "all clear",
    "digest": "digest",
    "test": "test",
}
_ATTEMPTS = {
    "started": "under way, or cut short",
    "ok": "taken",
    "retry": "failed, to be tried again",
    "permanent": "refused for good",
    "unknown": "no answer, may have arrived",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened.

    Attributes
    ----------
    icon
        Name of a Material icon.
    what, detail
        In a few words, and as it was recorded; names in them are as somebody chose them.
    who
        The person or channel; empty when the data did it.
    """

    at: datetime
    icon: str
    what: str
    detail: str = ""
    who: str = ""


def lines(
    events: Sequence[IncidentEvent], notifications: Sequence[Notification], attempts: Sequence[Attempt]
) -> tuple[Line, ...]:
    """Return all of it, oldest first; what happened at one time stays in this order."""
    by_id = {each.notification_id: each for each in notifications}
    found = [
        *(_changed(each) for each in events),
        *(line for each in notifications for line in _told(each)),
        *(_tried(each, by_id[each.notification_id]) for each in attempts if each.notification_id in by_id),
    ]
    return tuple(sorted(found, key=lambda line: line.at))


def _changed(event: IncidentEvent) -> Line:
    what, icon = _EVENTS.get(event.kind, (event.kind.replace("_", " ").capitalize(), "edit_note"))
    return Line(event.at, icon, what, event.detail, event.actor)


def _told(notification: Notification) -> Iterator[Line]:
    kind = KINDS.get(notification.kind, notification.kind)
    yield Line(notification.created_at, "schedule_send", f"Queued: {kind}", who=notification.channel)
    if notification.finished_at is not None:
        status = of_delivery(notification.state)
        icon = status.icon.removeprefix(":material/").removesuffix(":")
        what = f"{status.word}: {kind}"
        yield Line(notification.finished_at, icon, what, notification.reason, notification.channel)


def _tried(attempt: Attempt, notification: Notification) -> Line:
    answer = _ATTEMPTS.get(attempt.outcome, attempt.outcome)
    status = "" if attempt.status is None else f" ({attempt.status})"
    what = f"Attempt {attempt.n}: {answer}{status}"
    return Line(attempt.started_at, "forward_to_inbox", what, attempt.detail, notification.channel)
