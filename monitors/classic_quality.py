"""The classic policy on data quality: a rise of so many points that is no luck is a warning; facts at once."""

from dataclasses import replace

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.finding import Finding
from driftboard.monitors.fisher import rise_p_value
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.profile import Profile
from driftboard.monitors.quality import facts, measure_quality, quality_report, unexpected, unseen_levels
from driftboard.monitors.report import QualityReport, QualityResult
from driftboard.monitors.verdict import Verdict, worst
from driftboard.monitors.wording import listing, named, percent


def classic_quality(baseline: Baseline, batch: Profile, policy: ClassicPolicy) -> QualityReport:
    """Return the report of one batch."""
    found = {
        name: [*facts(each, batch.n), *_risen(baseline, batch, each, policy)]
        for name, each in measure_quality(baseline, batch).items()
    }
    features = tuple(_judged(each, found[name]) for name, each in measure_quality(baseline, batch).items())
    findings = [each for name in found for each in found[name]] + unexpected(batch.unexpected)
    return quality_report(baseline, batch, features, findings)


def _risen(baseline: Baseline, batch: Profile, result: QualityResult, policy: ClassicPolicy) -> list[Finding]:
    if result.state != "present" or result.n < policy.min_rows:
        return []
    name, n, before = named(result.feature), result.n, baseline.reference.n
    missing, usual = result.missing_rate, result.reference_missing_rate
    found = []
    if missing - usual >= policy.missing_points:
        p_value = rise_p_value(round(missing * n), n, round(usual * before), before)
        verdict = policy.rise(missing, usual, p_value)
        if verdict is not Verdict.OK:
            text = f"{percent(missing)} of the values of {name} are missing, {percent(usual)} in the reference"
            found.append(Finding(verdict, text, "missing_values", result.feature))
    if result.new_rate:
        p_value = rise_p_value(round(result.new_rate * n), n, 0, before)
        verdict = worst([Verdict.INFO, policy.rise(result.new_rate, 0.0, p_value)])
        levels = listing([named(each) for each in unseen_levels(baseline, batch, result.feature)])
        text = f"{percent(result.new_rate)} of {name} are levels that the reference never had ({levels})"
        found.append(Finding(verdict, text, "new_category", result.feature))
    return found


def _judged(result: QualityResult, found: list[Finding]) -> QualityResult:
    message = "; ".join(each.text for each in found) or f"{named(result.feature)} is as complete as the reference"
    return replace(result, verdict=worst([Verdict.OK, *(each.verdict for each in found)]), message=f"{message}.")
