"""`driftboard keys revoke`: a key opens nothing any more."""

from typing import Annotated

import typer

from driftboard.commands import options


def revoke(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Of the key, from `driftboard keys list`.")],
    config: options.ConfigFile = None,
) -> None:
    """End a key: within two seconds it opens nothing. It stays in the list.

    \b
    Example:
      driftboard keys revoke 3f9a21c07b5e
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.data import open_store  # noqa: PLC0415
    from driftboard.data.api_keys import revoke_key  # noqa: PLC0415

    settings = options.settings_of(context, config)
    with open_store(options.log_of(settings)) as store, store.write() as connection:
        before = revoke_key(connection, key_id, now=datetime.now(UTC))
    again = "was revoked already" if before.revoked_at is not None else "is revoked"
    typer.echo(f"Key {before.key_id} of {before.name} {again}.")
