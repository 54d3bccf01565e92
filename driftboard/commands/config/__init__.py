"""`driftboard config`: what the one file says to others."""

import typer

from driftboard.commands.config.check import check
from driftboard.commands.config.diff import diff
from driftboard.commands.config.import_dashboards import import_dashboards
from driftboard.commands.config.render import render

config = typer.Typer(
    name="config",
    help="Write what Prometheus, Alertmanager, Grafana, Compose and Kubernetes read, from the one configuration file.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (render, diff, check, import_dashboards):
    config.command()(command)
