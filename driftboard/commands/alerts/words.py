"""One incident in the words of the command line; whatever somebody else named is made harmless first."""

from datetime import datetime

from driftboard.alerts.entry import Entry, entry_of
from driftboard.alerts.facts import facts_of
from driftboard.alerts.plain import one_line
from driftboard.commands.alerts.options import written
from driftboard.data.incident import Incident

_NAME = 80


def entry(incident: Incident, *, base_url: str, now: datetime) -> Entry:
    """Return the incident as its messages say it."""
    facts = facts_of(incident, "fire") if incident.is_open else facts_of(incident, "resolve")
    return entry_of(facts, base_url=base_url, now=now)


def standing(incident: Incident, now: datetime) -> str:
    """Say who has it, or why it is quiet; empty when neither."""
    if not incident.is_open:
        return f"{incident.resolution} {written(incident.resolved_at)}"
    words = []
    if incident.is_acked(now):
        words.append(f"acknowledged by {_short(incident.acked_by)} until {written(incident.ack_until)}")
    if incident.is_snoozed(now):
        words.append(f"snoozed until {written(incident.snoozed_until)}")
    if incident.flapping:
        words.append("flapping")
    return ", ".join(words)


def model_of(incident: Incident) -> str:
    """Return the model's key, or that it is about driftboard itself."""
    return "driftboard" if incident.model is None else _short(str(incident.model))


def about(incident: Incident) -> str:
    """Return rule and subject, or rule and parts, in one short line."""
    parts = [incident.subject] if incident.subject else [each.subject for each in incident.affected if each.subject]
    named = ", ".join(one_line(each, limit=30) for each in parts[:3])
    more = f" (+{len(parts) - 3:,} more)" if len(parts) > 3 else ""  # noqa: PLR2004 - three are shown
    return f"{one_line(incident.rule, limit=_NAME)}{f': {named}{more}' if named else ''}"


def _short(text: str) -> str:
    return one_line(text, limit=_NAME)
