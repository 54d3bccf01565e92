"""The classic policy on performance: accuracy, macro F1 or MAE of each batch by itself."""

from dataclasses import replace

import numpy as np

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.finding import Finding, conclude, too_few
from driftboard.monitors.fisher import rise_p_value
from driftboard.monitors.outcome_numbers import measure_outcomes
from driftboard.monitors.outcomes import ClassOutcomes, ValueOutcomes
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.regression import growth_z
from driftboard.monitors.report import PerformanceReport
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.windows import Windows
from driftboard.monitors.wording import count, number, percent

_SAYS = {
    Verdict.CRITICAL: "performance decayed",
    Verdict.WARNING: "performance may have decayed (macro F1 and a class's recall fell)",
    Verdict.INFO: "performance is lower, but these labels may show that by luck",
    Verdict.OK: "performance is steady",
}


def classic_outcomes(baseline: Baseline, windows: Windows, policy: ClassicPolicy) -> PerformanceReport:
    """Return the report of the batch that the windows end with."""
    report = measure_outcomes(baseline, windows, decay_limit=policy.decay)
    before = baseline.reference.outcomes
    coverage = Finding(Verdict.OK, f"{report.n_labelled:,} of {count(report.n, 'prediction')} labelled")
    reason = _absence(report, before.n, policy)
    findings = [reason] if reason else _decay(report, windows.batch.outcomes, before, policy)
    verdict, message = conclude([*findings, coverage])
    return replace(report, verdict=verdict, message=message, findings=tuple(findings))


def _absence(report: PerformanceReport, reference_labels: int, policy: ClassicPolicy) -> Finding | None:
    if report.n == 0:
        return Finding(Verdict.NO_DATA, "the batch has no predictions")
    if report.n_labelled == 0:
        return Finding(Verdict.NO_DATA, "no labels have arrived")
    if report.n_labelled < policy.min_labels:
        return too_few(report.n_labelled, policy.min_labels, noun="label")
    if reference_labels == 0:
        return Finding(Verdict.NO_DATA, f"the reference has no labels to compare with, here {_own_score(report)}")
    return (
        too_few(reference_labels, policy.min_labels, noun="reference label")
        if reference_labels < policy.min_labels
        else None
    )


def _own_score(report: PerformanceReport) -> str:
    if report.accuracy is not None:
        return f"accuracy is {percent(report.accuracy)}"
    return f"MAE is {number(report.mae)}" if report.mae is not None else "the errors are too large to be computed"


def _decay(
    report: PerformanceReport,
    outcomes: ClassOutcomes | ValueOutcomes,
    before: ClassOutcomes | ValueOutcomes,
    policy: ClassicPolicy,
) -> list[Finding]:
    if isinstance(outcomes, ClassOutcomes) and isinstance(before, ClassOutcomes):
        return _class_decay(report, outcomes, before, policy)
    if isinstance(outcomes, ValueOutcomes) and isinstance(before, ValueOutcomes):
        return _value_decay(report, outcomes, before, policy)
    return []


def _class_decay(
    report: PerformanceReport, outcomes: ClassOutcomes, before: ClassOutcomes, policy: ClassicPolicy
) -> list[Finding]:
    now, usual, interval = report.accuracy, report.reference_accuracy, report.accuracy_interval
    f1, usual_f1 = report.macro_f1, report.reference_macro_f1
    if now is None or usual is None or interval is None or f1 is None or usual_f1 is None:
        return []
    verdict = policy.decayed(
        accuracy_lost=usual - now,
        f1_lost=usual_f1 - f1,
        accuracy_is_below=interval.high < usual,
        error_p=rise_p_value(outcomes.n - outcomes.hits, outcomes.n, before.n - before.hits, before.n),
        recall_p=_recall_p(outcomes, before),
    )
    accuracy = f"accuracy {percent(usual)} → {percent(now)} ({percent(interval.low)} to {percent(interval.high)})"
    text = f"{_SAYS[verdict]}: {accuracy}, macro F1 {number(usual_f1)} → {number(f1)}"
    return [Finding(verdict, text, "performance_decay")]


def _recall_p(outcomes: ClassOutcomes, before: ClassOutcomes) -> float:
    """Chance of so many more misses by luck, in the class where it is least likely; Bonferroni over the classes."""
    labels, usual = outcomes.confusion[:-1].sum(axis=1), before.confusion[:-1].sum(axis=1)
    missed = labels - np.diag(outcomes.confusion)[:-1]
    usual_missed = usual - np.diag(before.confusion)[:-1]
    rows = zip(missed.tolist(), labels.tolist(), usual_missed.tolist(), usual.tolist(), strict=True)
    p_values = [rise_p_value(*row) for row in rows if row[1] and row[3]]
    return min(1.0, len(p_values) * min(p_values, default=1.0))


def _value_decay(
    report: PerformanceReport, outcomes: ValueOutcomes, before: ValueOutcomes, policy: ClassicPolicy
) -> list[Finding]:
    if report.mae is None or report.reference_mae is None:
        return [Finding(Verdict.INVALID, "the errors are too large to be computed", "performance_decay")]
    verdict = policy.error_grew(report.mae, report.reference_mae, growth_z(outcomes, before))
    says = (
        _SAYS[verdict] if verdict is not Verdict.INFO else "the error is larger, but these labels may show that by luck"
    )
    change = f"MAE {number(report.reference_mae)} → {number(report.mae)}"
    return [Finding(verdict, f"{says}: {change}", "performance_decay")]
