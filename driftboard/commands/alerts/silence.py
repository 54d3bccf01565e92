"""`driftboard alerts silence`: hear nothing of what matches."""

from typing import Annotated

import typer

from driftboard.commands import options
from driftboard.commands.alerts.options import By, who, written


def silence(
    context: typer.Context,
    matchers: Annotated[
        list[str],
        typer.Argument(
            metavar="FIELD=PATTERN...",
            help="model, environment, rule, subject or severity; * and ? are wild. All must fit.",
        ),
    ],
    length: Annotated[str, typer.Option("--for", metavar="TIME", help="How long: 2d, 4h; 90d at most.")],
    comment: Annotated[str, typer.Option("--comment", help="Why, for whoever wonders at the quiet.")],
    by: By = None,
    config: options.ConfigFile = None,
) -> None:
    """Hear nothing of every incident that matches, for a while.

    Incidents go on as they would, and what is still there at the end is told then. An incident with several features is
    quiet only when all of them match.

    \b
    Examples:
      driftboard alerts silence rule=feature_drift model=churn --for 2d --comment "price list changed"
      driftboard alerts silence subject=temp_* --for 4h --comment "sensor is being replaced"
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.alerts import act  # noqa: PLC0415
    from driftboard.data import open_store  # noqa: PLC0415
    from driftboard.written_times import parse_age  # noqa: PLC0415

    settings = options.settings_of(context, config)
    now = datetime.now(UTC)
    wanted = dict(_matcher(each) for each in matchers)
    with open_store(options.log_of(settings)) as store:
        made = act.silence(store, wanted, by=who(by), comment=comment, until=now + parse_age(length), now=now)
    typer.echo(f"Silence {made.silence_id} holds until {written(made.ends_at)} UTC.")
    typer.echo(f"To end it before: `driftboard alerts silences --end {made.silence_id}`.")


def _matcher(text: str) -> tuple[str, str]:
    from driftboard.errors import ConfigError  # noqa: PLC0415

    field, equals, pattern = text.partition("=")
    if not equals:
        raise ConfigError(f"{text!r} is no matcher: write rule=feature_drift or model=churn")
    return field.strip(), pattern
