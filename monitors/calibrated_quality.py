"""The calibrated policy on data quality: rates that should not rise, on all look-back windows; facts at once."""

from dataclasses import replace

import numpy as np

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.calibrated import CalibratedPolicy
from driftboard.monitors.finding import Evidence, Finding, Kind
from driftboard.monitors.phrases import luck, over
from driftboard.monitors.quality import facts, measure_quality, quality_message, range_change, unexpected, unseen_levels
from driftboard.monitors.rates import test_rates
from driftboard.monitors.report import QualityReport, QualityResult
from driftboard.monitors.sample import Codes
from driftboard.monitors.tested import Tested, combine, layer
from driftboard.monitors.verdict import Verdict, overall, worst
from driftboard.monitors.windows import Windows
from driftboard.monitors.wobble import Wobble, no_wobble
from driftboard.monitors.wobbles import Wobbles
from driftboard.monitors.wording import listing, named, percent

MISSING_FLOOR = 0.05
NEW_FLOOR = 0.02
DUPLICATE_FLOOR = 0.05
LEAST_ROWS = 20
_UNIQUE = 0.01

_SAYS: dict[str, str] = {
    "missing": "of its values are missing",
    "new": "of its values are of levels that the reference never had",
    "below": "of its values lie below the reference's range",
    "above": "of its values lie above the reference's range",
}
_KINDS: dict[str, Kind] = {
    "missing": "missing_values",
    "new": "new_category",
    "below": "out_of_range",
    "above": "out_of_range",
}


def judge_quality(baseline: Baseline, wobbles: Wobbles, windows: Windows, policy: CalibratedPolicy) -> QualityReport:
    """Return the report of the batch that the windows end with."""
    batch, results = windows.batch, measure_quality(baseline, windows.batch)
    sets = _tests(baseline, wobbles, windows)
    tests = [each for _, each in sets]
    decisions = policy.decide("quality", layer(tests))
    verdicts = iter(decisions.verdict)
    found: dict[str, list[Finding]] = {name: facts(each, batch.n) for name, each in results.items()}
    rows: list[Finding] = []
    for (what, tested), evidence in zip(sets, combine(tests, decisions, windows), strict=True):
        for name, each in zip(tested.names, evidence, strict=True):
            verdict = next(verdicts)
            if each is None or verdict.rank < Verdict.INFO.rank:
                continue
            if what == "duplicates":
                rows.append(_duplicates(verdict, each))
            elif results[name].state == "present":
                found[name].append(_risen(what, results[name], verdict, each, unseen_levels(baseline, batch, name)))
    features = tuple(_judged(each, found[name]) for name, each in results.items())
    findings = [each for name in found for each in found[name]] + rows + unexpected(batch.unexpected)
    findings.sort(key=lambda each: -each.verdict.rank)
    return QualityReport(
        verdict=_verdict(baseline, batch.n, findings),
        message=quality_message(baseline, batch.n, features, findings),
        n=batch.n,
        n_reference=baseline.reference.n,
        features=features,
        unexpected=batch.unexpected,
        duplicate_rate=batch.duplicates / batch.n if batch.n else 0.0,
        reference_duplicate_rate=baseline.reference.duplicates / max(1, baseline.reference.n),
        findings=tuple(findings),
    )


def _tests(baseline: Baseline, wobbles: Wobbles, windows: Windows) -> list[tuple[str, Tested]]:
    """Every kind of rate with its tests. Only a window that has the column at all counts for it."""
    inputs, levels = [each.inputs for each in windows.profiles], [each.levels for each in windows.profiles]
    before, levels_before = baseline.inputs.counts, baseline.levels.counts

    def rates(
        names: tuple[str, ...],
        hits: list[Codes],
        reference: Codes,
        rows: list[Codes],
        all_rows: Codes,
        wobble: Wobble,
        floor: float,
    ) -> Tested:
        floors = np.full(len(names), floor)
        shape = (len(windows.profiles), len(names))
        return test_rates(
            names,
            (np.array(hits, dtype=np.int64).reshape(shape), reference),
            (np.array(rows, dtype=np.int64).reshape(shape), all_rows),
            windows.batches,
            wobble,
            floors,
            least=LEAST_ROWS,
        )

    numeric, categorical = baseline.inputs.names, baseline.levels.names
    steady = no_wobble(len(numeric))
    rows = [each.rows for each in inputs]
    sets = [
        (
            "missing",
            rates(
                numeric,
                [each.missing for each in inputs],
                before.missing,
                rows,
                before.rows,
                wobbles.missing_inputs,
                MISSING_FLOOR,
            ),
        ),
        ("below", rates(numeric, [each.below for each in inputs], before.below, rows, before.rows, steady, NEW_FLOOR)),
        ("above", rates(numeric, [each.above for each in inputs], before.above, rows, before.rows, steady, NEW_FLOOR)),
        (
            "missing",
            rates(
                categorical,
                [each.missing for each in levels],
                levels_before.missing,
                [each.rows for each in levels],
                levels_before.rows,
                wobbles.missing_levels,
                MISSING_FLOOR,
            ),
        ),
        (
            "new",
            rates(
                categorical,
                [baseline.levels.new(each.cells) for each in levels],
                baseline.levels.new(levels_before.cells),
                [each.rows for each in levels],
                levels_before.rows,
                no_wobble(len(categorical)),
                NEW_FLOOR,
            ),
        ),
    ]
    if baseline.reference.duplicates < _UNIQUE * baseline.reference.n:  # elsewhere rows repeat by nature
        whole = np.array([baseline.reference.duplicates]), np.array([baseline.reference.n])
        sets.append(
            (
                "duplicates",
                rates(
                    ("",),
                    [np.array([each.duplicates]) for each in windows.profiles],
                    whole[0],
                    [np.array([each.n]) for each in windows.profiles],
                    whole[1],
                    no_wobble(1),
                    DUPLICATE_FLOOR,
                ),
            )
        )
    return sets


def _risen(what: str, result: QualityResult, verdict: Verdict, evidence: Evidence, unseen: tuple[str, ...]) -> Finding:
    rate = {
        "missing": result.missing_rate,
        "new": result.new_rate,
        "below": result.below_rate,
        "above": result.above_rate,
    }[what]
    before = f", {percent(result.reference_missing_rate)} in the reference" if what == "missing" else ""
    names = f" ({listing([named(each) for each in unseen])})" if what == "new" and unseen else ""
    wide = f" ({range_change(result)})" if what in ("below", "above") and result.lowest is not None else ""
    share = f"{100 * evidence.effect:+.1f} points"
    text = (
        f"{named(result.feature)}: {percent(rate or 0.0)} {_SAYS[what]}{names}{wide}{before}; "
        f"{share}, {luck(evidence.p_value)}, {over(evidence)}"
    )
    return Finding(verdict, text, _KINDS[what], result.feature, evidence)


def _duplicates(verdict: Verdict, evidence: Evidence) -> Finding:
    share = f"{100 * evidence.effect:+.1f} points"
    text = f"rows repeat earlier rows in every feature: {share}, {luck(evidence.p_value)}, {over(evidence)}"
    return Finding(verdict, text, "duplicates", "", evidence)


def _judged(result: QualityResult, found: list[Finding]) -> QualityResult:
    if not found:
        return replace(result, message=f"{named(result.feature)} is as complete as the reference.")
    gravest = max(found, key=lambda each: each.verdict.rank)
    message = "; ".join(each.text for each in sorted(found, key=lambda each: -each.verdict.rank))
    verdict = worst(each.verdict for each in found)
    return replace(result, verdict=verdict, message=f"{message}.", evidence=gravest.evidence)


def _verdict(baseline: Baseline, rows: int, findings: list[Finding]) -> Verdict:
    if min(rows, baseline.reference.n) == 0:
        return Verdict.NO_DATA
    return overall([Verdict.OK, *(each.verdict for each in findings)])
