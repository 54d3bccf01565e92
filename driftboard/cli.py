"""The command line: `driftboard COMMAND`, and what a user reads when something goes wrong."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from driftboard.commands.alerts import alerts
from driftboard.commands.backfill import backfill
from driftboard.commands.backup import backup
from driftboard.commands.compare import compare
from driftboard.commands.config import config
from driftboard.commands.dashboard import dashboard
from driftboard.commands.delete import delete
from driftboard.commands.demo import demo
from driftboard.commands.doctor import doctor
from driftboard.commands.export import export
from driftboard.commands.import_ import import_
from driftboard.commands.init import init
from driftboard.commands.keys import keys
from driftboard.commands.log import log
from driftboard.commands.metrics import metrics
from driftboard.commands.promote import promote
from driftboard.commands.purge import purge
from driftboard.commands.restore import restore
from driftboard.commands.run import run
from driftboard.commands.serve import serve
from driftboard.commands.up import up
from driftboard.errors import SHOW_TRACEBACK, DriftboardError

FAILED = 2
INTERRUPTED = 130
PIPE_CLOSED = 141

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    *(demo, init, promote, log, backfill, run, up, serve, dashboard, metrics),
    *(compare, doctor, backup, restore, purge, delete, export),
):
    app.command()(command)
app.command("import")(import_)
app.add_typer(alerts)
app.add_typer(config)
app.add_typer(keys)


@app.callback(invoke_without_command=True)
def driftboard(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Configuration file, instead of driftboard.toml here."),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Monitor machine-learning models: predictions in, evidence out, a page only when it is warranted.

    \b
    See it work on a year of real flights:
      driftboard demo

    \b
    Use it on a model of your own:
      driftboard init --model churn --reference validation.csv    once
      driftboard log monday.csv --model churn --batch 2025-11-03  after each batch of predictions
      driftboard backfill labels.csv --model churn                as labels arrive
      driftboard run                                              judge what is new
      driftboard dashboard                                        look at it
      driftboard up                                               all of it: API, dashboard, worker, messages
      driftboard alerts list                                      what is wrong, and who has it

    \b
    Keep it in order:
      driftboard doctor                                           what state is it in?
      driftboard backup /backups/driftboard.sqlite                a verified copy, while services write
    """  # noqa: D301 - the escape is click's
    context.obj = config
    if version:
        from importlib.metadata import version as installed  # noqa: PLC0415

        typer.echo(f"driftboard {installed('driftboard')}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help(), nl=False)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run_command_line(sys.argv[1:]))


def run_command_line(arguments: list[str]) -> int:
    """Run one command; return the exit code. What goes wrong is one line on stderr, never a traceback."""
    try:
        code = app(arguments, prog_name="driftboard", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except DriftboardError as error:
        return _fail(str(error))
    except BrokenPipeError:  # the reader of our output has gone, as in `driftboard run | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - the last line of defence: a user gets a line, a developer can ask for more
        return _fail(_explained(error))
    return code if isinstance(code, int) else 0


def _explained(error: Exception) -> str:
    """A usage error in typer's own words, or a name for what nobody foresaw."""
    usage = getattr(error, "format_message", None)
    if usage is not None:
        return f"{usage()} (see `driftboard --help`)"
    if os.environ.get(SHOW_TRACEBACK):
        raise error
    return f"unexpected {type(error).__name__}: {error} (set {SHOW_TRACEBACK}=1 to see where)"


def _fail(message: str) -> int:
    line = " ".join(message.split())
    typer.echo(f"error: {line}", err=True)
    return FAILED
