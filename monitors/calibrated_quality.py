"""The calibrated policy on data quality: rates that should not rise, on all look-back windows; facts at once."""

from dataclasses import replace

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.calibrated import CalibratedPolicy
from driftboard.monitors.finding import Evidence, Finding, Kind
from driftboard.monitors.phrases import luck, over, size
from driftboard.monitors.quality import facts, measure_quality, quality_report, range_change, unexpected, unseen_levels
from driftboard.monitors.quality_rates import test_quality
from driftboard.monitors.report import QualityReport, QualityResult
from driftboard.monitors.tested import combine, layer
from driftboard.monitors.verdict import Verdict, worst
from driftboard.monitors.windows import Windows
from driftboard.monitors.wobbles import Wobbles
from driftboard.monitors.wording import listing, named

_SAYS: dict[str, str] = {
    "missing": "are missing",
    "new": "are of levels that the reference never had",
    "below": "lie below the reference's range",
    "above": "lie above the reference's range",
    "duplicates": "repeat an earlier row in every feature",
}
_KINDS: dict[str, Kind] = {
    "missing": "missing_values",
    "new": "new_category",
    "below": "out_of_range",
    "above": "out_of_range",
    "duplicates": "duplicates",
}


def judge_quality(baseline: Baseline, wobbles: Wobbles, windows: Windows, policy: CalibratedPolicy) -> QualityReport:
    """Return the report of the batch that the windows end with."""
    batch, results = windows.batch, measure_quality(baseline, windows.batch, often_constant=wobbles.constant)
    risen = _risen_rates(baseline, wobbles, windows, policy, results)
    found = {
        name: [*facts(each, batch.n), *(risen.get(name, []) if each.state == "present" else [])]
        for name, each in results.items()
    }
    features = tuple(_judged(each, found[name]) for name, each in results.items())
    findings = [*(each for name in found for each in found[name]), *risen.get("", []), *unexpected(batch.unexpected)]
    return quality_report(baseline, batch, features, findings)


def _risen_rates(
    baseline: Baseline,
    wobbles: Wobbles,
    windows: Windows,
    policy: CalibratedPolicy,
    results: dict[str, QualityResult],
) -> dict[str, list[Finding]]:
    """The rates that rose, by feature; of the rows as a whole under the empty name."""
    sets = test_quality(baseline, wobbles, windows)
    tests = [each for _, each in sets]
    decisions = policy.decide("quality", layer(tests))
    verdicts = iter(decisions.verdict)
    found: dict[str, list[Finding]] = {}
    for (what, tested), evidence in zip(sets, combine(tests, decisions, windows), strict=True):
        for name, each in zip(tested.names, evidence, strict=True):
            verdict = next(verdicts)
            if each is not None and verdict.rank >= Verdict.INFO.rank:
                detail = _detail(what, baseline, windows, results.get(name))
                found.setdefault(name, []).append(_risen(what, name, verdict, each, detail))
    return found


def _risen(what: str, name: str, verdict: Verdict, evidence: Evidence, detail: str) -> Finding:
    proved = f"{size(evidence)}, {luck(evidence.p_value)}, {over(evidence)}"
    subject = f"the values of {named(name)}" if name else "the rows"
    return Finding(verdict, f"more of {subject} {_SAYS[what]}{detail}: {proved}", _KINDS[what], name, evidence)


def _detail(what: str, baseline: Baseline, windows: Windows, result: QualityResult | None) -> str:
    """A few of the new levels; the range of this batch."""
    if result is None:
        return ""
    if what == "new":
        levels = unseen_levels(baseline, windows.batch, result.feature)
        return f" ({listing([named(each) for each in levels])})" if levels else ""
    return f" ({range_change(result)})" if what in ("below", "above") and result.lowest is not None else ""


def _judged(result: QualityResult, found: list[Finding]) -> QualityResult:
    if not found:
        return replace(result, message=f"{named(result.feature)} is as complete as the reference.")
    gravest = max(found, key=lambda each: each.verdict.rank)
    message = "; ".join(each.text for each in sorted(found, key=lambda each: -each.verdict.rank))
    verdict = worst(each.verdict for each in found)
    return replace(result, verdict=verdict, message=f"{message}.", evidence=gravest.evidence)
