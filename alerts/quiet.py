"""When nobody is to be told: silences, a snooze, quiet hours; and when somebody has it in hand."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from driftboard.alert_settings import QuietHours
from driftboard.alerts.matching import fits, fits_incident, subjects_of
from driftboard.alerts.spell import CLOCK_SLACK
from driftboard.data.incident import Incident
from driftboard.data.silences import Silence


def silenced_by(incident: Incident, silences: Sequence[Silence], now: datetime) -> Silence | None:
    """Return the silence that keeps an incident quiet, the one that ends first if several do; None if it is not quiet.

    An incident with several parts is quiet only when each of them is matched, by one silence or by several.
    """
    fitting = [each for each in silences if each.holds(now) and fits_incident(each.matchers, incident)]
    needed: list[Silence] = []
    for subject in subjects_of(incident):
        covering = [each for each in fitting if fits(each.matchers.get("subject", "*"), subject)]
        if not covering:
            return None
        needed.append(max(covering, key=_end))
    return min(needed, key=_end)


def hushed_until(incident: Incident, silences: Sequence[Silence], now: datetime) -> datetime | None:
    """Return until when an incident is silenced or snoozed, at the earliest; None when it is neither."""
    silence = silenced_by(incident, silences, now)
    ends = [_end(silence)] if silence else []
    if incident.snoozed_until is not None and incident.is_snoozed(now):
        ends.append(incident.snoozed_until)
    return max(ends, default=None)


def acknowledged_until(incident: Incident, now: datetime, *, critical_since: datetime | None = None) -> datetime | None:
    """Return when the acknowledgement of what the incident is now ends, or ended; None when there is none.

    Parameters
    ----------
    critical_since
        When it was first said that it is critical: an older acknowledgement was one of something milder.
    """
    if incident.acked_at is None or incident.acked_at > now + CLOCK_SLACK:
        return None  # of a clock that was set back since, nobody can tell when it ends
    if critical_since is not None and incident.acked_at < critical_since <= now + CLOCK_SLACK:
        return None
    return incident.ack_until


def is_in_hand(incident: Incident, now: datetime, *, critical_since: datetime | None = None) -> bool:
    """Whether somebody has acknowledged what the incident is now; see `acknowledged_until`."""
    until = acknowledged_until(incident, now, critical_since=critical_since)
    return until is not None and now < until


def after_quiet_hours(hours: QuietHours | None, at: datetime) -> datetime:
    """Return the first time from `at` on that lies outside the quiet hours: `at` itself if it does.

    Hours are those of the wall in their time zone, on both sides of a change to summer time, and may pass midnight.
    Where a change skips their end they last as long as on other days; of an end that comes twice, both count. Hours of
    length zero are none.

    >>> from datetime import time
    >>> night = QuietHours(start=time(22), end=time(7), timezone="Europe/Berlin")
    >>> after_quiet_hours(night, datetime(2026, 3, 28, 23, 30, tzinfo=UTC)).isoformat()
    '2026-03-29T05:00:00+00:00'
    """
    if hours is None or hours.start == hours.end:
        return at
    zone = ZoneInfo(hours.timezone)
    wall = at.astimezone(zone)
    passes_midnight = hours.start > hours.end
    inside = wall.time() >= hours.start, wall.time() < hours.end
    if not (any(inside) if passes_midnight else all(inside)):
        return at
    day = wall.date() + timedelta(days=int(passes_midnight and inside[0]))
    end = datetime.combine(day, hours.end, tzinfo=zone)
    if end.astimezone(UTC) <= at:
        end = end.replace(fold=1)  # autumn: this is the second time that the hour is lived through
    return end.astimezone(UTC)


def _end(silence: Silence) -> datetime:
    return silence.expired_at or silence.ends_at
