"""`driftboard delete`: everything of single predictions, for whoever asks to be forgotten."""

from typing import Annotated

import typer

from driftboard.commands import options
from driftboard.commands.options import counted


def delete(
    context: typer.Context,
    model: Annotated[str, typer.Option("--model", metavar="NAME[:VERSION][@ENV]", help="Whose predictions they are.")],
    prediction_id: Annotated[
        list[str], typer.Option("--prediction-id", metavar="ID", help="What to delete. May be repeated.")
    ],
    no_rewrite: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--no-rewrite", help="Overwrite the rows with zeros, but do not write the file anew.")
    ] = False,
    config: options.ConfigFile = None,
) -> None:
    """Delete predictions by id, with their features, scores and labels.

    Then the file is written anew, so that no byte of them is left in it or in its write-ahead log; writers wait
    meanwhile, and free space as large as the log is needed. Reports stay, as counts and statistics of many rows.
    Backups and files that were exported before still hold the rows: delete those yourself.

    \b
    Examples:
      driftboard delete --model churn --prediction-id c0ffee-1
      driftboard delete --model churn --prediction-id c0ffee-1 --prediction-id c0ffee-2
    """  # noqa: D301 - the escape is click's
    from driftboard.data import get_model, open_store, parse_model_key  # noqa: PLC0415 - `--help` is quick
    from driftboard.data.erasure import erase  # noqa: PLC0415

    settings = options.settings_of(context, config)
    with open_store(options.log_of(settings)) as store:
        with store.read() as connection:
            owner = get_model(connection, parse_model_key(model))
        gone = erase(store, owner, prediction_id, vacuum=not no_rewrite)
    typer.echo(f"{counted(gone.predictions, 'prediction')} and {counted(gone.labels, 'label')} deleted")
    if gone.quarantined:
        typer.echo(f"{gone.quarantined:,} rows that were set aside deleted")
    for each in gone.unknown:
        typer.echo(f"{each}: the log holds nothing of it")
    for each in gone.in_reference:
        typer.echo(f"{each} is in a reference, which stays: promote one without it", err=True)
