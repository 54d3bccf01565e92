"""`driftboard keys`: who may speak to the HTTP API."""

import typer

from driftboard.commands.keys.create import create
from driftboard.commands.keys.list_ import list_
from driftboard.commands.keys.revoke import revoke

keys = typer.Typer(
    name="keys",
    help="Say who may speak to the HTTP API, and what they may do.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
keys.command("create")(create)
keys.command("list")(list_)
keys.command("revoke")(revoke)
