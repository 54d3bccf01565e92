"""Whether inputs that moved hurt: what the performance estimated without labels says of it."""

from dataclasses import replace

from driftboard.monitors.report import Estimate, FeatureReport, PerformanceReport
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.wording import number, percent

WITH, WITHOUT = "with consequence", "harmless so far"
_POINTS = 0.03
_GROWTH = 0.10


def with_consequence(inputs: FeatureReport, outcomes: PerformanceReport) -> FeatureReport:
    """Return the inputs' report with the tag, when a feature drifted and there is an estimate.

    With consequence: the estimate lies three points of accuracy (or a tenth of the mean absolute error) beyond the
    reference's. It cannot see that the labels mean something else now, so it is information beside the verdict.
    """
    drifted = any(each.verdict in (Verdict.WARNING, Verdict.CRITICAL) for each in inputs.features)
    estimate = next((each for each in outcomes.estimates if each.name in ("accuracy", "mae")), None)
    if not drifted or estimate is None:
        return inputs
    tag = WITH if _hurts(estimate) else WITHOUT
    message = f"{inputs.message.removesuffix('.')}; {tag}: {_text(estimate)}."
    return replace(inputs, consequence=tag, message=message)


def _hurts(estimate: Estimate) -> bool:
    if estimate.name == "accuracy":
        return estimate.reference - estimate.value >= _POINTS
    return estimate.value >= estimate.reference * (1 + _GROWTH)


def _text(estimate: Estimate) -> str:
    if estimate.name == "accuracy":
        return f"estimated accuracy {percent(estimate.reference)} → {percent(estimate.value)}"
    return f"estimated mean absolute error {number(estimate.reference)} → {number(estimate.value)}"
