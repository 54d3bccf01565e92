"""Which incidents a pattern means: for routes and silences; `*` and `?` are wild, everything else is itself."""

import re
from collections.abc import Mapping
from functools import lru_cache

from driftboard.data.incident import Incident


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text fits; case matters, brackets mean nothing.

    >>> fits("temp_*", "temp_in"), fits("x[0]", "x[0]"), fits("temp", "temp_in")
    (True, True, False)
    """
    return pattern == "*" or _compiled(pattern).fullmatch(text) is not None


def subjects_of(incident: Incident) -> tuple[str, ...]:
    """Return the parts it is about: one at least, empty for the model as a whole."""
    if incident.subject:
        return (incident.subject,)
    return tuple(each.subject for each in incident.affected) or ("",)


def fits_incident(matchers: Mapping[str, str], incident: Incident) -> bool:
    """Whether every matcher but that of the subject fits; one of an unknown field never does."""
    model = incident.model
    fields = {
        "model": model.name if model else "",
        "environment": model.environment if model else "",
        "rule": incident.rule,
        "severity": incident.severity,
    }
    others = {name: pattern for name, pattern in matchers.items() if name != "subject"}
    return all(name in fields and fits(pattern, fields[name]) for name, pattern in others.items())


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(letter) or re.escape(letter) for letter in pattern), re.DOTALL)
