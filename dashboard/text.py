"""Text that a user chose (features, classes, batches, models), made safe for where it is shown; numbers and times."""

import re
from datetime import UTC, datetime, timedelta

import pandas as pd

from driftboard.alerts.plain import one_line

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_QUOTED = re.compile(r"`([^`]*)`")
_FORMULA = ("=", "+", "-", "@")
_CONTROL = ("\t", "\r", "\n")
_NAME = 80
_SPANS = ((timedelta(minutes=1), "s"), (timedelta(hours=1), "min"), (timedelta(days=1), "h"))
_DAYS_IN_FULL = 60


def escaped(text: str, *, limit: int = _NAME) -> str:
    r"""Return the text as Markdown that shows it letter by letter: no link, image, icon, formula or HTML.

    >>> escaped("![](http://evil/x.png)")
    '\\!\\[\\]\\(http\\[\\:\\]\\/\\/evil\\/x\\.png\\)'
    """
    line = one_line(text, limit=limit).replace(":material/", ":\u200bmaterial/").replace("www.", "www\u200b.")
    return _PUNCTUATION.sub(r"\\\1", line)


def sentence(text: str, *, limit: int = 600) -> str:
    """Return a monitor's sentence as Markdown, with names in quotation marks and a capital where it begins.

    >>> sentence("`age` moved"), sentence("nothing moved")
    ('“age” moved', 'Nothing moved')
    """
    return escaped(_quoted(text[:1].upper() + text[1:]), limit=limit)


def plain(text: str, *, limit: int = 2000) -> str:
    """Return the text on one line without anything invisible, for places that take plain text."""
    return one_line(_quoted(text), limit=limit)


def _quoted(text: str) -> str:
    return _QUOTED.sub("“\\1”", text)


def guarded_csv(frame: pd.DataFrame) -> bytes:
    """Return the table as CSV in which no text cell or header is a formula to a spreadsheet program.

    >>> guarded_csv(pd.DataFrame({"feature": ["=1+1", "age"], "psi": [-0.5, 0.1]})).decode().splitlines()
    ['feature,psi', "'=1+1,-0.5", 'age,0.1']
    """
    safe = frame.rename(columns=_guarded)
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(_guarded)
    return safe.to_csv(index=False).encode()


def _guarded(value: object) -> object:
    if isinstance(value, str) and (value.startswith(_CONTROL) or value.lstrip().startswith(_FORMULA)):
        return f"'{value}"
    return value


def stamp(at: datetime) -> str:
    """Return a time as people read it.

    >>> stamp(datetime(2013, 12, 31, 5, 7, tzinfo=UTC))
    '2013-12-31 05:07 UTC'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def ago(at: datetime, *, now: datetime) -> str:
    """Return how long ago something was.

    >>> ago(datetime(2026, 1, 1, tzinfo=UTC), now=datetime(2026, 1, 1, 5, tzinfo=UTC))
    '5 h ago'
    """
    past = max(now - at, timedelta())
    if past.days > _DAYS_IN_FULL:
        return f"on {at.astimezone(UTC):%Y-%m-%d}"
    return f"{lasting(past)} ago"


def lasting(span: timedelta) -> str:
    """Return how long something took, in its largest whole unit.

    >>> lasting(timedelta(minutes=150)), lasting(timedelta(days=1)), lasting(timedelta(seconds=9))
    ('2 h', '1 day', '9 s')
    """
    unit = timedelta(seconds=1)
    for limit, name in _SPANS:
        if span < limit:
            return f"{max(span, timedelta()) // unit} {name}"
        unit = limit
    return plural(span.days, "day")


def plural(n: int, noun: str, several: str | None = None) -> str:
    """Return a number of things.

    >>> plural(1, "alarm"), plural(1200, "alarm")
    ('1 alarm', '1,200 alarms')
    """
    return f"{n:,} {noun if n == 1 else several or noun + 's'}"


def number(value: float | None, *, digits: int = 3) -> str:
    """Return a value to so many decimals, a dash where there is none.

    >>> number(0.12345), number(None), number(12345.6)
    ('0.123', '-', '12,346')
    """
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{digits}f}"  # noqa: PLR2004 - four digits and more


def percent(share: float | None) -> str:
    """Return a share in per cent.

    >>> percent(0.5), percent(None)
    ('50.0 %', '-')
    """
    return "-" if share is None or share != share else f"{100 * share:.1f} %"  # noqa: PLR0124 - NaN


def chance(p_value: float | None) -> str:
    """Return a p-value.

    >>> chance(0.25), chance(1e-20), chance(None)
    ('0.25', '< 1e-12', '-')
    """
    if p_value is None or p_value != p_value:  # noqa: PLR0124 - NaN
        return "-"
    return "< 1e-12" if p_value < 1e-12 else f"{p_value:.2g}"  # noqa: PLR2004 - as small as a double can say with sense
