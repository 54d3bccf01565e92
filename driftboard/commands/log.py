"""`driftboard log`: predictions from a file into the log."""

from pathlib import Path
from typing import Annotated

import typer

from driftboard.commands import options


def log(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A .csv, .csv.gz or .parquet file, one row a prediction.")
    ],
    model: Annotated[str, typer.Option("--model", metavar="NAME[:VERSION][@ENV]", help="Whose predictions they are.")],
    batch: Annotated[str, typer.Option("--batch", metavar="ID", help="The batch they belong to: a day, a job's id.")],
    predicted: options.PredictedColumn = None,
    prediction_id: options.IdColumn = None,
    label: options.LabelColumn = None,
    predicted_at: options.TimeColumn = None,
    confidence: options.ConfidenceColumn = None,
    scores: options.ScorePrefix = "score_",
    ignore: options.Ignored = None,
    timezone: options.Zone = None,
    config: options.ConfigFile = None,
) -> None:
    """Log predictions from a CSV or Parquet file.

    The rows become a batch, with labels as far as they are known; more rows may be logged to it later.

    A column named `predicted` is needed. `prediction_id`, `label`, `predicted_at`, `confidence` and `score_<class>`
    are used when they are there; every other column is a feature. In CSV, an empty field and an unquoted NA are
    missing. Logging a prediction id a second time changes nothing, so a retry is safe.

    \b
    Examples:
      driftboard log monday.csv --model churn --batch 2025-11-03
      driftboard log monday.parquet --model churn:2@staging --batch 2025-11-03 --predicted y_hat --scores proba_
    """  # noqa: D301 - the escape is click's
    from driftboard.commands.prediction_file import ColumnNames, read_batch_file  # noqa: PLC0415 - `--help` is quick
    from driftboard.data import log_predictions, open_store, parse_model_key  # noqa: PLC0415
    from driftboard.errors import BadBatch  # noqa: PLC0415
    from driftboard.privacy import privacy_of  # noqa: PLC0415

    settings = options.settings_of(context, config)
    names = ColumnNames(predicted, prediction_id, label, predicted_at, confidence, scores, tuple(ignore or ()))
    rows = read_batch_file(file, parse_model_key(model), batch, names, zone=timezone)
    with open_store(options.log_of(settings)) as store:
        result = log_predictions(store, rows, privacy=privacy_of(settings))
    bad = dict(result.quarantined or {})
    first = next((f"row {row}: {reason}" for row, reason in bad.items()), "")
    if bad and not result.accepted:
        raise BadBatch(f"none of the {len(rows):,} rows could be stored; the first is {first}")
    typer.echo(f"{result.accepted:,} predictions logged to batch {batch} of {rows.model}")
    if result.duplicates:
        typer.echo(f"{result.duplicates:,} were in the log already")
    if result.conflicts:
        typer.echo(
            f"{len(result.conflicts):,} ids were in the log with other content, which stays: {result.conflicts[0]} ..."
        )
    if bad:
        typer.echo(f"{len(bad):,} rows set aside; the first is {first}")
