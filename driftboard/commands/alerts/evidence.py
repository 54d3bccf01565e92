"""`driftboard alerts evidence`: what is known of an incident, as a file that can be checked."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from driftboard.commands import options
from driftboard.errors import ConfigError


def evidence(
    context: typer.Context,
    incident: Annotated[int, typer.Argument(metavar="ID", help="Number of the incident.")],
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="Where the files go.")] = Path(),
    force: options.Force = False,  # noqa: FBT002 - a flag
    config: options.ConfigFile = None,
) -> None:
    """Write the evidence of an incident: incident-ID.json and incident-ID.html.

    What was found in each bad batch with its numbers, the chart, who was told and what they did, reference, settings
    and version. The record is chained to the one before it in the log; `driftboard alerts verify` checks it.

    \b
    Examples:
      driftboard alerts evidence 12
      driftboard alerts evidence 12 --output /reports
    """  # noqa: D301 - the escape is click's
    from driftboard.alerts.evidence import record_evidence, to_file  # noqa: PLC0415 - `--help` is quick
    from driftboard.alerts.evidence_page import render  # noqa: PLC0415
    from driftboard.data import open_store  # noqa: PLC0415

    settings = options.settings_of(context, config)
    files = [output / f"incident-{incident}.{ending}" for ending in ("json", "html")]
    _refuse_to_replace(files, force=force)
    with open_store(options.log_of(settings)) as store:
        record = record_evidence(store, incident, settings, now=datetime.now(UTC))
    for file, content in zip(files, (to_file(record), render(record).encode()), strict=True):
        _write(file, content)
    typer.echo(f"{files[0]} and {files[1].name}, record {record.evidence_id}, digest {record.digest}")


def _refuse_to_replace(files: list[Path], *, force: bool) -> None:
    there = next((file for file in files if file.exists()), None)
    if there is not None and not force:
        raise ConfigError(f"{there} is there already: name another --output, or replace it with --force")


def _write(file: Path, content: bytes) -> None:
    """Put a file in place, whole and for this user only, as backups are; the record is in the log all the same."""
    from driftboard.data.new_file import new_file, put_in_place  # noqa: PLC0415 - `--help` is quick

    with new_file(file, force=True) as partial:
        partial.write_bytes(content)
        put_in_place(partial, file)
