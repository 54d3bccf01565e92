"""Which channels an incident goes to: by the first route that matches, and by the least severity of each channel."""

from collections.abc import Iterator

from driftboard.alert_settings import AlertSettings, Match
from driftboard.alerts.channels.kinds import takes
from driftboard.alerts.matching import fits, fits_incident, subjects_of
from driftboard.alerts.severity import Severity
from driftboard.channel_settings import AlertmanagerSettings, PagerDutySettings
from driftboard.data.incident import Incident

_OF_A_CHANNEL = frozenset({"channel_broken", "queue_stalled"})


def channels_for(incident: Incident, settings: AlertSettings) -> tuple[str, ...]:
    """Return the names of the channels that take an incident as grave as it is now; empty: nobody is told.

    The first route that matches decides; without any route every channel is asked. A channel takes what reaches its
    own `min_severity`, in a route as well. A broken or stalled channel is not told that it is.
    """
    rank = Severity(incident.severity).rank
    broken = incident.subject if incident.rule in _OF_A_CHANNEL else None
    return tuple(
        name
        for name in _routed(incident, settings)
        if name != broken and rank >= Severity(settings.channels[name].min_severity).rank
    )


def matches(match: Match, incident: Incident) -> bool:
    """Whether a route is meant for an incident: every field fits, and that of the subject fits one part."""
    fields = {"model": match.model, "environment": match.environment, "rule": match.rule}
    if match.severity is not None:
        fields["severity"] = match.severity
    return fits_incident(fields, incident) and any(fits(match.subject, each) for each in subjects_of(incident))


def _routed(incident: Incident, settings: AlertSettings) -> tuple[str, ...]:
    if not settings.routes:
        return tuple(settings.channels)
    taken = next((route for route in settings.routes if matches(route.match, incident)), None)
    return tuple(dict.fromkeys(taken.channels)) if taken else ()


def lint(settings: AlertSettings) -> tuple[str, ...]:
    """Return what is allowed and probably not meant, one line each: for `driftboard doctor`."""
    return tuple(line for check in (_rehearsed, _unreached, _idle, _twice, _deaf) for line in check(settings))


def _rehearsed(settings: AlertSettings) -> Iterator[str]:
    if not settings.channels:
        yield "no channel is configured: nobody is told of anything; see [alerts.channels]"
    elif settings.dry_run:
        yield "dry run: messages are recorded and none is sent; set alerts.dry_run = false"


def _unreached(settings: AlertSettings) -> Iterator[str]:
    """Whatever a route names, something must take what is grave: the last route or the absence of routes."""
    if not settings.channels or not settings.routes:
        return
    if not any(route.match in (Match(), Match(severity="critical")) and route.channels for route in settings.routes):
        yield "no route takes every critical incident: end with one that has no match, or some page nobody"


def _idle(settings: AlertSettings) -> Iterator[str]:
    if not settings.routes:
        return
    used = {name for route in settings.routes for name in route.channels}
    used |= {name for step in settings.escalation for name in step.channels} | set(settings.digest.channels)
    used |= {each.fallback for each in settings.channels.values() if each.fallback}
    for name in settings.channels:
        if name not in used:
            yield f"channel {name!r} is in no route, escalation, digest or fallback: it is never told anything"


def _twice(settings: AlertSettings) -> Iterator[str]:
    """One owner for each page: who pages through Alertmanager does not page directly as well."""
    routes = [route.channels for route in settings.routes] if settings.routes else [tuple(settings.channels)]
    for names in dict.fromkeys(routes):
        hubs = [name for name in names if isinstance(settings.channels[name], AlertmanagerSettings)]
        direct = [name for name in names if isinstance(settings.channels[name], PagerDutySettings)]
        if hubs and direct:
            yield f"channels {direct[0]!r} and {hubs[0]!r} are told of the same incidents: who is paged is paged twice"


def _deaf(settings: AlertSettings) -> Iterator[str]:
    for step in settings.escalation:
        for name in step.channels:
            if not takes(settings.channels[name], "escalate"):
                yield f"channel {name!r} is in the escalation, but an Alertmanager escalates by itself"
