"""`driftboard keys list`: the keys there are, without the keys."""

from typing import TYPE_CHECKING

import typer

from driftboard.commands import options
from driftboard.commands.alerts.options import table, written

if TYPE_CHECKING:
    from datetime import datetime

    from driftboard.data.api_keys import StoredKey


def list_(context: typer.Context, config: options.ConfigFile = None) -> None:
    """List the keys of the HTTP API: id, name, scopes and how they stand; never the keys themselves.

    \b
    Example:
      driftboard keys list
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.data import open_store_read_only  # noqa: PLC0415
    from driftboard.data.api_keys import read_keys  # noqa: PLC0415

    settings, now = options.settings_of(context, config), datetime.now(UTC)
    with open_store_read_only(options.log_of(settings)) as store, store.read() as connection:
        found = read_keys(connection)
    if not found:
        typer.echo("There is no key: the API serves this machine only, and asks nobody.")
        return
    head = ("ID", "NAME", "SCOPES", "CREATED (UTC)", "ENDS (UTC)", "STATE")
    typer.echo(table([head, *(_row(each, now) for each in found)]))


def _row(key: "StoredKey", now: "datetime") -> tuple[str, ...]:
    from driftboard.alerts.plain import one_line  # noqa: PLC0415 - `--help` is quick

    state = "active" if key.is_active(now) else "expired" if key.revoked_at is None else "revoked"
    ends = written(key.revoked_at or key.expires_at)
    return key.key_id, one_line(key.name, limit=40), ",".join(key.scopes), written(key.created_at), ends, state
