"""`driftboard alerts`: what is wrong, who was told, and what to do about it."""

import typer

from driftboard.commands.alerts.ack import ack
from driftboard.commands.alerts.backtest import backtest
from driftboard.commands.alerts.dispatch import dispatch
from driftboard.commands.alerts.evidence import evidence
from driftboard.commands.alerts.explain import explain
from driftboard.commands.alerts.feedback import feedback
from driftboard.commands.alerts.list_ import list_
from driftboard.commands.alerts.resolve import resolve
from driftboard.commands.alerts.show import show
from driftboard.commands.alerts.silence import silence
from driftboard.commands.alerts.silences import silences
from driftboard.commands.alerts.snooze import snooze
from driftboard.commands.alerts.test import test
from driftboard.commands.alerts.verify import verify

alerts = typer.Typer(
    name="alerts",
    help="See what is wrong, say who has it, and try out who is told.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
alerts.command("list")(list_)
for command in (
    *(show, explain, ack, snooze, silence, silences, resolve, feedback),
    *(backtest, test, dispatch, evidence, verify),
):
    alerts.command()(command)
