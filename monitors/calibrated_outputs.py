"""The calibrated policy on the outputs: class mix, confidence or predicted value, failures, on all windows."""

from dataclasses import replace

import numpy as np

from driftboard.monitors.baseline import CONFIDENCE, VALUE, Baseline
from driftboard.monitors.calibrated import CalibratedPolicy
from driftboard.monitors.decision import INFO_LEVEL
from driftboard.monitors.finding import Evidence, Finding, Kind, conclude
from driftboard.monitors.numeric import NumericColumns
from driftboard.monitors.outputs import measure_outputs, mix_change, new_classes, nothing_predicted
from driftboard.monitors.phrases import SAYS, luck, over, said
from driftboard.monitors.rates import test_rates
from driftboard.monitors.report import PredictionReport
from driftboard.monitors.shift import Floors, test_levels, test_numeric
from driftboard.monitors.tested import Tested, combine, layer
from driftboard.monitors.verdict import Verdict, overall
from driftboard.monitors.windows import Windows
from driftboard.monitors.wobble import no_wobble
from driftboard.monitors.wobbles import Wobbles
from driftboard.monitors.wording import number, percent

FLOORS = Floors(warning_psi=0.10, warning_gap=0.10, page_psi=0.10, page_gap=0.10)
FAILED_FLOOR = 0.05
_LEAST_ROWS = 20
_MIX, _FAILED = "class", "failed"
_KINDS: dict[str, Kind] = {
    _MIX: "label_shift",
    VALUE: "label_shift",
    CONFIDENCE: "confidence_shift",
    _FAILED: "failed_requests",
}
_SUBJECTS = {_MIX: "the class mix", VALUE: "the predicted value", CONFIDENCE: "the confidence"}


def judge_outputs(baseline: Baseline, wobbles: Wobbles, windows: Windows, policy: CalibratedPolicy) -> PredictionReport:
    """Return the report of the batch that the windows end with."""
    report = measure_outputs(baseline, windows.batch, alpha=INFO_LEVEL)
    tests = _tests(baseline, wobbles, windows)
    decisions = policy.decide("outputs", layer(tests))
    evidence = [each for part in combine(tests, decisions, windows) for each in part]
    names = [name for part in tests for name in part.names]
    found = {name: (verdict, each) for name, verdict, each in zip(names, decisions.verdict, evidence, strict=True)}
    findings = [
        _finding(report, name, verdict, each)
        for name, (verdict, each) in found.items()
        if each is not None and _worth(name, verdict)
    ]
    findings += new_classes(baseline, windows.batch, lambda _: Verdict.INFO)
    verdict, message = _concluded(report, windows.batch.n, findings)
    return replace(
        report,
        verdict=verdict,
        message=message,
        mix=found[_MIX][1] if _MIX in found else None,
        confidence=found[CONFIDENCE][1] if CONFIDENCE in found else None,
        value=found[VALUE][1] if VALUE in found else None,
        findings=tuple(sorted(findings, key=lambda each: -each.verdict.rank)),
    )


def _tests(baseline: Baseline, wobbles: Wobbles, windows: Windows) -> list[Tested]:
    outputs, classes = [each.outputs for each in windows.profiles], [each.predicted for each in windows.profiles]
    numeric = test_numeric(baseline.outputs, outputs, windows.batches, wobbles.outputs, FLOORS)
    mix = test_levels(baseline.predicted, classes, windows.batches, wobbles.predicted, FLOORS)
    failed = test_rates(
        (_FAILED,),
        (np.array([[each.failed] for each in windows.profiles]), np.array([baseline.reference.failed])),
        (np.array([[each.n] for each in windows.profiles]), np.array([baseline.reference.n])),
        windows.batches,
        no_wobble(1),
        np.array([FAILED_FLOOR]),
        least=_LEAST_ROWS,
    )
    return [_without_errors(numeric, baseline.outputs), mix, failed]


def _without_errors(tests: Tested, columns: NumericColumns) -> Tested:
    """The outputs without the absolute error, which belongs to the performance layer."""
    kept = [place for place, name in enumerate(columns.names) if name in (CONFIDENCE, VALUE)]
    return tests.only(kept)


def _worth(name: str, verdict: Verdict) -> bool:
    return name != _FAILED or verdict.rank >= Verdict.INFO.rank


def _finding(report: PredictionReport, name: str, verdict: Verdict, evidence: Evidence) -> Finding:
    if name == _FAILED:
        rows = report.n + report.failed
        share = percent(report.failed / max(1, rows))
        text = f"{share} of the requests failed, {luck(evidence.p_value)}, {over(evidence)}"
        return Finding(verdict, text, _KINDS[name], "", evidence)
    text = f"{_SUBJECTS[name]} {said(SAYS, verdict, evidence, noun='prediction')}"
    if verdict.rank >= Verdict.INFO.rank:
        text += _moved(report, name)
    return Finding(verdict, text, _KINDS[name], "", evidence)


def _moved(report: PredictionReport, name: str) -> str:
    if name == _MIX:
        return f"; in this batch {changed}" if (changed := mix_change(report)) else ""
    now, before = (
        (report.mean_confidence, report.reference_mean_confidence)
        if name == CONFIDENCE
        else (report.mean_predicted, report.reference_mean_predicted)
    )
    return "" if now is None or before is None else f"; mean of this batch {number(before)} → {number(now)}"


def _concluded(report: PredictionReport, rows: int, findings: list[Finding]) -> tuple[Verdict, str]:
    if reason := nothing_predicted(report, rows):
        verdict = Verdict.INVALID if rows and report.n_reference else Verdict.NO_DATA
        return verdict, conclude([Finding(verdict, reason)])[1]
    if not findings:
        return (
            Verdict.INSUFFICIENT,
            f"{report.n:,} predictions cannot be judged: {_LEAST_ROWS - report.n:,} more needed.",
        )
    return overall([each.verdict for each in findings]), conclude(findings)[1]
