"""The calibrated policy on the inputs: every feature's shift on all look-back windows."""

from collections.abc import Iterable
from dataclasses import replace

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.calibrated import CalibratedPolicy
from driftboard.monitors.decision import INFO_LEVEL
from driftboard.monitors.finding import Evidence, Finding
from driftboard.monitors.inputs import MOST_FEATURES, measure_inputs, most_notable, widest_change
from driftboard.monitors.phrases import SAYS, said, size
from driftboard.monitors.report import FeatureReport, FeatureResult
from driftboard.monitors.shift import LEAST_VALUES, Floors, test_levels, test_numeric
from driftboard.monitors.summary import report_message, summarise
from driftboard.monitors.tested import Tested, combine, layer
from driftboard.monitors.verdict import Verdict, overall
from driftboard.monitors.windows import Windows
from driftboard.monitors.wobbles import Wobbles
from driftboard.monitors.wording import count, named, number

FLOORS = Floors()


def judge_inputs(baseline: Baseline, wobbles: Wobbles, windows: Windows, policy: CalibratedPolicy) -> FeatureReport:
    """Return the report of the batch that the windows end with."""
    results = measure_inputs(baseline, windows.batch, alpha=INFO_LEVEL)
    tests = _tests(baseline, wobbles, windows)
    decisions = policy.decide("inputs", layer(tests))
    evidence = [each for part in combine(tests, decisions, windows) for each in part]
    names = (*baseline.inputs.names, *baseline.levels.names)
    for name, verdict, found in zip(names, decisions.verdict, evidence, strict=True):
        results[name] = _judged(results[name], verdict, found)
    features = tuple(results.values())
    ordered = ranked(features)
    findings = tuple(_finding(each) for each in ordered[:MOST_FEATURES] if each.verdict is not Verdict.OK)
    return FeatureReport(
        verdict=overall(each.verdict for each in features),
        message=report_message(windows.batch.n, features, summarise(findings, count(len(features), "feature"))),
        n=windows.batch.n,
        n_reference=baseline.reference.n,
        features=most_notable(features, ordered),
        n_features=len(features),
        psi_warning=FLOORS.warning_psi,
        psi_critical=FLOORS.page_psi,
        findings=findings,
    )


def _tests(baseline: Baseline, wobbles: Wobbles, windows: Windows) -> list[Tested]:
    inputs, levels = [each.inputs for each in windows.profiles], [each.levels for each in windows.profiles]
    return [
        test_numeric(baseline.inputs, inputs, windows.batches, wobbles.inputs, FLOORS),
        test_levels(baseline.levels, levels, windows.batches, wobbles.levels, FLOORS),
    ]


def _judged(result: FeatureResult, verdict: Verdict, evidence: Evidence | None) -> FeatureResult:
    if result.message:  # nothing in the batch, or nothing in the reference
        return replace(result, message=f"{result.message}.")
    if evidence is None:
        return replace(result, verdict=Verdict.INSUFFICIENT, message=f"{_too_few(result)}.")
    text = f"{named(result.feature)} {said(SAYS, verdict, evidence)}{_moved(result, verdict)}"
    return replace(result, verdict=verdict, message=f"{text}.", evidence=evidence)


def _too_few(result: FeatureResult) -> str:
    if result.n_reference < LEAST_VALUES:
        return f"{named(result.feature)} has only {count(result.n_reference, 'value')} in the reference"
    values = count(result.n, "value")
    return f"{values} of {named(result.feature)} cannot be judged: {LEAST_VALUES - result.n:,} more needed"


def _moved(result: FeatureResult, verdict: Verdict) -> str:
    if verdict not in (Verdict.CRITICAL, Verdict.WARNING, Verdict.INFO):
        return ""
    if result.mean is None or result.reference_mean is None:
        return f"; in this batch {widest_change(result)}" if result.share else ""
    return f"; mean of this batch {number(result.reference_mean)} → {number(result.mean)}"


def ranked(features: Iterable[FeatureResult]) -> list[FeatureResult]:
    """Return the features, those that ask for most attention first."""

    def beyond(each: FeatureResult) -> float:
        return each.evidence.effect / each.evidence.page_floor if each.evidence else 0.0

    return sorted(features, key=lambda each: (-each.verdict.rank, -beyond(each)))


def _finding(result: FeatureResult) -> Finding:
    return Finding(result.verdict, result.message.removesuffix("."), "feature_drift", result.feature, result.evidence)


def short(finding: Finding) -> str:
    """Return a finding's subject and size: `temp` KS 0.21 (moderate)."""
    return f"{named(finding.subject)} {size(finding.evidence)}" if finding.evidence else named(finding.subject)
