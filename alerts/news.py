"""What one channel is to be told of one incident now: the first of a list of questions that has an answer. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from driftboard.alerts.facts import Kind
from driftboard.alerts.look import Look, rank
from driftboard.alerts.severity import Severity
from driftboard.data.outbox import NewNotification, Notification

_AGAIN = timedelta(seconds=10)
_OF_PARTS = frozenset({"fire", "change"})


@dataclass(frozen=True, slots=True)
class News:
    """What is to be sent, what it takes the place of (ids), and when to look again; `last`: ask no further."""

    send: tuple[NewNotification, ...] = ()
    supersede: tuple[int, ...] = ()
    wake: datetime | None = None
    last: bool = False


NOTHING = News()


def news_for(look: Look) -> News:
    """Return what the channel is to be told now."""
    if look.is_over:
        return _over(look)
    if look.hushed_until is not None:
        return News(wake=look.hushed_until)
    wakes: list[datetime] = []
    for question in _QUESTIONS:
        answer = question(look)
        if answer.wake is not None:
            wakes.append(answer.wake)
        if answer.send or answer.last:
            return replace(answer, wake=min(wakes, default=None))
    return News(wake=min(wakes, default=None))


def _over(look: Look) -> News:
    """It is over: said once, where anything was heard of it; a first page that waits is not taken back.

    What was tried and still waits may be heard: that is looked at again once its fate is known.
    """
    spell = look.spell
    if spell.is_heard:
        severity = spell.severity
        at = look.outside_quiet_hours(look.now, critical=severity == Severity.CRITICAL)
        row = look.row("resolve", at=at, severity=severity)
        return News((row,), tuple(each.notification_id for each in spell.untried))
    pages = {each.notification_id for each in spell.untried if each.kind == "fire" and is_page(each)}
    rest = tuple(each.notification_id for each in spell.untried if each.notification_id not in pages)
    return News(supersede=rest, wake=look.now + _AGAIN if len(rest) < len(spell.waiting) else None)


def is_page(row: Notification) -> bool:
    """Whether somebody is woken by it."""
    return row.severity == Severity.CRITICAL


def _untold(look: Look) -> News:
    """The channel knows nothing of it: it fires."""
    if look.spell.rows:
        return NOTHING
    if not look.routed:
        return News((look.row("escalate"),)) if look.escalated is not None else News(last=True)
    waits = timedelta(0) if look.is_critical or look.delegates else look.settings.group_wait
    at = look.outside_quiet_hours(look.now + waits, critical=look.is_critical)
    return News((look.row("fire", at=at),))


def _unsent(look: Look) -> News:
    """Its first message still waits: it is written anew when there is more to say, and keeps its place in time."""
    opening = look.spell.rows[0]
    if opening not in look.spell.untried or opening.kind != "fire":
        return NOTHING
    graver = rank(look.incident.severity) > rank(look.spell.severity)
    if not graver and not look.spell.news(look.incident):
        return replace(_reminder(look), last=True)
    fresh = look.row("fire", at=look.now if look.is_critical else opening.not_before)
    if not graver:
        fresh = replace(fresh, created_at=opening.created_at)
    return News((fresh,), (*look.replaceable(), opening.notification_id))


def _graver(look: Look) -> News:
    """It is graver than the channel knows."""
    if rank(look.incident.severity) <= rank(look.spell.severity):
        return NOTHING
    return _once(look, look.now, "change", replaces=True)


def _flapping(look: Look) -> News:
    """It comes and goes, and the channel does not know."""
    if not look.incident.flapping or look.spell.is_flapping:
        return NOTHING
    return _once(look, look.now, "change", replaces=True)


def _escalated(look: Look) -> News:
    return News((look.row("escalate"),)) if look.escalated is not None else NOTHING


def _acknowledged(look: Look) -> News:
    """Somebody has it in hand, which the other side keeps track of."""
    at = look.incident.acked_at
    if at is None or not (look.in_hand and look.takes("acknowledge") and look.spell.is_heard):
        return NOTHING
    if any(each.kind == "acknowledge" and each.created_at >= at for each in look.spell.rows):
        return NOTHING
    row = look.row("acknowledge", actor=look.incident.acked_by)
    return News((replace(row, created_at=max(look.now, at)),))


def _held(look: Look) -> News:
    """While it comes and goes, no more is told than that."""
    return News(last=look.incident.flapping)


def _joined(look: Look) -> News:
    """Parts joined that the channel was never told of."""
    if not look.spell.news(look.incident):
        return NOTHING
    news = look.spell.without(look.replaceable()).news(look.incident)
    last = look.spell.last_at(look.now, _OF_PARTS)
    interval = timedelta(0) if look.delegates else look.settings.group_interval
    return _once(look, look.now if last is None else last + interval, "change", replaces=True, news=news)


def _lost(look: Look) -> News:
    """All that was said was given up: it is said again, as if it were new."""
    if not look.spell.is_lost:
        return NOTHING
    last = look.spell.last_at(look.now)
    answer = _once(look, look.now if last is None else last + look.settings.repeat_interval, "fire")
    return replace(answer, last=True)


def _reminder(look: Look) -> News:
    """It is still there, and nobody has it in hand."""
    if rank(look.incident.severity) < Severity.WARNING.rank or not look.takes("reminder"):
        return NOTHING
    if look.in_hand:
        return News(wake=look.acked_until)
    if look.spell.waiting:
        out = max(look.now, *(each.not_before for each in look.spell.rows))
        return News(wake=out + look.settings.repeat_interval)
    return _once(look, _reminder_at(look), "reminder")


def _reminder_at(look: Look) -> datetime:
    """When the next reminder is due: at once, when an acknowledgement ran out and nothing was said since."""
    last = look.spell.last_at(look.now)
    if last is None:
        return look.now
    until = look.acked_until
    if until is not None and last < until <= look.now:
        return until
    return last + look.settings.repeat_interval


def _once(look: Look, due: datetime, kind: Kind, *, replaces: bool = False, news: Sequence[str] = ()) -> News:
    """Say it, once it is due and no quiet hours are in the way."""
    at = look.outside_quiet_hours(max(due, look.now), critical=look.is_critical)
    if at > look.now:
        return News(wake=at)
    return News((look.row(kind, news=news),), look.replaceable() if replaces else ())


_QUESTIONS: tuple[Callable[[Look], News], ...] = (
    _untold,
    _unsent,
    _graver,
    _flapping,
    _escalated,
    _acknowledged,
    _held,
    _joined,
    _lost,
    _reminder,
)
