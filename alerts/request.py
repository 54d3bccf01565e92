"""What people ask for, checked before anything is changed: by whom, until when, about what, and why. Pure."""

import difflib
from collections.abc import Mapping
from datetime import datetime, timedelta

from driftboard.alerts.matching import fits
from driftboard.alerts.plain import one_line
from driftboard.alerts.rules import RULES
from driftboard.alerts.severity import Severity
from driftboard.data.silences import Silence
from driftboard.errors import StoreError

MATCHERS = ("model", "environment", "rule", "subject", "severity")
LONGEST_SILENCE = timedelta(days=90)
_LONGEST_NAME, _LONGEST_COMMENT, _LONGEST_PATTERN = 80, 500, 300


def name_of(by: str) -> str:
    """Return who does it, on one harmless line.

    Raises
    ------
    StoreError
        Nobody is named.
    """
    name = one_line(by, limit=_LONGEST_NAME)
    if not name:
        raise StoreError("say who does it: a name is kept with every change")
    return name


def end_of(until: datetime, now: datetime) -> datetime:
    """Return the end of something.

    Raises
    ------
    StoreError
        It has passed.
    """
    if until <= now:
        raise StoreError(f"the end, {until:%Y-%m-%d %H:%M} UTC, has passed: name a time to come")
    return until


def requested(matchers: Mapping[str, str], *, by: str, comment: str, until: datetime, now: datetime) -> Silence:
    """Return the silence that is asked for, not yet stored.

    Raises
    ------
    StoreError
        It would match everything, a field is unknown, there is no comment, or it does not end within 90 days.
    """
    if until - now > LONGEST_SILENCE:
        raise StoreError(f"a silence lasts {LONGEST_SILENCE.days} days at most: disable the rule if nobody wants it")
    return Silence(
        matchers=_matchers(matchers),
        starts_at=now,
        ends_at=end_of(until, now),
        created_by=name_of(by),
        comment=_comment(comment),
        created_at=now,
    )


def _comment(comment: str) -> str:
    said = one_line(comment, limit=_LONGEST_COMMENT)
    if not said:
        raise StoreError("a silence needs a comment: say why, for whoever wonders at the quiet")
    return said


def _matchers(given: Mapping[str, str]) -> dict[str, str]:
    for name, pattern in given.items():
        if name not in MATCHERS:
            raise StoreError(f"a silence cannot match {one_line(name, limit=40)!r}: there are {', '.join(MATCHERS)}")
        if not pattern or len(pattern) > _LONGEST_PATTERN:
            raise StoreError(f"the pattern of {name!r} must have 1 to {_LONGEST_PATTERN} characters")
        _may_exist(name, pattern)
    if all(not pattern.strip("*?") for pattern in given.values()):
        raise StoreError("a silence must not match everything: name a model, a rule or a subject")
    return dict(given)


def _may_exist(name: str, pattern: str) -> None:
    """Refuse a rule or severity that there is not: the silence would hush nothing, and nobody would notice."""
    known = {"rule": tuple(RULES), "severity": tuple(map(str, Severity))}.get(name)
    if known is not None and not any(fits(pattern, each) for each in known):
        near = difflib.get_close_matches(pattern, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise StoreError(f"no {name} fits {one_line(pattern, limit=40)!r}: {hint}")
