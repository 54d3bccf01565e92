"""The daily digest: what is open, and what came and went in a day, as one notification of its own. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from driftboard.alert_settings import Digest
from driftboard.alerts.facts import MOST_AFFECTED, Facts
from driftboard.alerts.rules import rule_named
from driftboard.alerts.severity import Severity
from driftboard.data.incident import Affected, Incident

RULE = "digest"
_DAY = timedelta(days=1)


def digest_at(digest: Digest, now: datetime) -> datetime:
    """Return when the newest digest was due.

    >>> at_eight = Digest(timezone="Europe/Berlin", channels=("mail",))
    >>> digest_at(at_eight, datetime(2026, 7, 2, 5, 59, tzinfo=UTC)).isoformat()
    '2026-07-01T06:00:00+00:00'
    >>> digest_at(at_eight, datetime(2026, 7, 2, 6, 0, tzinfo=UTC)).isoformat()
    '2026-07-02T06:00:00+00:00'
    """
    zone = ZoneInfo(digest.timezone)
    today = datetime.combine(now.astimezone(zone).date(), digest.at, tzinfo=zone)
    due = today if today.astimezone(UTC) <= now else today - _DAY  # a day of the wall: same zone
    return due.astimezone(UTC)


def digest_day(digest: Digest, now: datetime) -> int:
    """Return the day of the newest digest that is due by now, as the ordinal of its date: the `step` of its row."""
    return digest_at(digest, now).astimezone(ZoneInfo(digest.timezone)).date().toordinal()


def in_digest(incident: Incident, at: datetime) -> bool:
    """Whether the digest of that time tells of it: it was open then, or at some time of the day before."""
    over_at = incident.resolved_at
    return incident.opened_at <= at and (over_at is None or over_at > at - _DAY)


def digest_facts(incidents: Iterable[Incident], digest: Digest, *, now: datetime) -> Facts | None:
    """Return what the newest digest says: one part for each incident, the gravest and newest first; None if nothing.

    What began after the digest was due is a matter of the next one, however late this one is.

    Parameters
    ----------
    incidents
        Any; those that are no matter of this digest are left out.
    """
    at = digest_at(digest, now)
    ranked = sorted((each for each in incidents if in_digest(each, at)), key=_rank)
    if not ranked:
        return None
    oldest = min(each.opened_at for each in ranked)
    return Facts(
        kind="digest",
        step=digest_day(digest, now),
        incident_id=0,
        fingerprint=RULE,
        episode=1,
        rule=RULE,
        subject="",
        severity=ranked[0].severity,
        model=None,
        batch="",
        rows=0,
        since="",
        since_at=oldest,
        windows=0,
        affected=tuple(map(_line, ranked[:MOST_AFFECTED])),
        n_affected=len(ranked),
        news=(),
        opened_at=now,
    )


def _line(incident: Incident) -> Affected:
    """One incident, as a part of the digest."""
    about = f" in {incident.model}" if incident.model else ""
    parts = f" ({len(incident.affected)} parts)" if len(incident.affected) > 1 else ""
    name = f"{rule_named(incident.rule).title}{': ' if incident.subject else ''}{incident.subject}{about}{parts}"
    over = "" if incident.is_open else f", over ({incident.resolution})"
    hand = f", acknowledged by {incident.acked_by}" if incident.is_open and incident.acked_by else ""
    return Affected(
        subject=name,
        severity=incident.severity,
        message=f"{incident.severity}{over}{hand}. {incident.message}",
        weight=0.0,
        since=incident.since,
        since_at=incident.since_at,
    )


def _rank(incident: Incident) -> tuple[bool, int, float]:
    return not incident.is_open, -Severity(incident.severity).rank, -incident.opened_at.timestamp()
