"""`driftboard alerts silences`: what nobody hears of, by whom, until when, and why."""

from typing import TYPE_CHECKING, Annotated

import typer

from driftboard.commands import options
from driftboard.commands.alerts.options import By, table, who, written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from driftboard.data.silences import Silence


def silences(
    context: typer.Context,
    end: Annotated[int | None, typer.Option("--end", metavar="ID", help="End this one now.")] = None,
    by: By = None,
    every: Annotated[bool, typer.Option("--all", help="Those that have ended, too: the newest 500.")] = False,  # noqa: FBT002 - a flag
    config: options.ConfigFile = None,
) -> None:
    """List the silences in force, or end one before its time.

    \b
    Examples:
      driftboard alerts silences
      driftboard alerts silences --end 3
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.alerts.act import end_silence  # noqa: PLC0415
    from driftboard.data import open_store, open_store_read_only  # noqa: PLC0415
    from driftboard.data import silences as silence_log  # noqa: PLC0415

    settings = options.settings_of(context, config)
    now = datetime.now(UTC)
    if end is not None:
        with open_store(options.log_of(settings)) as store:
            end_silence(store, end, by=who(by), now=now)
        typer.echo(f"Silence {end} has ended: what it kept quiet is told if it is still there.")
        return
    with open_store_read_only(options.log_of(settings)) as store, store.read() as connection:
        found = silence_log.silences(connection, now=None if every else now)
    typer.echo(_as_table(found, now) if found else "No silence is in force.")


def _as_table(found: "Sequence[Silence]", now: "datetime") -> str:
    from driftboard.alerts.plain import one_line  # noqa: PLC0415 - `--help` is quick

    rows = [("ID", "STATE", "UNTIL (UTC)", "BY", "MATCHES", "COMMENT")]
    for each in found:
        state = "holds" if each.holds(now) else "ended"
        end = written(each.expired_at or each.ends_at)
        matches = " ".join(f"{name}={one_line(pattern, limit=60)}" for name, pattern in sorted(each.matchers.items()))
        said = one_line(each.created_by, limit=40), matches, one_line(each.comment, limit=200)
        rows.append((str(each.silence_id), state, end, *said))
    return table(rows)
