"""The classic policy on the outputs: class mix, confidence or predicted value of each batch by itself."""

from dataclasses import replace

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.finding import Finding, conclude, too_few
from driftboard.monitors.fisher import rise_p_value
from driftboard.monitors.outputs import measure_outputs, mix_change, new_classes, nothing_predicted, predicted_values
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.profile import Profile
from driftboard.monitors.report import PredictionReport
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.wording import chance, number, percent


def classic_outputs(baseline: Baseline, batch: Profile, policy: ClassicPolicy) -> PredictionReport:
    """Return the report of one batch."""
    report = measure_outputs(baseline, batch, alpha=policy.ks_alpha)
    if reason := nothing_predicted(report, batch.n):
        verdict = Verdict.INVALID if batch.n and report.n_reference else Verdict.NO_DATA
        return _concluded(report, [Finding(verdict, reason, "schema")])
    for n, noun in ((report.n, "prediction"), (report.n_reference, "reference prediction")):
        if n < policy.min_rows:
            return _concluded(report, [too_few(n, policy.min_rows, noun=noun)])
    return _concluded(
        report,
        [
            *_mix(report, policy),
            *new_classes(baseline, batch, policy.new_class),
            *_value(baseline, batch, policy),
            *_confidence(report, policy),
            *_failed(baseline, batch, policy),
        ],
    )


def _mix(report: PredictionReport, policy: ClassicPolicy) -> list[Finding]:
    if report.chi_square is None:
        return []
    verdict, p_value = policy.class_mix(report.chi_square), report.chi_square.p_value
    if verdict is Verdict.OK:
        return [Finding(verdict, f"the class mix is steady, {chance(p_value)}", "label_shift")]
    text = f"label shift: class mix differs from the reference, {chance(p_value)}, {mix_change(report)}"
    return [Finding(verdict, text, "label_shift")]


def _value(baseline: Baseline, batch: Profile, policy: ClassicPolicy) -> list[Finding]:
    """Outputs that moved are a warning, however far: only inputs that moved and measured decay page."""
    result = predicted_values(baseline, batch, alpha=policy.ks_alpha)
    if result is None or result.psi is None or result.ks is None:
        return []
    verdict = policy.shift(result.psi, result.ks)
    verdict = Verdict.WARNING if verdict is Verdict.CRITICAL else verdict
    says = "is steady" if verdict is Verdict.OK else "moved"
    means = f"mean {number(result.reference_mean or 0.0)} → {number(result.mean or 0.0)}"
    numbers = f"PSI {result.psi:.2f}, KS {result.ks.statistic:.2f}, {chance(result.ks.p_value)}, {means}"
    return [Finding(verdict, f"the predicted value {says}: {numbers}", "label_shift")]


def _confidence(report: PredictionReport, policy: ClassicPolicy) -> list[Finding]:
    test, mean, before = report.confidence_ks, report.mean_confidence, report.reference_mean_confidence
    if test is None or mean is None or before is None:
        return []
    verdict = policy.confidence(test, mean - before)
    if verdict is Verdict.OK:
        return []
    says = f"confidence shifted: mean {number(before)} → {number(mean)}"
    text = f"{says}, KS {test.statistic:.2f}, {chance(test.p_value)}"
    return [Finding(verdict, text, "confidence_shift")]


def _failed(baseline: Baseline, batch: Profile, policy: ClassicPolicy) -> list[Finding]:
    whole = baseline.reference
    share, usual = batch.failed / batch.n, whole.failed / max(1, whole.n)
    if share - usual < policy.missing_points:
        return []
    verdict = policy.rise(share, usual, rise_p_value(batch.failed, batch.n, whole.failed, whole.n))
    if verdict is Verdict.OK:
        return []
    return [
        Finding(
            verdict, f"{percent(share)} of the requests failed, {percent(usual)} in the reference", "failed_requests"
        )
    ]


def _concluded(report: PredictionReport, findings: list[Finding]) -> PredictionReport:
    verdict, message = conclude(findings)
    ordered = tuple(sorted(findings, key=lambda each: -each.verdict.rank))
    return replace(report, verdict=verdict, message=message, findings=ordered)
