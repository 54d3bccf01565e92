"""`driftboard alerts feedback`: whether an incident was worth being told."""

from enum import StrEnum
from typing import Annotated

import typer

from driftboard.commands import options
from driftboard.commands.alerts.options import By, IncidentId, who


class Answer(StrEnum):
    """What somebody thought of an incident."""

    USEFUL = "useful"
    NOISE = "noise"


def feedback(
    context: typer.Context,
    incident: IncidentId,
    answer: Annotated[Answer, typer.Argument(help="Was it worth being told?")],
    by: By = None,
    config: options.ConfigFile = None,
) -> None:
    """Say whether an incident, open or over, was useful or noise; a later answer takes the place of an earlier.

    From the answers comes the precision of each rule: the share of its incidents that were useful.

    \b
    Example:
      driftboard alerts feedback 12 noise
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.alerts.act import give_feedback  # noqa: PLC0415
    from driftboard.alerts.precision import precision  # noqa: PLC0415
    from driftboard.data import open_store  # noqa: PLC0415
    from driftboard.data.incidents import feedback_by_rule  # noqa: PLC0415

    settings = options.settings_of(context, config)
    with open_store(options.log_of(settings)) as store:
        useful = answer is Answer.USEFUL
        after = give_feedback(store, incident, by=who(by), useful=useful, now=datetime.now(UTC))
        with store.read() as connection:
            known = {each.rule: each for each in precision(feedback_by_rule(connection))}
    rule = known[after.rule]
    low, high = 100 * rule.interval.low, 100 * rule.interval.high
    share = f"{rule.useful} of {rule.answers} useful: {100 * rule.share:.0f} % ({low:.0f} to {high:.0f} %)"
    typer.echo(f"Incident {incident} was {after.feedback}. {after.rule} so far: {share}.")
