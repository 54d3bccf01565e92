"""`driftboard alerts explain`: why it did or did not wake somebody."""

from typing import TYPE_CHECKING

import typer

from driftboard.commands import options
from driftboard.commands.alerts.options import IncidentId, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftboard.alerts.explain import Explanation
    from driftboard.alerts.timeline import Line


def explain(context: typer.Context, incident: IncidentId, config: options.ConfigFile = None) -> None:
    """Say why an incident did or did not wake somebody, what happened to it, and what comes next.

    Times are in UTC. Channels are named as in the configuration.

    \b
    Example:
      driftboard alerts explain 12
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.alerts.explain import explain as explained  # noqa: PLC0415
    from driftboard.commands.alerts.words import entry  # noqa: PLC0415
    from driftboard.data import open_store_read_only  # noqa: PLC0415

    settings, now = options.settings_of(context, config), datetime.now(UTC)
    with open_store_read_only(options.log_of(settings)) as store, store.read() as connection:
        found = explained(connection, incident, settings.alerts, now=now)
    typer.echo(entry(found.incident, base_url=settings.dashboard.base_url, now=now).headline)
    typer.echo("\n".join(_lines(found)))


def _lines(found: "Explanation") -> list[str]:
    sections = (
        ("Who was told, and why", [f"  {each}" for each in found.why]),
        ("Where its parts stand", [f"  {each}" for each in found.parts]),
        ("What happened", _timeline(found.timeline)),
        ("What comes next, if nothing changes", _timeline(found.ahead) or ["  nothing is told"]),
    )
    return [line for title, lines in sections if lines for line in ("", title, *lines)]


def _timeline(lines: "Sequence[Line]") -> list[str]:
    if not lines:
        return []
    rows = [(f"{each.at:%Y-%m-%d %H:%M:%S}", each.what, each.text) for each in lines]
    return [f"  {line}" for line in table(rows).splitlines()]
