"""`driftboard alerts verify`: whether evidence is true."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftboard.commands import options
from driftboard.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from driftboard.data.check import Check
    from driftboard.data.evidence_log import EvidenceRecord

_WORDS = {"ok": "ok", "warning": "skipped", "critical": "FAILED"}


def verify(
    context: typer.Context,
    what: Annotated[
        str | None, typer.Argument(metavar="FILE|ID", help="An evidence file, or the number of an incident.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every record of the log.")] = False,  # noqa: FBT002 - a flag
    config: options.ConfigFile = None,
) -> None:
    """Check evidence against the log: file, chain, stored reports and rows; and compute its numbers again.

    What was purged meanwhile is named, and is no failure. Exits with 1 when anything is not as it was recorded.

    \b
    Examples:
      driftboard alerts verify incident-12.json
      driftboard alerts verify 12
      driftboard alerts verify --all
    """  # noqa: D301 - the escape is click's
    from driftboard.data import open_store_read_only  # noqa: PLC0415 - `--help` is quick

    if (what is None) != every:
        raise ConfigError("name an evidence file, the number of an incident, or --all")
    settings = options.settings_of(context, config)
    failed = 0
    with open_store_read_only(options.log_of(settings)) as store, store.read() as connection:
        for label, check in _checks(connection, what):
            failed += check.state == "critical"
            advice = f" ({check.advice})" if check.advice else ""
            typer.echo(f"{_WORDS[check.state]:8}{label}{check.name}: {check.finding}{advice}")
    if failed:
        raise typer.Exit(1)


def _checks(connection: "Connection", what: str | None) -> Iterator[tuple[str, "Check"]]:
    from driftboard.evidence_check import check_chain, check_evidence, check_file  # noqa: PLC0415

    yield "", check_chain(connection)
    if what is not None and not what.isdecimal():
        record, check = check_file(Path(what))
        yield "", check
        yield from (("", each) for each in check_evidence(connection, record))
        return
    for record in _records(connection, what):
        yield from ((f"record {record.evidence_id}, ", each) for each in check_evidence(connection, record))


def _records(connection: "Connection", what: str | None) -> Iterator["EvidenceRecord"]:
    from driftboard.data.evidence_log import all_evidence, evidence_of  # noqa: PLC0415

    yield from all_evidence(connection) if what is None else evidence_of(connection, int(what))
