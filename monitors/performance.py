"""The outcomes: how good the labelled predictions of a batch were, beside the reference."""

from dataclasses import replace

from driftboard.monitors.class_decay import ClassDecay
from driftboard.monitors.finding import Finding, conclude, too_few
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.presence import Presence, prediction_presence
from driftboard.monitors.report import PerformanceReport, Verdict
from driftboard.monitors.sample import Sample
from driftboard.monitors.scores import score_values
from driftboard.monitors.value_decay import ValueDecay
from driftboard.monitors.wording import count, number, percent


class PerformanceMonitor:
    """Compares the labelled predictions of batches with those of a reference, scored when the monitor is made.

    A batch is judged by itself: no report depends on the batches seen before. A reference without labels leaves nothing
    to compare with: the batch's own scores are still reported, under the verdict `no_data`.

    Parameters
    ----------
    reference
        Held-out predictions with their labels. The score on training data flatters, and every batch would look decayed.
    policy
        The limits.

    >>> import numpy as np
    >>> reference = Sample(1000, {}, "classification", ("no", "yes"), np.zeros(1000), labels=np.arange(1000) % 10 // 9)
    >>> batch = Sample(100, {}, "classification", ("no", "yes"), np.zeros(100), labels=np.arange(100) % 2)
    >>> PerformanceMonitor(reference).report(batch).message
    'performance decayed: accuracy 90 % → 50 % (40 % to 60 %), macro F1 0.474 → 0.333; 100 of 100 predictions labelled.'
    """

    def __init__(self, reference: Sample, policy: ClassicPolicy | None = None) -> None:
        self._policy = policy or ClassicPolicy()
        self._task = reference.task
        self._decay = ClassDecay(reference) if reference.task == "classification" else ValueDecay(reference)

    def report(self, batch: Sample) -> PerformanceReport:
        """Return the report of one batch; never raises for what the batch holds or lacks."""
        here = prediction_presence(batch)
        n = here.rows - here.missing
        report = PerformanceReport(Verdict.NO_DATA, "", n, 0, coverage=0.0, decay_limit=self._policy.decay)
        if batch.n and batch.task != self._task:
            text = f"the batch is of a {batch.task} model and the reference of a {self._task} model"
            return _concluded(report, [Finding(Verdict.INVALID, text)])
        report = self._decay.measure(report, batch)
        report = replace(report, coverage=report.n_labelled / n if n else 0.0)
        reason = self._absence(report, here)
        findings = [reason] if reason else self._decay.judge(report, batch, self._policy)
        return _concluded(report, [*findings, *_unscorable(batch), _coverage(report)])

    def _absence(self, report: PerformanceReport, here: Presence) -> Finding | None:
        least = self._policy.min_labels
        if report.n == 0:
            failed = f": all {count(here.rows, 'request')} failed" if here.rows else ""
            return Finding(Verdict.NO_DATA, f"the batch has no predictions{failed}")
        if report.n_labelled == 0:
            return Finding(Verdict.NO_DATA, "no labels have arrived")
        if report.n_labelled < least:
            return too_few(report.n_labelled, least, noun="label")
        if self._decay.n_reference == 0:
            return Finding(Verdict.NO_DATA, f"the reference has no labels to compare with, here {_own_score(report)}")
        if self._decay.n_reference < least:
            return too_few(self._decay.n_reference, least, noun="reference label")
        return None


def _own_score(report: PerformanceReport) -> str:
    if report.accuracy is not None:
        return f"accuracy is {percent(report.accuracy)}"
    return f"MAE is {number(report.mae)}" if report.mae is not None else "the errors are too large to be computed"


def _coverage(report: PerformanceReport) -> Finding:
    return Finding(Verdict.OK, f"{report.n_labelled:,} of {count(report.n, 'prediction')} labelled")


def _unscorable(batch: Sample) -> list[Finding]:
    infinite = score_values(batch).infinite if batch.task == "regression" else 0
    if infinite == 0:
        return []
    return [Finding(Verdict.INVALID, f"{count(infinite, 'labelled prediction')} infinite and left out")]


def _concluded(report: PerformanceReport, findings: list[Finding]) -> PerformanceReport:
    verdict, message = conclude(findings)
    return replace(report, verdict=verdict, message=message)
