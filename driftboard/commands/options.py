"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from driftboard.config import Settings, load_settings
from driftboard.errors import ConfigError

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="Configuration file. [default: driftboard.toml here, if there is one]"
    ),
]
ModelName = Annotated[
    str | None, typer.Option("--model", metavar="NAME[:VERSION][@ENV]", help="Which model, as in `flights:2@staging`.")
]
PredictedColumn = Annotated[
    str | None, typer.Option("--predicted", metavar="COLUMN", help="Predicted class or value. [default: predicted]")
]
IdColumn = Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="Prediction id. [default: prediction_id]")]
LabelColumn = Annotated[
    str | None, typer.Option("--label", metavar="COLUMN", help="True class or value. [default: label]")
]
TimeColumn = Annotated[
    str | None, typer.Option("--at", metavar="COLUMN", help="When it was predicted. [default: predicted_at]")
]
ConfidenceColumn = Annotated[
    str | None, typer.Option("--confidence", metavar="COLUMN", help="Confidence in [0, 1]. [default: confidence]")
]
ScorePrefix = Annotated[
    str,
    typer.Option("--scores", metavar="PREFIX", help="What the columns of scores begin with, before the class."),
]
Ignored = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="COLUMN", help="Leave this column out. May be repeated.")
]
Zone = Annotated[
    str | None, typer.Option("--timezone", metavar="ZONE", help="Of times that name none, as in `Europe/Berlin`.")
]
Host = Annotated[str | None, typer.Option("--host", help="Loopback address to listen on. [default: 127.0.0.1]")]
Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port to listen on. [default: 8501]")]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]


def settings_of(context: typer.Context, config: Path | None, **overrides: object) -> Settings:
    """Return the settings from the file named after the command, else before it, else found here."""
    return load_settings(config or context.obj, **overrides)


def log_of(settings: Settings) -> Path | str:
    """Return where the log is, as `open_store` takes it."""
    return settings.store.location


def file_of(settings: Settings, *, instead: str) -> Path:
    """Return the database file.

    Raises
    ------
    ConfigError
        The log is on a server; `instead` is the server's own tool for what was asked.
    """
    where = log_of(settings)
    if isinstance(where, Path):
        return where
    raise ConfigError(f"the log is on a PostgreSQL server: use {instead}")


def counted(count: int, noun: str) -> str:
    """Return a number of things.

    >>> counted(1, "batch"), counted(2000, "batch"), counted(0, "label")
    ('1 batch', '2,000 batches', '0 labels')
    """
    plural = "" if count == 1 else "es" if noun.endswith("ch") else "s"
    return f"{count:,} {noun}{plural}"
