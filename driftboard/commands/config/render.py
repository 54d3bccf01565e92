"""`driftboard config render`: writes the files."""

import typer

from driftboard.commands import options
from driftboard.commands.config.options import DEPLOY, Folder


def render(context: typer.Context, to: Folder = DEPLOY, config: options.ConfigFile = None) -> None:
    """Write rules, routes, dashboards, compose file and manifests, as the configuration says.

    Only files that are not so already are written; files that are not ours are not touched. None holds a secret.

    \b
    Examples:
      driftboard config render
      driftboard config render --to /srv/monitoring
    """  # noqa: D301 - the escape is click's
    from driftboard.render import rendered  # noqa: PLC0415 - `--help` is quick
    from driftboard.render.folder import changes, write  # noqa: PLC0415

    texts = rendered(options.settings_of(context, config))
    found = changes(texts, to)
    write(found, to)
    for each in found:
        typer.echo(f"{'new    ' if each.before is None else 'changed'}  {to / each.path}")
    typer.echo(f"{len(found):,} of {len(texts):,} files written, the others are as they should be.")
