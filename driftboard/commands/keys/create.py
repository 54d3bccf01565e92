"""`driftboard keys create`: a new key, shown once."""

from typing import Annotated

import typer

from driftboard.commands import options


def create(
    context: typer.Context,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Whose key: what is done is done under it.")],
    scope: Annotated[list[str], typer.Option("--scope", metavar="SCOPE", help="ingest, read, admin. May be repeated.")],
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="TIME", help="It ends after 90d, 12h, 52w. [default: never]")
    ] = None,
    config: options.ConfigFile = None,
) -> None:
    """Make a key for the HTTP API and print it, this once: the log keeps only a digest.

    A name may have two active keys: make the new one, move the clients over, revoke the old one. From the first key
    on the API asks everybody for one. `admin` may read, too, and do what people do about incidents.

    \b
    Examples:
      driftboard keys create --name scorer --scope ingest --expires 90d
      driftboard keys create --name oncall --scope admin
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.api.keyring import new_key  # noqa: PLC0415
    from driftboard.data import open_store  # noqa: PLC0415
    from driftboard.data.api_keys import add_key  # noqa: PLC0415
    from driftboard.written_times import parse_age  # noqa: PLC0415

    settings, now = options.settings_of(context, config), datetime.now(UTC)
    ends = None if expires is None else now + parse_age(expires)
    key, stored = new_key(name, scope, now=now, expires_at=ends)
    with open_store(options.log_of(settings)) as store, store.write() as connection:
        add_key(connection, stored, now=now)
    typer.echo(key)
    typer.echo(f"Key {stored.key_id} of {stored.name} is active; it is not shown again.", err=True)
