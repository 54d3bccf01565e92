"""The mix of predicted classes against its frozen reference: label shift."""

from dataclasses import replace

import numpy as np

from driftboard.monitors.chi_square import chi_square
from driftboard.monitors.classes import class_list, recode
from driftboard.monitors.finding import Finding
from driftboard.monitors.fisher import rise_p_value
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.report import PredictionReport, Verdict
from driftboard.monitors.sample import Codes, Sample
from driftboard.monitors.wilson import wilson
from driftboard.monitors.wording import chance, listing, named, percent


class ClassMix:
    """How many predictions of each class the reference has. A batch's classes are matched by name."""

    def __init__(self, reference: Sample) -> None:
        self._classes = class_list(reference.classes, reference.classes, reference.predicted)
        self._counts = _count(reference, self._classes)

    def measure(self, report: PredictionReport, batch: Sample, policy: ClassicPolicy) -> PredictionReport:
        """Return the report with the batch's class counts; a class the reference never had comes after its own."""
        classes = class_list(self._classes, batch.classes, batch.predicted)
        counts = _count(batch, classes)
        before = np.append(self._counts, np.zeros(counts.size - self._counts.size, dtype=np.int64))
        n = int(counts.sum())
        return replace(
            report,
            classes=classes,
            counts=tuple(counts.tolist()),
            reference_counts=tuple(before.tolist()),
            share_interval=tuple(wilson(each, n) for each in counts.tolist()),
            chi_square=chi_square(before, counts, alpha=policy.chi_square_alpha) if n and before.any() else None,
        )

    def judge(self, report: PredictionReport, policy: ClassicPolicy) -> list[Finding]:
        """Return what the measured mix amounts to."""
        if report.chi_square is None:
            return []
        verdict, p_value = policy.class_mix(report.chi_square), report.chi_square.p_value
        if verdict is Verdict.OK:
            mix = Finding(verdict, f"the class mix is steady, {chance(p_value)}")
        else:
            says = f"label shift: class mix differs from the reference, {chance(p_value)}"
            mix = Finding(verdict, f"{says}, {_widest_change(report)}")
        return [mix, *_new_classes(report, policy)]


def _count(sample: Sample, classes: tuple[str, ...]) -> Codes:
    codes = recode(sample.predicted, sample.classes, classes)
    return np.bincount(codes[codes >= 0], minlength=len(classes))


def _widest_change(report: PredictionReport) -> str:
    shares = np.array(report.counts) / max(1, sum(report.counts))
    before = np.array(report.reference_counts) / max(1, sum(report.reference_counts))
    widest = int(np.argmax(np.abs(shares - before)))
    return f"{named(report.classes[widest])} {percent(before[widest])} → {percent(shares[widest])}"


def _new_classes(report: PredictionReport, policy: ClassicPolicy) -> list[Finding]:
    rows = zip(report.classes, report.counts, report.reference_counts, strict=True)
    new = {name: count for name, count, before in rows if count and not before}
    if not new:
        return []
    hits = sum(new.values())
    p_value = rise_p_value(hits, sum(report.counts), 0, sum(report.reference_counts))
    names = listing([named(name) for name in new])
    share = percent(hits / sum(report.counts))
    return [Finding(policy.new_class(p_value), f"{share} of the predictions are of a class never seen before: {names}")]
