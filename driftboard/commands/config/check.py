"""`driftboard config check`: whether the rendered files are sound."""

import typer

from driftboard.commands import options


def check(context: typer.Context, config: options.ConfigFile = None) -> None:
    """Say whether the configuration and what is rendered from it are sound.

    Every metric that a rule or a panel asks for has to exist; where promtool and amtool are installed, they are asked
    too. Remarks are about what is allowed and probably not meant. The exit code is 1 when something is wrong.

    \b
    Examples:
      driftboard config check
    """  # noqa: D301 - the escape is click's
    from driftboard.render import rendered  # noqa: PLC0415 - `--help` is quick
    from driftboard.render.check import problems, remarks  # noqa: PLC0415

    settings = options.settings_of(context, config)
    wrong = problems(rendered(settings))
    for line in wrong:
        typer.echo(f"wrong   {line}")
    for line in remarks(settings):
        typer.echo(f"remark  {line}")
    typer.echo(f"{len(wrong):,} wrong." if wrong else "The configuration and what is rendered from it are sound.")
    raise typer.Exit(1 if wrong else 0)
