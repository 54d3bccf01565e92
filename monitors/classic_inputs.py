"""The classic policy on the inputs: fixed thresholds on each batch by itself."""

from dataclasses import replace

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.finding import Finding, Kind
from driftboard.monitors.inputs import MOST_FEATURES, measure_inputs, most_notable, widest_change
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.profile import Profile
from driftboard.monitors.report import FeatureReport, FeatureResult
from driftboard.monitors.summary import report_message, summarise
from driftboard.monitors.verdict import Verdict, overall
from driftboard.monitors.wording import chance, count, named, number

_SAYS = {
    Verdict.CRITICAL: "moved",
    Verdict.WARNING: "may have moved",
    Verdict.INFO: "moved a little (the test alone says so)",
    Verdict.OK: "is steady",
}


def classic_inputs(baseline: Baseline, batch: Profile, policy: ClassicPolicy) -> FeatureReport:
    """Return the report of one batch."""
    results = measure_inputs(baseline, batch, alpha=policy.ks_alpha)
    features = tuple(_judged(each, policy) for each in results.values())
    ordered = sorted(features, key=lambda each: (-each.verdict.rank, -(each.psi or 0.0)))
    findings = tuple(_finding(each, policy) for each in ordered[:MOST_FEATURES] if each.verdict is not Verdict.OK)
    return FeatureReport(
        verdict=overall(each.verdict for each in features),
        message=report_message(batch.n, features, summarise(findings, count(len(features), "feature"), _SAYS)),
        n=batch.n,
        n_reference=baseline.reference.n,
        features=most_notable(features, ordered),
        n_features=len(features),
        psi_warning=policy.psi_warning,
        psi_critical=policy.psi_critical,
        findings=findings,
    )


def _judged(result: FeatureResult, policy: ClassicPolicy) -> FeatureResult:
    test = result.ks or result.chi_square
    if result.message or result.psi is None or test is None:
        return replace(result, message=f"{result.message}.")
    for n, noun in ((result.n, "value"), (result.n_reference, "reference value")):
        if n < policy.min_rows:
            text = f"{count(n, noun)} of {named(result.feature)} cannot be judged: {policy.min_rows - n:,} more needed."
            return replace(result, verdict=Verdict.INSUFFICIENT, message=text)
    verdict = policy.shift(result.psi, test)
    name = f"KS {test.statistic:.2f}" if result.ks else "chi-square"
    numbers = f"{psi_text(result)}, {name}, {chance(test.p_value)}{_moved(result)}"
    return replace(result, verdict=verdict, message=f"{named(result.feature)} {_SAYS[verdict]}: {numbers}.")


def psi_text(result: FeatureResult) -> str:
    """Return a feature's PSI beside what luck alone would give; empty without one."""
    if result.psi is None or result.psi_noise is None:
        return ""
    return f"PSI {result.psi:.2f} ({result.psi_noise:.2f} expected from {count(result.n, 'row')} by luck)"


def _moved(result: FeatureResult) -> str:
    if result.mean is None or result.reference_mean is None:
        return f", {widest_change(result)}" if result.kind == "categorical" else ""
    return f", mean {number(result.reference_mean)} → {number(result.mean)}"


def _finding(result: FeatureResult, policy: ClassicPolicy) -> Finding:
    """A shift that no test confirms is told to nobody: it is the noise that fixed thresholds are known for."""
    alone = result.verdict is Verdict.WARNING and (result.psi or 0.0) >= policy.psi_warning
    kind: Kind = "feature_drift_unconfirmed" if alone else "feature_drift"
    return Finding(result.verdict, result.message.removesuffix("."), kind, result.feature)
