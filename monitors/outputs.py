"""The outputs of one batch as numbers: predicted classes or values, and the confidence, before anybody judges them."""

from collections.abc import Callable

import numpy as np

from driftboard.monitors.baseline import CONFIDENCE, VALUE, Baseline
from driftboard.monitors.finding import Finding
from driftboard.monitors.fisher import rise_p_value
from driftboard.monitors.inputs import change, measure_levels, measure_numeric
from driftboard.monitors.interval import Interval
from driftboard.monitors.profile import Profile
from driftboard.monitors.report import FeatureResult, PredictionReport
from driftboard.monitors.sample import Codes
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.wilson import wilson
from driftboard.monitors.wording import count, listing, named, percent

OTHER_CLASSES = "(other)"


def measure_outputs(baseline: Baseline, batch: Profile, *, alpha: float) -> PredictionReport:
    """Return the numbers of the predictions; verdict and message are still to come."""
    numeric = {each.feature: each for each in measure_numeric(baseline.outputs, batch.outputs, alpha=alpha)}
    mix = next(iter(measure_levels(baseline.predicted, batch.predicted, alpha=alpha)), None)
    counts, before, labels = class_counts(baseline, batch)
    confidence, value = numeric.get(CONFIDENCE), numeric.get(VALUE)
    return PredictionReport(
        verdict=Verdict.NO_DATA,
        message="",
        n=batch.n - batch.failed,
        n_reference=baseline.reference.n - baseline.reference.failed,
        classes=labels,
        counts=tuple(counts.tolist()),
        reference_counts=tuple(before.tolist()),
        share_interval=_intervals(counts),
        chi_square=mix.chi_square if mix else None,
        mean_confidence=confidence.mean if confidence else None,
        reference_mean_confidence=confidence.reference_mean if confidence else None,
        confidence_ks=confidence.ks if confidence else None,
        mean_predicted=value.mean if value else None,
        reference_mean_predicted=value.reference_mean if value else None,
        value_ks=value.ks if value else None,
        failed=batch.failed,
    )


def class_counts(baseline: Baseline, batch: Profile) -> tuple[Codes, Codes, tuple[str, ...]]:
    """Return the predictions of each class, the reference's, and the classes' names; a class met first now is last."""
    if len(baseline.predicted) == 0:
        nobody = np.zeros(0, dtype=np.int64)
        return nobody, nobody, ()
    labels = baseline.predicted.cells_of(0).labels
    counts, before = batch.predicted.cells, baseline.predicted.counts.cells
    unseen = batch.predicted.unseen[0]
    last = unseen[0] if len(unseen) == 1 else OTHER_CLASSES
    if counts[-1] == 0:
        return counts[:-1], before[:-1], labels[:-1]
    return counts, before, (*labels[:-1], last)


def _intervals(counts: Codes) -> tuple[Interval, ...]:
    n = int(counts.sum())
    return tuple(wilson(each, n) for each in counts.tolist()) if n else ()


def nothing_predicted(report: PredictionReport, rows: int) -> str:
    """Return why there is nothing to compare; empty when there is."""
    if rows == 0:
        return "the batch has no predictions"
    if report.n_reference == 0:
        return "the reference has no predictions to compare with"
    return "" if report.n else f"none of {count(rows, 'request')} has a prediction that can be used"


def predicted_values(baseline: Baseline, batch: Profile, *, alpha: float) -> FeatureResult | None:
    """Return the numbers of the predicted value; None for classification."""
    columns = measure_numeric(baseline.outputs, batch.outputs, alpha=alpha)
    return next((each for each in columns if each.feature == VALUE), None)


def mix_change(report: PredictionReport) -> str:
    """Return the class whose share changed most: `late` 10 % → 25 %; empty without predictions on either side."""
    if not sum(report.counts) or not sum(report.reference_counts):
        return ""
    share = np.array(report.counts) / sum(report.counts)
    before = np.array(report.reference_counts) / sum(report.reference_counts)
    widest = int(np.argmax(np.abs(share - before)))
    return change(report.classes[widest], before[widest], share[widest])


def new_classes(baseline: Baseline, batch: Profile, judge: Callable[[float], Verdict]) -> list[Finding]:
    """Return the finding that predictions are of a class the reference never had.

    Parameters
    ----------
    judge
        From the chance that luck does that to the verdict.
    """
    if len(baseline.predicted) == 0 or not batch.predicted.unseen[0]:
        return []
    names = listing([named(each) for each in batch.predicted.unseen[0]])
    new, n = int(batch.predicted.cells[-1]), int(batch.predicted.cells.sum())
    p_value = rise_p_value(new, n, 0, int(baseline.predicted.counts.cells.sum()))
    text = f"{percent(new / n)} of the predictions are of a class never seen before: {names}"
    return [Finding(judge(p_value), text, "label_shift")]
