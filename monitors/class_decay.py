"""Decay of a classification model: accuracy and macro F1 of a batch beside the reference's."""

from dataclasses import replace

import numpy as np

from driftboard.monitors.finding import Finding
from driftboard.monitors.fisher import rise_p_value
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.report import Interval, PerformanceReport, Verdict
from driftboard.monitors.sample import Codes, Sample
from driftboard.monitors.scores import ClassScores, score_classes
from driftboard.monitors.wilson import wilson
from driftboard.monitors.wording import listing, named, number, percent

_SAYS = {
    Verdict.CRITICAL: "performance decayed",
    Verdict.WARNING: "performance may have decayed (macro F1 and a class's recall fell)",
    Verdict.INFO: "performance is lower, but these labels may show that by luck",
    Verdict.OK: "performance is steady",
}


class ClassDecay:
    """The reference's scores, and the rule that compares a batch's with them."""

    def __init__(self, reference: Sample) -> None:
        self._scores = score_classes(reference, reference.classes)
        self.n_reference = self._scores.n

    def measure(self, report: PerformanceReport, batch: Sample) -> PerformanceReport:
        """Return the report with the batch's scores over the fixed class list."""
        here = score_classes(batch, self._scores.classes)
        return replace(
            report,
            n_labelled=here.n,
            accuracy=here.accuracy,
            accuracy_interval=_interval(here),
            reference_accuracy=self._scores.accuracy,
            macro_f1=here.macro_f1,
            reference_macro_f1=self._scores.macro_f1,
            ece=here.ece,
            reference_ece=self._scores.ece,
            classes=here.classes,
            support=tuple(here.confusion.sum(axis=1).tolist()),
            confusion=tuple(tuple(row) for row in here.confusion.tolist()),
            reliability=here.reliability,
        )

    def judge(self, report: PerformanceReport, batch: Sample, policy: ClassicPolicy) -> list[Finding]:
        """Return what the measured scores amount to; a label never seen before is a finding of its own."""
        del batch  # all there is to know is in the confusion matrix
        now, before, interval = report.accuracy, report.reference_accuracy, report.accuracy_interval
        f1, f1_before = report.macro_f1, report.reference_macro_f1
        if now is None or before is None or interval is None or f1 is None or f1_before is None:
            return []
        confusion = np.array(report.confusion)
        verdict = policy.decayed(
            accuracy_lost=before - now,
            f1_lost=f1_before - f1,
            accuracy_is_below=interval.high < before,
            error_p=_error_p(confusion, self._scores.confusion),
            recall_p=_recall_p(confusion, self._scores.confusion),
        )
        change = f"macro F1 {number(f1_before)} → {number(f1)}"
        return [Finding(verdict, f"{_SAYS[verdict]}: {_accuracy_change(report)}, {change}"), *self._new(report)]

    def _new(self, report: PerformanceReport) -> list[Finding]:
        known = self._scores.classes
        new = [name for name, n in zip(report.classes, report.support, strict=True) if n and name not in known]
        return (
            [Finding(Verdict.INFO, f"labels never seen before: {listing([named(name) for name in new])}")]
            if new
            else []
        )


def _interval(scores: ClassScores) -> Interval | None:
    return wilson(int(np.trace(scores.confusion)), scores.n) if scores.n else None


def _accuracy_change(report: PerformanceReport) -> str:
    return f"accuracy {percent(report.reference_accuracy or 0.0)} → {_accuracy(report)}"


def _accuracy(report: PerformanceReport) -> str:
    interval = report.accuracy_interval
    between = f" ({percent(interval.low)} to {percent(interval.high)})" if interval else ""
    return f"{percent(report.accuracy or 0.0)}{between}"


def _error_p(confusion: Codes, reference: Codes) -> float:
    """Chance of so many more errors by luck."""
    n, n_reference = int(confusion.sum()), int(reference.sum())
    errors, before = n - int(np.trace(confusion)), n_reference - int(np.trace(reference))
    return rise_p_value(errors, n, before, n_reference)


def _recall_p(confusion: Codes, reference: Codes) -> float:
    """Chance of so many more misses by luck, in the class where it is least likely; Bonferroni over the classes."""
    known = reference.shape[0]
    support, before = confusion.sum(axis=1)[:known].tolist(), reference.sum(axis=1).tolist()
    missed = [n - int(confusion[place, place]) for place, n in enumerate(support)]
    missed_before = [n - int(reference[place, place]) for place, n in enumerate(before)]
    rows = zip(missed, support, missed_before, before, strict=True)
    p_values = [rise_p_value(*row) for row in rows if row[1] and row[3]]
    return min(1.0, len(p_values) * min(p_values, default=1.0))
