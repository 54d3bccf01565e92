"""The calibrated policy on performance: errors, each class's recall, each segment's errors, on all windows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.calibrated import CalibratedPolicy
from driftboard.monitors.error_growth import test_growth
from driftboard.monitors.finding import Evidence, Finding, conclude
from driftboard.monitors.outcome_numbers import OTHER_LEVELS, measure_outcomes
from driftboard.monitors.outcomes import ClassOutcomes
from driftboard.monitors.performance_report import ESTIMATE_FROM
from driftboard.monitors.phrases import doubt, luck, over, severe, size
from driftboard.monitors.rates import test_rates
from driftboard.monitors.report import ClassResult, Estimate, PerformanceReport, SegmentResult
from driftboard.monitors.tested import Tested, combine, layer
from driftboard.monitors.verdict import Verdict, overall
from driftboard.monitors.windows import Windows
from driftboard.monitors.wobble import Wobble
from driftboard.monitors.wobbles import Wobbles, error_counts, recall_counts, segment_counts
from driftboard.monitors.wording import count, named, number, percent

ERROR_FLOOR = 0.03
RECALL_FLOOR = 0.10
LEAST_OF_A_CLASS = 10
_ESTIMATED_LOSS = 0.05
_GRAVE = Verdict.INFO.rank


def judge_outcomes(
    baseline: Baseline, wobbles: Wobbles, windows: Windows, policy: CalibratedPolicy
) -> PerformanceReport:
    """Return the report of the batch that the windows end with."""
    report = measure_outcomes(baseline, windows, decay_limit=ERROR_FLOOR)
    whole = _errors(baseline, wobbles, windows, policy)
    parts = [
        _recalls(baseline, wobbles.recalls, windows, policy),
        _segments(baseline, wobbles.segments, windows, policy),
    ]
    decisions, of_parts = policy.decide("performance", whole.trials), policy.decide("parts", layer(parts))
    error = whole.evidence(decisions, windows)[0]
    recalls, segments = combine(parts, of_parts, windows)
    recall_verdicts, segment_verdicts = of_parts.verdict[: len(recalls)], of_parts.verdict[len(recalls) :]
    by_class = _classes(report.by_class, recall_verdicts, recalls)
    found = _segment_results(report.segments, parts[1].names, segment_verdicts, segments)
    findings = [
        *_overall_finding(report, decisions.verdict[0], error),
        *(_class_finding(each) for each in by_class if each.evidence and each.verdict.rank >= _GRAVE),
        *_segment_findings(parts[1].names, segment_verdicts, segments),
        *_estimated(report.estimates),
    ]
    verdict, message = _concluded(report, findings, policy)
    return replace(
        report,
        verdict=verdict,
        message=message,
        error=error,
        by_class=by_class,
        segments=found,
        findings=tuple(sorted(findings, key=lambda each: -each.verdict.rank)),
    )


def _errors(baseline: Baseline, wobbles: Wobbles, windows: Windows, policy: CalibratedPolicy) -> Tested:
    if baseline.task == "regression":
        return test_growth(baseline, wobbles, windows, least=policy.min_labels)
    errors, labels = error_counts(windows.profiles)
    before, all_labels = error_counts([baseline.reference])
    floor = np.array([ERROR_FLOOR])
    rows = (labels, all_labels[0])
    return test_rates(
        ("errors",), (errors, before[0]), rows, windows.batches, wobbles.errors, floor, least=policy.min_labels
    )


def _recalls(baseline: Baseline, wobble: Wobble, windows: Windows, policy: CalibratedPolicy) -> Tested:
    classes = len(baseline.classes)
    misses, labels = recall_counts(windows.profiles, classes)
    before, all_labels = recall_counts([baseline.reference], classes)
    tests = test_rates(
        baseline.classes,
        (misses, before[0]),
        (labels, all_labels[0]),
        windows.batches,
        wobble,
        np.full(classes, RECALL_FLOOR),
        least=LEAST_OF_A_CLASS,
    )
    enough = np.array([[each.outcomes.n >= policy.min_labels] for each in windows.profiles])
    return replace(tests, tested=tests.tested & enough)


def _segments(baseline: Baseline, wobble: Wobble, windows: Windows, policy: CalibratedPolicy) -> Tested:
    """Every level of every segment; for regression they are shown, and not tested."""
    names = tuple(
        f"{segment} = {level}" for segment, levels in baseline.segments.items() for level in (*levels, OTHER_LEVELS)
    )
    if not isinstance(baseline.reference.outcomes, ClassOutcomes):
        names = ()

    errors, labels = segment_counts(windows.profiles)
    before, all_labels = segment_counts([baseline.reference])
    floor = np.full(len(names), ERROR_FLOOR)
    rows = (labels, all_labels[0])
    return test_rates(names, (errors, before[0]), rows, windows.batches, wobble, floor, least=policy.min_labels)


def _classes(
    classes: tuple[ClassResult, ...], verdicts: Sequence[Verdict], evidence: Sequence[Evidence | None]
) -> tuple[ClassResult, ...]:
    judged = [
        each if found is None else replace(each, verdict=verdict, evidence=found)
        for each, verdict, found in zip(classes, verdicts, evidence, strict=False)
    ]
    return (*judged, *classes[len(judged) :])


def _segment_results(
    segments: tuple[SegmentResult, ...],
    names: tuple[str, ...],
    verdicts: Sequence[Verdict],
    evidence: Sequence[Evidence | None],
) -> tuple[SegmentResult, ...]:
    """The levels with labels, those that say most first."""
    known = {name: (verdict, found) for name, verdict, found in zip(names, verdicts, evidence, strict=True)}
    judged = []
    for each in segments:
        verdict, found = known.get(f"{each.segment} = {each.level}", (Verdict.OK, None))
        text = f"{named(each.segment)} = {named(each.level)}: {_level(each)} in {count(each.n, 'label')}"
        judged.append(replace(each, verdict=verdict, message=f"{text}.", evidence=found))
    return tuple(sorted(judged, key=lambda each: (-each.verdict.rank, -each.n)))


def _level(result: SegmentResult) -> str:
    if result.value is None:
        return "cannot be measured"
    if result.evidence is None and result.reference_value is None:
        return number(result.value)
    before = "" if result.reference_value is None else f", {number(result.reference_value)} in the reference"
    return f"{number(result.value)}{before}"


def _overall_finding(report: PerformanceReport, verdict: Verdict, evidence: Evidence | None) -> list[Finding]:
    if evidence is None:
        return []
    if verdict is Verdict.OK:
        return [Finding(verdict, f"performance is steady: {_figures(report)}", "performance_decay", "", evidence)]
    worse = "errors" if evidence.measure == "points" else "mean absolute error"
    if verdict is Verdict.INSUFFICIENT:
        text = f"performance may have decayed: {worse} {doubt(evidence, noun='label')}"
    else:
        change = f"{worse} {size(evidence)}"
        small = "performance is slightly lower" if evidence.passes else "performance may have decayed"
        says = "performance decayed" if verdict.rank > _GRAVE else small
        text = (
            f"{says}: {change}, {luck(evidence.p_value)}, {over(evidence, noun='label')}; this batch {_figures(report)}"
        )
    return [Finding(verdict, text, "performance_decay", "", evidence)]


def _figures(report: PerformanceReport) -> str:
    if report.accuracy is not None and report.accuracy_interval is not None:
        interval = f"{percent(report.accuracy_interval.low)} to {percent(report.accuracy_interval.high)}"
        before = f", {percent(report.reference_accuracy)} in the reference" if report.reference_accuracy else ""
        return f"accuracy {percent(report.accuracy)} ({interval}){before}"
    if report.mae is not None:
        before = f", {number(report.reference_mae)} in the reference" if report.reference_mae is not None else ""
        return f"MAE {number(report.mae)}{before}"
    return "has no labels yet"


def _class_finding(result: ClassResult) -> Finding:
    evidence = result.evidence
    if evidence is None:
        return Finding(result.verdict, named(result.label), "recall_decay", result.label)
    lost = f"{-100 * evidence.effect:+.1f} points{severe(evidence)}"
    text = f"class {named(result.label)} is found less often: recall {lost}"
    proved = f"{luck(evidence.p_value)}, {over(evidence, noun='label')}"
    return Finding(result.verdict, f"{text}, {proved}", "recall_decay", result.label, evidence)


def _segment_findings(
    names: tuple[str, ...], verdicts: Sequence[Verdict], evidence: Sequence[Evidence | None]
) -> list[Finding]:
    findings = []
    for name, verdict, found in zip(names, verdicts, evidence, strict=True):
        if found is not None and verdict.rank >= _GRAVE:
            text = f"errors in {named(name)} {size(found)}, {luck(found.p_value)}, {over(found, noun='label')}"
            findings.append(
                Finding(verdict, f"{text}, one of {len(names):,} segments looked at", "segment_decay", name, found)
            )
    return findings


def _estimated(estimates: tuple[Estimate, ...]) -> list[Finding]:
    """The estimate is blind to concept drift and never pages alone: it warns at five points lost over 1,000 rows."""
    for each in estimates:
        if each.name == "accuracy" and each.n >= ESTIMATE_FROM and each.reference - each.value >= _ESTIMATED_LOSS:
            change = f"estimated accuracy {percent(each.reference)} → {percent(each.value)}"
            text = f"{change}, without labels, from {count(each.n, 'prediction')}"
            return [Finding(Verdict.WARNING, text, "estimated_decay")]
    return []


def _concluded(report: PerformanceReport, findings: list[Finding], policy: CalibratedPolicy) -> tuple[Verdict, str]:
    labelled = f"{report.n_labelled:,} of {count(report.n, 'prediction')} labelled"
    if findings:
        told = [*findings, Finding(Verdict.OK, labelled)]
        return overall(each.verdict for each in findings), conclude(told)[1]
    if report.n == 0:
        return Verdict.NO_DATA, "The batch has no predictions."
    if report.n_labelled == 0:
        return Verdict.NO_DATA, "No labels have arrived."
    if report.n_labelled < policy.min_labels:
        missing = policy.min_labels - report.n_labelled
        return Verdict.INSUFFICIENT, f"{count(report.n_labelled, 'label')} cannot be judged: {missing:,} more needed."
    return Verdict.NO_DATA, f"The reference has too few labels to compare with; here {_figures(report)}, {labelled}."
