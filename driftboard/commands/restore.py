"""`driftboard restore`: a backup in the place of the log."""

from pathlib import Path
from typing import Annotated

import typer

from driftboard.commands import options


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A file that `driftboard backup` wrote.")],
    config: options.ConfigFile = None,
) -> None:
    """Put a backup in the place of the log.

    The backup is verified first: one that is damaged, of another application or of a newer driftboard is refused. The
    database in place is moved aside under a name of its own, never deleted. Stop services and dashboards before.

    \b
    Examples:
      driftboard restore /backups/driftboard-monday.sqlite
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.data import open_store  # noqa: PLC0415
    from driftboard.data.backup import restore as put_back  # noqa: PLC0415

    settings = options.settings_of(context, config)
    path = options.file_of(settings, instead="pg_restore")
    aside = put_back(source, path, now=datetime.now(UTC))
    open_store(path).close()  # migrates an older schema
    typer.echo(f"{path} is restored from {source}")
    if aside is not None:
        typer.echo(f"The database that was there is now {aside}")
