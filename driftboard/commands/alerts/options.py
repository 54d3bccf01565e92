"""Options that several commands about alerts share, and how they write times and tables."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from driftboard.errors import ConfigError
from driftboard.written_times import parse_age, parse_instant

IncidentId = Annotated[int, typer.Argument(metavar="ID", help="Number of the incident, from `driftboard alerts list`.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who does it. [default: your login name]")]
Json = Annotated[bool, typer.Option("--json", help="JSON, for a machine.")]


def who(by: str | None) -> str:
    """Return the name given, else the login name.

    Raises
    ------
    ConfigError
        There is no login name (a container without a user database).
    """
    import getpass  # noqa: PLC0415 - `--help` is quick

    try:
        return by or getpass.getuser()
    except (KeyError, OSError):
        raise ConfigError("nobody is logged in here: say who does it with --by NAME") from None


def moment(text: str, *, now: datetime) -> datetime:
    """Return the time a text names: `90d` before now, or a point in time."""
    try:
        return now - parse_age(text)
    except ConfigError:
        return parse_instant(text)


def written(at: datetime | None) -> str:
    """Return a time as tables show it: UTC, to the minute; a dash for none."""
    return "-" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns as wide as they need; the last one may be of any length.

    >>> print(table([("ID", "WHAT"), ("7", "drift")]))
    ID  WHAT
    7   drift
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines)
