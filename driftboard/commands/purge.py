"""`driftboard purge`: raw rows past their age go, reports stay."""

from typing import TYPE_CHECKING, Annotated

import typer

from driftboard.commands import options

if TYPE_CHECKING:
    from driftboard.config import RetentionSettings
    from driftboard.data.catalog import Model


def purge(
    context: typer.Context,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="AGE", help="As in 90d, 12h, 52w. [default: `retention` as configured]"),
    ] = None,
    model: options.ModelName = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go.")] = False,  # noqa: FBT002 - a flag
    vacuum: Annotated[  # noqa: FBT002
        bool, typer.Option("--vacuum", help="Write the file anew: the disk gets the space back. Blocks writers.")
    ] = False,
    config: options.ConfigFile = None,
) -> None:
    """Delete raw rows past their age.

    Predictions, labels, rows set aside and labels that wait for a prediction go, batch by batch, and are overwritten
    with zeros. Reports, alerts, references and the counts of every batch stay. How long each model's rows are kept is
    configured in [retention], or said with --older-than.

    \b
    Examples:
      driftboard purge                        nightly, as configured
      driftboard purge --older-than 90d --dry-run
      driftboard purge --older-than 30d --model churn --vacuum
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.data import get_model, list_models, open_store, parse_model_key  # noqa: PLC0415
    from driftboard.data.disk import leave_no_traces  # noqa: PLC0415
    from driftboard.data.retention import purge as purge_model  # noqa: PLC0415
    from driftboard.written_times import parse_age  # noqa: PLC0415

    settings = options.settings_of(context, config)
    with open_store(options.log_of(settings)) as store:
        with store.read() as connection:
            models = list_models(connection) if model is None else (get_model(connection, parse_model_key(model)),)
        limits = _limits(models, older_than, settings.retention)
        for each, age in limits:
            gone = purge_model(store, each, older_than=parse_age(age), now=datetime.now(UTC), dry_run=dry_run)
            typer.echo(
                f"{each.key}, older than {age}: {options.counted(gone.batches, 'batch')} "
                f"with {options.counted(gone.predictions, 'prediction')}, "
                f"{gone.quarantined:,} rows set aside, {gone.orphans:,} waiting labels{' would go' * dry_run}"
            )
        if limits and not dry_run:
            leave_no_traces(store, vacuum=vacuum)


def _limits(
    models: "tuple[Model, ...]", older_than: str | None, retention: "RetentionSettings"
) -> "list[tuple[Model, str]]":
    """Each model with its age limit; those that are kept for ever are left out."""
    from driftboard.data.retention import age_limit  # noqa: PLC0415
    from driftboard.errors import ConfigError  # noqa: PLC0415

    if older_than is not None:
        return [(model, older_than) for model in models]
    if retention.default is None and not retention.models:
        raise ConfigError("nothing says how old is too old: give --older-than 90d, or configure [retention]")
    ages = ((model, age_limit(model.key, retention.models, retention.default)) for model in models)
    return [(model, age) for model, age in ages if age is not None]
