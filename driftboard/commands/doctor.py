"""`driftboard doctor`: what state the log is in."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from driftboard.commands import options

if TYPE_CHECKING:
    from pathlib import Path

    from driftboard.config import Settings
    from driftboard.data.check import Check

_CODES = {"ok": 0, "warning": 1, "critical": 2}


def doctor(
    context: typer.Context,
    deep: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--deep", help="Read back every block and reference against its checksum.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object, for a machine.")] = False,  # noqa: FBT002
    config: options.ConfigFile = None,
) -> None:
    """Say what state the log is in, and what to do.

    Looks at the file, its folder and disk, the pages of the database, clocks, queued messages, channels, heartbeats,
    batches nobody judged, rows set aside, labels without predictions, features that changed, spools of processes that
    are gone, the chain of evidence, and what the alert policy can hardly mean. Changes nothing. The exit code is 0 when
    all is well, 1 for a warning, 2 when something must not stay as it is.

    \b
    Examples:
      driftboard doctor
      driftboard doctor --deep                nightly: names each block and batch that a disk has damaged
      driftboard doctor --json | jq .state
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.data.check import worst  # noqa: PLC0415
    from driftboard.data.doctor import examine  # noqa: PLC0415

    settings = options.settings_of(context, config)
    log = options.log_of(settings)
    checks = (*examine(log, now=datetime.now(UTC), deep=deep), check_policy(settings), *check_evidence(log))
    state = worst(checks)
    typer.echo(_as_json(checks, state) if json else _as_table(checks))
    raise typer.Exit(_CODES[state])


def check_policy(settings: "Settings") -> "Check":
    """Return what is allowed and probably not meant; that nobody is to be told of anything is a choice."""
    from driftboard.alerts.routing import lint  # noqa: PLC0415
    from driftboard.data.check import ok, warning  # noqa: PLC0415
    from driftboard.render.check import told_twice  # noqa: PLC0415

    lines = [*lint(settings.alerts), *told_twice(settings)]
    if lines and settings.alerts.channels:
        return warning("alert policy", "; ".join(lines), "see docs/alerts.md, and `driftboard alerts test`")
    return ok("alert policy", "; ".join(lines) or f"{len(settings.alerts.channels)} channels")


def check_evidence(log: "Path | str") -> "tuple[Check, ...]":
    """Return whether the chain of evidence is whole; nothing where the log cannot be read, which was said before."""
    from driftboard.data import open_store_read_only  # noqa: PLC0415
    from driftboard.errors import StoreError  # noqa: PLC0415
    from driftboard.evidence_check import check_chain  # noqa: PLC0415

    try:
        with open_store_read_only(log) as store, store.read() as connection:
            return (replace(check_chain(connection), name="evidence"),)
    except StoreError:
        return ()


def _as_table(checks: "tuple[Check, ...]") -> str:
    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        lines.append(f"{check.name:<{width}}  {check.state:<8}  {check.finding}")
        if check.advice:
            lines.append(f"{'':<{width}}  {'':<8}  -> {check.advice}")
    return "\n".join(lines)


def _as_json(checks: "tuple[Check, ...]", state: str) -> str:
    from dataclasses import asdict  # noqa: PLC0415

    import orjson  # noqa: PLC0415

    return orjson.dumps({"state": state, "checks": [asdict(check) for check in checks]}).decode()
