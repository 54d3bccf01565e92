"""Matchers of Alertmanager, made of what a route or an inhibition says."""

import re

from driftboard.alert_settings import Match

_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
_LABELS = {"model": "model", "environment": "environment", "rule": "rule", "subject": "feature"}


def matchers_of(match: Match) -> list[str]:
    """Return the matchers of a route; empty when it takes everything."""
    fields = {label: str(getattr(match, name)) for name, label in _LABELS.items()}
    found = [pattern(label, value) for label, value in fields.items() if value != "*"]
    return found + ([f"severity={quoted(match.severity)}"] if match.severity else [])


def pattern(label: str, text: str) -> str:
    r"""Return a matcher of a text in which `*` and `?` are wild.

    >>> pattern("model", "churn"), pattern("model", "churn.*")
    ('model="churn"', 'model=~"churn\\\\..*"')
    """
    if "*" not in text and "?" not in text:
        return f"{label}={quoted(text)}"
    wild = {"*": ".*", "?": "."}
    return f"{label}=~{quoted(''.join(wild.get(each) or escaped(each) for each in text))}"


def among(label: str, values: tuple[str, ...]) -> str:
    """Return a matcher of any of these values.

    >>> among("severity", ("warning", "info"))
    'severity=~"warning|info"'
    """
    if len(values) == 1:
        return f"{label}={quoted(values[0])}"
    return f"{label}=~{quoted('|'.join(map(escaped, values)))}"


def escaped(text: str) -> str:
    """Return a text that a regular expression takes as it is (Go's, which knows no escaped blank)."""
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", text)


def quoted(text: str) -> str:
    r"""Return a text between the quotes of a matcher.

    >>> quoted('say "hi"')
    '"say \\"hi\\""'
    """
    plain = text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'"{plain}"'
