"""How often a rule was worth being told: what people said of its incidents, and how well that is known."""

from collections.abc import Mapping
from dataclasses import dataclass

from driftboard.monitors.interval import Interval
from driftboard.monitors.wilson import wilson


@dataclass(frozen=True, slots=True)
class RulePrecision:
    """The feedback on one rule.

    Attributes
    ----------
    useful, noise
        Incidents that were called so.
    share
        Of those, the useful ones, 0 to 1.
    interval
        Wilson's 95 % interval of the share: with few answers it is wide, and says so.
    """

    rule: str
    useful: int
    noise: int
    share: float
    interval: Interval

    @property
    def answers(self) -> int:
        """Incidents that somebody judged."""
        return self.useful + self.noise


def precision(feedback: Mapping[str, tuple[int, int]]) -> tuple[RulePrecision, ...]:
    """Return the precision of each rule with feedback, the most surely noisy one first.

    Parameters
    ----------
    feedback
        (useful, noise) by rule, as `data.incidents.feedback_by_rule` returns it.

    >>> [each.rule for each in precision({"label_shift": (9, 1), "schema": (0, 0), "feature_drift": (1, 9)})]
    ['feature_drift', 'label_shift']
    """
    judged = (_precision(rule, useful, noise) for rule, (useful, noise) in feedback.items() if useful + noise)
    return tuple(sorted(judged, key=lambda each: (each.interval.high, each.rule)))


def _precision(rule: str, useful: int, noise: int) -> RulePrecision:
    answers = useful + noise
    return RulePrecision(rule, useful, noise, useful / answers, wilson(useful, answers))
