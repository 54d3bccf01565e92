"""`driftboard config diff`: what rendering would change."""

import typer

from driftboard.commands import options
from driftboard.commands.config.options import DEPLOY, Folder


def diff(context: typer.Context, to: Folder = DEPLOY, config: options.ConfigFile = None) -> None:
    """Show what `driftboard config render` would change; the exit code is 1 when there is something.

    \b
    Examples:
      driftboard config diff
      driftboard config diff --to /srv/monitoring && echo "deployed as configured"
    """  # noqa: D301 - the escape is click's
    from driftboard.render import rendered  # noqa: PLC0415 - `--help` is quick
    from driftboard.render.folder import changes  # noqa: PLC0415

    found = changes(rendered(options.settings_of(context, config)), to)
    for each in found:
        typer.echo(each.diff(), nl=False)
    raise typer.Exit(1 if found else 0)
