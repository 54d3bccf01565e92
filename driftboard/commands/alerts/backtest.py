"""`driftboard alerts backtest`: what a policy would have told."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftboard.commands import options
from driftboard.commands.alerts.options import Json, moment

if TYPE_CHECKING:
    from datetime import datetime

    from driftboard.alert_settings import AlertSettings
    from driftboard.alerts.history import History
    from driftboard.data import Store


def backtest(
    context: typer.Context,
    since: Annotated[str, typer.Option("--since", metavar="TIME", help="Tell of messages from then on.")] = "90d",
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="And before. [default: a day after the newest judgement, or now]"),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", metavar="FILE", help="A candidate: TOML with what differs in [alerts].")
    ] = None,
    model: options.ModelName = None,
    json: Json = False,  # noqa: FBT002 - a flag
    config: options.ConfigFile = None,
) -> None:
    """Say which messages a policy would have sent of what was recorded, when, and to whom.

    The stored reports, acknowledgements, snoozes and silences are lived through again from the first one on, by the
    same decisions as in earnest, with a simulated clock. With --policy the present policy and the candidate stand side
    by side. Nothing is sent, nothing is changed. Rate limits and failures of channels, the daily digest, and incidents
    about driftboard itself are left out.

    \b
    Examples:
      driftboard alerts backtest --since 90d
      driftboard alerts backtest --since 2025-11-01 --until 2025-12-01 --model churn
      driftboard alerts backtest --policy candidate.toml
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.alerts.backtest import backtest as lived_through  # noqa: PLC0415
    from driftboard.alerts.backtest import last_moment  # noqa: PLC0415
    from driftboard.commands.alerts import backtest_words  # noqa: PLC0415
    from driftboard.data import open_store_read_only  # noqa: PLC0415

    settings, now = options.settings_of(context, config), datetime.now(UTC)
    asked = None if until is None else moment(until, now=now)
    present = settings.alerts
    candidate = None if policy is None else _candidate(policy, present)
    with open_store_read_only(options.log_of(settings)) as store:
        history = _history(store, model, asked or now)
    end = asked or last_moment(history, now=now)
    start = moment(since, now=end)
    first = lived_through(history, present, since=start, until=end)
    second = None if candidate is None else lived_through(history, candidate, since=start, until=end)
    typer.echo(backtest_words.as_json(first, second) if json else backtest_words.as_text(first, second))


def _candidate(file: Path, present: "AlertSettings") -> "AlertSettings":
    from driftboard.alerts.candidate import read_candidate  # noqa: PLC0415
    from driftboard.errors import ConfigError  # noqa: PLC0415

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"cannot read the policy {file}: name a TOML file with a section [alerts]") from None
    return read_candidate(text, present)


def _history(store: "Store", model: str | None, until: "datetime") -> "History":
    from driftboard.alerts.history import read_history  # noqa: PLC0415
    from driftboard.data import get_model, parse_model_key  # noqa: PLC0415

    with store.read() as connection:
        ids = None if model is None else [get_model(connection, parse_model_key(model)).model_id]
        return read_history(connection, model_ids=ids, until=until)
