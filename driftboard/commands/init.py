"""`driftboard init`: a database, a configuration file, a model and its reference."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftboard.commands import options

if TYPE_CHECKING:
    from driftboard.commands.prediction_file import ColumnNames
    from driftboard.data import ModelKey, Store
    from driftboard.data.catalog import Model
    from driftboard.data.privacy import Privacy


class TaskName(StrEnum):
    """What a model predicts."""

    classification = "classification"
    regression = "regression"


def init(
    context: typer.Context,
    model: options.ModelName = None,
    reference: Annotated[
        Path | None,
        typer.Option(
            "--reference", metavar="FILE", help="CSV or Parquet of predictions that batches are compared with."
        ),
    ] = None,
    task: Annotated[TaskName, typer.Option("--task", help="What the model predicts.")] = TaskName.classification,
    replace: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--replace", help="Promote this reference in place of the one in force, which is kept.")
    ] = False,
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
    """Create a database, register a model.

    Creates the database and a commented driftboard.toml; with --model, registers a model and its reference. The
    reference is what every batch is compared with: predictions on data the model was not trained on, with their
    labels. Its columns are named as in `driftboard log`. What is there already is left as it is.

    \b
    Examples:
      driftboard init
      driftboard init --model churn --reference validation.csv
      driftboard init --model churn:2 --reference validation.parquet --predicted y_hat --label churned
    """  # noqa: D301 - the escape is click's
    from driftboard.commands.prediction_file import ColumnNames  # noqa: PLC0415 - `--help` is quick
    from driftboard.data import open_store, parse_model_key  # noqa: PLC0415
    from driftboard.errors import ConfigError  # noqa: PLC0415
    from driftboard.privacy import privacy_of  # noqa: PLC0415

    if reference is not None and model is None:
        raise ConfigError("--reference needs --model: whose reference is it?")
    key = None if model is None else parse_model_key(model)
    settings = options.settings_of(context, config)
    names = ColumnNames(predicted, prediction_id, label, predicted_at, confidence, scores, tuple(ignore or ()))
    if config is None and context.obj is None:
        _write_configuration()
    with open_store(options.log_of(settings)) as store:
        typer.echo(f"The database is {store.name}")
        if key is not None:
            registered = _register(store, key, task)
            if reference is not None:
                privacy = privacy_of(settings)
                _promote(store, registered, reference, names, privacy, zone=timezone, replace=replace)
            else:
                typer.echo("It is judged once it has a reference: see --reference.")


def _write_configuration() -> None:
    from driftboard.commands.commented_toml import commented_toml  # noqa: PLC0415
    from driftboard.config import DEFAULT_FILE  # noqa: PLC0415
    from driftboard.errors import ConfigError  # noqa: PLC0415

    try:
        with DEFAULT_FILE.open("x", encoding="utf-8") as file:
            file.write(commented_toml())
    except FileExistsError:
        return
    except OSError as error:
        raise ConfigError(f"cannot write {DEFAULT_FILE}: {error.strerror}") from None
    typer.echo(f"Wrote {DEFAULT_FILE}: every setting with its default")


def _register(store: "Store", key: "ModelKey", task: TaskName) -> "Model":
    from driftboard.data import register_model  # noqa: PLC0415

    model = register_model(store, key, task=task.value)
    typer.echo(f"The model is {key} ({model.task})")
    return model


def _promote(
    store: "Store",
    model: "Model",
    file: Path,
    names: "ColumnNames",
    privacy: "Privacy",
    *,
    zone: str | None,
    replace: bool,
) -> None:
    from driftboard.commands.prediction_file import read_batch_file  # noqa: PLC0415
    from driftboard.data import load_reference, promote_reference  # noqa: PLC0415
    from driftboard.errors import BadBatch  # noqa: PLC0415

    with store.read() as connection:
        current = load_reference(connection, model)
    if current is not None and not replace:
        raise BadBatch(f"{model.key} has a reference of {len(current.rows):,} rows already: --replace promotes another")
    batch = read_batch_file(file, model.key, "reference", names, zone=zone)
    if len(batch) == 0:
        raise BadBatch(f"{file} has no rows: a reference needs some")
    promote_reference(store, privacy.apply_batch(batch))
    labelled = "no labels" if batch.labels is None else f"{sum(each is not None for each in batch.labels):,} labels"
    typer.echo(f"The reference has {len(batch):,} rows, {len(batch.features)} features and {labelled}")
