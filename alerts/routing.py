"""Which channels an incident goes to: by the first route that matches, and by the least severity of each channel."""

from driftboard.alert_settings import AlertSettings, Match
from driftboard.alerts.matching import fits, fits_incident, subjects_of
from driftboard.alerts.severity import Severity
from driftboard.data.incident import Incident


def channels_for(incident: Incident, settings: AlertSettings) -> tuple[str, ...]:
    """Return the names of the channels that take an incident as grave as it is now; empty: nobody is told.

    The first route that matches decides; without any route every channel is asked. A channel takes what reaches its
    own `min_severity`, in a route as well. A broken channel is not told that it is broken.
    """
    rank = Severity(incident.severity).rank
    broken = incident.subject if incident.rule == "channel_broken" else None
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
