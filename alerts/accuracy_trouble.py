"""Whether a model's accuracy is certainly below its floor: by the newest batch whose labels have arrived. Pure."""

from collections.abc import Sequence
from datetime import datetime

from driftboard.alerts.outcome_figures import OutcomeFigures
from driftboard.alerts.rule_words import span
from driftboard.alerts.service_rules import ServiceRule
from driftboard.alerts.service_trouble import Look, ServiceTrouble
from driftboard.monitors.wilson import wilson
from driftboard.monitors.wording import count, named


def look_at_accuracy(rule: ServiceRule, said: Sequence[OutcomeFigures], *, now: datetime) -> Look:
    """Return whether accuracy has been below its floor for as long as the rule must hold, or has kept it.

    Parameters
    ----------
    rule
        The one about accuracy.
    said
        All that was ever said of the newest batches with labels, in order of the batches and then as it was said.
    now
        Aware, UTC.
    """
    began = now - rule.hold
    times = [began, *(each.said_at for each in said if began < each.said_at <= now), now]
    standing = [_standing_at(said, at) for at in times]
    newest = standing[-1]
    if newest is None or any(each is None or each.outcomes.total < rule.at_least for each in standing):
        return Look()
    below = [each is not None and wilson(each.outcomes.good, each.outcomes.total).high < rule.threshold
             for each in standing]  # fmt: skip
    if all(below):
        return Look(wrong=(ServiceTrouble(rule.rule, "", rule.severity, _message(rule, newest)),))
    return Look() if any(below) else Look(well=frozenset({(rule.rule, "")}))


def _standing_at(said: Sequence[OutcomeFigures], at: datetime) -> OutcomeFigures | None:
    """Return what stood at a time: of the newest batch with labels that had arrived, the newest that was said."""
    stood = {each.batch_key: each for each in said if each.said_at <= at}
    return max(
        (each for each in stood.values() if each.is_mature),
        key=lambda each: (each.batch_at, each.batch_key),
        default=None,
    )


def _message(rule: ServiceRule, newest: OutcomeFigures) -> str:
    outcomes = newest.outcomes
    interval = wilson(outcomes.good, outcomes.total)
    return (
        f"Accuracy {outcomes.good / outcomes.total:.3g} ({interval.low:.3g} to {interval.high:.3g}) of "
        f"{count(outcomes.total, 'labelled prediction')} in {named(newest.batch_id)}: "
        f"below {rule.threshold:g} for {span(rule.hold)}, beyond chance."
    )
