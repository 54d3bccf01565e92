"""Every setting, in one frozen tree: `driftboard.toml`, overridden by `DRIFTBOARD_...` variables.

The defaults are safe: the database is a file in `driftboard-data`, the dashboard listens on loopback only,
and alerts are a dry run until `alerts.dry_run = false`.
"""

import os
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field, SecretStr, TypeAdapter, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from driftboard.alert_settings import AlertSettings
from driftboard.api_settings import ApiSettings, MetricsSettings
from driftboard.deploy_settings import DeploySettings
from driftboard.errors import ConfigError
from driftboard.mistake import explain
from driftboard.monitor_settings import MonitorSettings
from driftboard.review_settings import ReviewSettings, ScheduleSettings
from driftboard.section import REFERENCES, Section, checked
from driftboard.service_settings import ServiceSettings, SloSettings
from driftboard.written_times import parse_age

DEFAULT_FILE = Path("driftboard.toml")


class StoreSettings(Section):
    """Where the log is kept."""

    data_dir: Path = Field(default=Path("driftboard-data"), description="Folder of the database file, from here.")
    database: str = Field(default="driftboard.sqlite", description="File name inside data_dir.")
    url: str = Field(
        default="",
        description="A PostgreSQL database instead: postgresql://user@host:port/database without a password (libpq "
        "finds it in ~/.pgpass or PGPASSWORD), or a reference to a whole connection string: env:NAME or file:PATH.",
    )

    @field_validator("url")
    @classmethod
    def _holds_no_password(cls, url: str) -> str:
        if not url or url.startswith(REFERENCES):
            return url
        if not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("write postgresql://user@host:port/database, env:NAME or file:PATH")
        if ":" in url.partition("://")[2].rpartition("@")[0] or "password" in url:
            raise ValueError("a password is given by reference only: env:NAME or file:PATH of the connection string")
        return url

    @property
    def location(self) -> Path | str:
        """What `open_store` opens: the path, or the connection string, which may hold a password; not to be shown."""
        if not self.url:
            return self.path
        return resolve_secret(SecretStr(self.url)) if self.url.startswith(REFERENCES) else self.url

    @property
    def path(self) -> Path:
        """The database file; refused when it lies outside `data_dir`."""
        folder = self.data_dir.resolve()
        path = (folder / self.database).resolve()
        if not path.is_relative_to(folder):
            raise ConfigError(f"store.database {self.database!r} lies outside store.data_dir {str(self.data_dir)!r}")
        return path


class RetentionSettings(Section):
    """How long raw rows are kept: `90d`, `12h`, `52w`; reports, alerts and references stay."""

    default: str | None = Field(default=None, description="Of every model not named below; kept for ever when not set.")
    models: dict[str, str] = Field(default={}, description='By model: { churn = "90d", "churn:2@staging" = "7d" }.')

    @field_validator("default")
    @classmethod
    def _is_an_age(cls, text: str | None) -> str | None:
        return text if text is None else _age(text)

    @field_validator("models")
    @classmethod
    def _are_ages(cls, models: dict[str, str]) -> dict[str, str]:
        return {name: _age(text) for name, text in models.items()}


class PrivacySettings(Section):
    """What becomes of features and segments before they reach any disk."""

    drop: tuple[str, ...] = Field(default=(), description="Never stored.")
    hash: tuple[str, ...] = Field(default=(), description="Stored as a keyed hash; needs salt.")
    truncate: dict[str, int] = Field(default={}, description="Text cut to so many characters: { note = 20 }.")
    allow: tuple[str, ...] = Field(default=(), description="Stored although the name looks like a secret's.")
    salt: SecretStr | None = Field(default=None, description="A reference to the secret: env:NAME or file:PATH.")


class DashboardSettings(Section):
    """Where the dashboard listens, and how messages link to it."""

    host: str = "127.0.0.1"
    port: int = Field(default=8501, gt=0, lt=65536)
    base_url: str = "http://127.0.0.1:8501"
    behind_proxy: bool = Field(
        default=False,
        description="True: it may listen on other addresses than this machine's own; something else checks who comes.",
    )


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="DRIFTBOARD_", env_nested_delimiter="__", toml_file=DEFAULT_FILE
    )

    store: StoreSettings = StoreSettings()
    monitors: MonitorSettings = MonitorSettings()
    alerts: AlertSettings = AlertSettings()
    retention: RetentionSettings = RetentionSettings()
    privacy: PrivacySettings = PrivacySettings()
    dashboard: DashboardSettings = DashboardSettings()
    api: ApiSettings = ApiSettings()
    metrics: MetricsSettings = MetricsSettings()
    slo: SloSettings = SloSettings()
    service: ServiceSettings = ServiceSettings()
    review: ReviewSettings = ReviewSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    deploy: DeploySettings = DeploySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Explicit arguments win over the environment, the environment over the file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


HANDED_OVER = "DRIFTBOARD_HANDED_OVER"
"""The environment variable in which one process of ours hands its settings to another, as JSON."""


def load_settings(file: Path | None = None, **overrides: Any) -> Settings:
    """Read the configuration; one that was handed over by another process of ours is taken as it is.

    Parameters
    ----------
    file
        The TOML file; by default `driftboard.toml` here, if there is one.
    overrides
        Sections given by the caller, as dictionaries.

    Raises
    ------
    ConfigError
        A named file is missing, is no TOML, or holds a key or value that is not understood.
    """
    handed_over = os.environ.get(HANDED_OVER)
    if handed_over is not None and file is None and not overrides:
        return _handed_over(orjson.loads(handed_over))
    if file is not None and not file.is_file():
        raise ConfigError(f"no configuration file at {file}")
    source: type[Settings] = type(
        "Settings", (Settings,), {"model_config": {**Settings.model_config, "toml_file": file or DEFAULT_FILE}}
    )
    try:
        return source(**overrides)
    except ValidationError as error:
        raise ConfigError(explain(error, Settings)) from None
    except ValueError as error:  # tomllib's error, and settings sources' own
        raise ConfigError(f"{file or DEFAULT_FILE}: {str(error).splitlines()[0]}") from None


def _handed_over(given: dict[str, Any]) -> Settings:
    """Return settings that another process of ours has read; neither a file here nor the environment adds to them."""
    fields = Settings.model_fields.items()
    annotations: dict[str, Any] = {name: field.annotation for name, field in fields}
    read = {name: TypeAdapter(each).validate_python(given[name]) for name, each in annotations.items()}
    return Settings.model_construct(**read)


def resolve_secret(reference: SecretStr) -> str:
    """Return the secret that `env:NAME` or `file:PATH` refers to.

    Raises
    ------
    ConfigError
        The reference is neither of the two, or there is nothing behind it. The text never holds the secret.
    """
    kind, _, name = reference.get_secret_value().partition(":")
    if kind == "env":
        if value := os.environ.get(name):
            return value
        raise ConfigError(f"the environment variable {name} is not set")
    if kind == "file":
        try:
            return Path(name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"cannot read the secret file {name}: {error.strerror}") from None
    raise ConfigError("a secret is given by reference: env:NAME or file:PATH")


def _age(text: str) -> str:
    """The text, once it is known to be a length of time."""
    return checked(parse_age, text)
