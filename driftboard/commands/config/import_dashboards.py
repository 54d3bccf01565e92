"""`driftboard config import-dashboards`: into a Grafana that is there already."""

from typing import Annotated

import typer

from driftboard.commands import options


def import_dashboards(
    context: typer.Context,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Of Grafana, as in https://grafana.example.")],
    token: Annotated[
        str,
        typer.Option("--token", metavar="REFERENCE", help="Where its token is: env:NAME or file:PATH; never itself."),
    ],
    config: options.ConfigFile = None,
) -> None:
    """Post the dashboards to a Grafana; those of the same uid are replaced.

    \b
    Examples:
      driftboard config import-dashboards --url https://grafana.example --token env:GRAFANA_TOKEN
    """  # noqa: D301 - the escape is click's
    from pydantic import SecretStr  # noqa: PLC0415 - `--help` is quick

    from driftboard.config import resolve_secret  # noqa: PLC0415
    from driftboard.render.boards import board_files  # noqa: PLC0415
    from driftboard.render.grafana_import import import_dashboards as post  # noqa: PLC0415

    settings = options.settings_of(context, config)
    failed = 0
    for each in post(board_files(settings), url, resolve_secret(SecretStr(token))):
        typer.echo(f"{each.title}: {each.problem or each.address}")
        failed += bool(each.problem)
    raise typer.Exit(1 if failed else 0)
