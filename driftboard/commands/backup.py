"""`driftboard backup`: a verified copy of the log, while it is written to."""

from pathlib import Path
from typing import Annotated

import typer

from driftboard.commands import options


def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The file to write.")],
    force: options.Force = False,  # noqa: FBT002 - a flag
    config: options.ConfigFile = None,
) -> None:
    """Copy the log while services write to it.

    The copy is one consistent state. It is read back before it counts: every page, the number of rows of every table,
    the checksum of every block. Do not copy a live database with `cp`: what is in its write-ahead log would be lost.

    \b
    Examples:
      driftboard backup /backups/driftboard-monday.sqlite
      driftboard backup /backups/driftboard.sqlite --force    nightly, from cron
    """  # noqa: D301 - the escape is click's
    from driftboard.data.backup import back_up  # noqa: PLC0415 - `--help` is quick
    from driftboard.data.check import size  # noqa: PLC0415

    settings = options.settings_of(context, config)
    done = back_up(options.file_of(settings, instead="pg_dump"), target, force=force)
    typer.echo(f"{done.path}: {size(done.size)}, {done.rows.get('predictions', 0):,} predictions, verified")
    typer.echo(f"SHA-256 {done.sha256}")
