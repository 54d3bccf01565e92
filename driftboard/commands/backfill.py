"""`driftboard backfill`: labels from a file, by prediction id or for a whole batch."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftboard.commands import options

if TYPE_CHECKING:
    from driftboard.data import LabelResult, ModelKey, Store


def backfill(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv, .csv.gz or .parquet file of labels.")],
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="ID", help="Label this whole batch, in the order it was logged."),
    ] = None,
    model: options.ModelName = None,
    prediction_id: options.IdColumn = None,
    label: options.LabelColumn = None,
    config: options.ConfigFile = None,
) -> None:
    """Add labels that arrived later.

    With columns `prediction_id` and `label`, in any order, as few or as many as have arrived; a label whose
    prediction is not in the log waits for it. Or, with --batch and a column `label` alone, a whole batch: as many
    labels as it has predictions, in their order, an empty one where the truth is not known.

    \b
    Examples:
      driftboard backfill labels.csv --model churn
      driftboard backfill truth.csv --model churn --batch 2025-11-03 --label churned
    """  # noqa: D301 - the escape is click's
    from driftboard.commands.table_file import column_named, read_table  # noqa: PLC0415 - `--help` is quick
    from driftboard.data import open_store, parse_model_key  # noqa: PLC0415
    from driftboard.errors import BadBatch  # noqa: PLC0415

    settings = options.settings_of(context, config)
    key = None if model is None else parse_model_key(model)
    table = read_table(file, text=[prediction_id or "prediction_id"])
    label_column = column_named(table, label, "label")
    id_column = column_named(table, prediction_id, "prediction_id")
    if label_column is None:
        raise BadBatch(f"{file} has no column 'label': name it with --label")
    labels = table[label_column].to_pylist()
    with open_store(options.log_of(settings)) as store:
        if batch is not None:
            if id_column is not None:
                raise BadBatch(f"{file} has prediction ids: leave out --batch, or the column {id_column!r}")
            result = _whole_batch(store, batch, labels, key)
        elif id_column is not None:
            result = _by_id(store, table[id_column].to_pylist(), labels, key)
        else:
            raise BadBatch(f"{file} has no column 'prediction_id': name it with --id, or the batch with --batch")
    _tell(result)


def _whole_batch(store: "Store", batch: str, labels: list[Any], model: "ModelKey | None") -> "LabelResult":
    from driftboard.data import backfill_ground_truth  # noqa: PLC0415

    return backfill_ground_truth(store, batch, labels, model=model)


def _by_id(store: "Store", ids: list[Any], labels: list[Any], model: "ModelKey | None") -> "LabelResult":
    from driftboard.data import label_predictions  # noqa: PLC0415
    from driftboard.errors import LabelMismatch  # noqa: PLC0415

    found: dict[str, Any] = {}
    for row, (each, label) in enumerate(zip(ids, labels, strict=True)):
        if each is None:
            raise LabelMismatch(f"row {row} has no prediction id")
        if label is None:
            continue
        if found.setdefault(str(each), label) != label:
            raise LabelMismatch(f"prediction {each} has two labels in one file: {found[str(each)]} and {label}")
    return label_predictions(store, found, model=model)


def _tell(result: "LabelResult") -> None:
    typer.echo(f"{result.accepted:,} labels stored")
    if result.unchanged:
        typer.echo(f"{result.unchanged:,} were in the log already")
    if result.waiting:
        typer.echo(f"{result.waiting:,} wait for their predictions, which are not in the log")
    if result.refused:
        name, reason = next(iter(result.refused.items()))
        typer.echo(f"{len(result.refused):,} refused; the first is {name}: {reason}")
