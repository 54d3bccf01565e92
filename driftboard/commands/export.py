"""`driftboard export`: predictions with their labels, as Parquet."""

from pathlib import Path
from typing import Annotated

import typer

from driftboard.commands import options
from driftboard.commands.options import counted


def export(
    context: typer.Context,
    target: Annotated[
        Path, typer.Argument(metavar="FILE.parquet|FOLDER", help="One file, or a folder with a file for each batch.")
    ],
    model: Annotated[str, typer.Option("--model", metavar="NAME[:VERSION][@ENV]", help="Whose predictions.")],
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="Batches from then on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Batches before then.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="TIME", help="Labels as known then.")] = None,
    force: options.Force = False,  # noqa: FBT002 - a flag
    config: options.ConfigFile = None,
) -> None:
    """Write predictions to Parquet, one row each.

    With batch, time, predicted class or value, scores, confidence, latency, error, features, segments, and the label
    with the time it was observed at. One batch is in memory at a time. Times are UTC where they name no zone.

    \b
    Examples:
      driftboard export churn.parquet --model churn
      driftboard export churn/ --model churn --since 2025-11-01 --until 2025-12-01
      driftboard export then.parquet --model churn --as-of 2025-11-15T12:00+01:00
    """  # noqa: D301 - the escape is click's
    from driftboard.data import get_model, open_store_read_only, parse_model_key  # noqa: PLC0415 - `--help` is quick
    from driftboard.data.exchange import export_parquet  # noqa: PLC0415
    from driftboard.written_times import parse_instant  # noqa: PLC0415

    settings = options.settings_of(context, config)
    first, end, known = (None if text is None else parse_instant(text) for text in (since, until, as_of))
    with open_store_read_only(options.log_of(settings)) as store:
        with store.read() as connection:
            owner = get_model(connection, parse_model_key(model))
        done = export_parquet(store, owner, target, since=first, until=end, as_of=known, force=force)
    typer.echo(
        f"{counted(done.predictions, 'prediction')} of {counted(done.batches, 'batch')} "
        f"in {counted(len(done.files), 'file')}"
    )
    if done.without_rows:
        typer.echo(f"{done.without_rows:,} batches have no rows: they were empty, or purged")
