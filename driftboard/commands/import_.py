"""`driftboard import`: what `driftboard export` wrote, into a log."""

from pathlib import Path
from typing import Annotated

import typer

from driftboard.commands import options
from driftboard.commands.options import counted


def import_(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="FILE.parquet|FOLDER", help="What `driftboard export` wrote.")],
    model: Annotated[
        str, typer.Option("--model", metavar="NAME[:VERSION][@ENV]", help="Whose predictions they become.")
    ],
    config: options.ConfigFile = None,
) -> None:
    """Read exported predictions and labels into the log.

    What is there already stays as it is, so an import that was cut short is taken up by running it again. Labels keep
    the time they were observed at. The model is registered if it is new. Files of your own: see `driftboard log`.

    \b
    Examples:
      driftboard import churn.parquet --model churn
      driftboard import churn/ --model churn:1@staging
    """  # noqa: D301 - the escape is click's
    from driftboard.data import open_store, parse_model_key  # noqa: PLC0415 - `--help` is quick
    from driftboard.data.parquet_import import Imported, import_parquet  # noqa: PLC0415
    from driftboard.errors import BadBatch  # noqa: PLC0415
    from driftboard.privacy import privacy_of  # noqa: PLC0415

    settings = options.settings_of(context, config)
    files = sorted(source.glob("*.parquet")) if source.is_dir() else [source]
    if not files:
        raise BadBatch(f"{source} has no .parquet files")
    privacy = privacy_of(settings)
    with open_store(options.log_of(settings)) as store:
        key = parse_model_key(model)
        total = sum((import_parquet(store, key, file, privacy=privacy) for file in files), Imported())
    typer.echo(f"{counted(total.accepted, 'prediction')} and {counted(total.labels, 'label')} imported")
    told = {"were in the log already": total.duplicates, "are there with other content": total.conflicts}
    for words, count in (told | {"could not be stored": total.quarantined}).items():
        if count:
            typer.echo(f"{count:,} {words}")
