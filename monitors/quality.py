"""Data quality of one batch as numbers: what is missing, new, out of range, constant or of another kind."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.finding import Finding
from driftboard.monitors.profile import Profile
from driftboard.monitors.report import QualityReport, QualityResult
from driftboard.monitors.sample import Codes
from driftboard.monitors.summary import summarise
from driftboard.monitors.verdict import Verdict, overall
from driftboard.monitors.wording import count, listing, named, number, percent

State = Literal["present", "absent", "retyped"]

_LUCK = -14.0  # log of one chance in a million
_SAYS = {
    Verdict.INVALID: "broken",
    Verdict.CRITICAL: "of bad quality",
    Verdict.WARNING: "of doubtful quality",
    Verdict.INFO: "worth a look",
}


def measure_quality(
    baseline: Baseline, batch: Profile, *, often_constant: frozenset[str] = frozenset()
) -> dict[str, QualityResult]:
    """Return name to numbers of every feature, in the reference's order; verdict and message are still to come.

    Parameters
    ----------
    often_constant
        Features that are constant in some batch of the reference itself.
    """
    results = {each.feature: each for each in (*_numeric(baseline, batch), *_levels(baseline, batch))}
    return {
        name: replace(results[name], constant=results[name].constant and name not in often_constant)
        for name in baseline.features
    }


def _numeric(baseline: Baseline, batch: Profile) -> Iterator[QualityResult]:
    counts, before = batch.inputs, baseline.inputs.counts
    for place, name in enumerate(baseline.inputs.names):
        rows = max(1, int(counts.rows[place]))
        low, high = _range(counts.lowest[place], counts.highest[place])
        reference_low, reference_high = _range(before.lowest[place], before.highest[place])
        yield QualityResult(
            feature=name,
            kind="numeric",
            verdict=Verdict.OK,
            message="",
            n=int(counts.rows[place]),
            state=_state(name, batch, int(counts.rows[place])),
            missing_rate=float(counts.missing[place] / rows),
            reference_missing_rate=float(before.missing[place] / max(1, before.rows[place])),
            below_rate=float(counts.below[place] / rows),
            above_rate=float(counts.above[place] / rows),
            infinite_rate=float(counts.infinite[place] / rows),
            lowest=low,
            highest=high,
            reference_lowest=reference_low,
            reference_highest=reference_high,
            constant=bool(low == high and _no_luck(before.fine[place], int(counts.finite[place]))),
        )


def _levels(baseline: Baseline, batch: Profile) -> Iterator[QualityResult]:
    counts, before = batch.levels, baseline.levels.counts
    new = baseline.levels.new(counts.cells)
    for place, name in enumerate(baseline.levels.names):
        rows = max(1, int(counts.rows[place]))
        mine = baseline.levels.part(place, counts.cells)
        yield QualityResult(
            feature=name,
            kind="categorical",
            verdict=Verdict.OK,
            message="",
            n=int(counts.rows[place]),
            state=_state(name, batch, int(counts.rows[place])),
            missing_rate=float(counts.missing[place] / rows),
            reference_missing_rate=float(before.missing[place] / max(1, before.rows[place])),
            new_rate=float(new[place] / rows),
            constant=bool(
                np.count_nonzero(mine) == 1 and _no_luck(baseline.levels.part(place, before.cells), int(mine.sum()))
            ),
        )


def _no_luck(before: Codes, n: int) -> bool:
    """Whether so many values in one cell are no luck, even if it is the reference's fullest."""
    return bool(n > 0 and before.sum() > 0 and n * np.log(before.max() / before.sum()) < _LUCK)


def _range(low: float, high: float) -> tuple[float | None, float | None]:
    return (float(low), float(high)) if low <= high else (None, None)


def _state(name: str, batch: Profile, rows: int) -> State:
    if name in batch.retyped:
        return "retyped"
    return "absent" if rows == 0 and batch.n else "present"


def facts(result: QualityResult, rows: int) -> list[Finding]:
    """Return what needs no test: the column is gone, of another kind, constant, infinite."""
    if rows and (text := _state_text(result, rows)):
        return [Finding(Verdict.INVALID, text, "schema", result.feature)]
    found = []
    if result.constant:
        text = f"{named(result.feature)} is constant in {count(result.n, 'row')}, in the reference it varies"
        found.append(Finding(Verdict.WARNING, text, "constant", result.feature))
    if result.infinite_rate:
        text = f"{percent(result.infinite_rate)} of {named(result.feature)} is infinite"
        found.append(Finding(Verdict.INFO, text, "out_of_range", result.feature))
    return found


def unexpected(names: tuple[str, ...]) -> list[Finding]:
    """Return the finding that there are features which the reference does not know."""
    if not names:
        return []
    listed = listing([named(name) for name in names])
    return [Finding(Verdict.INFO, f"not in the reference: {listed}", "schema")]


def unseen_levels(baseline: Baseline, batch: Profile, name: str) -> tuple[str, ...]:
    """Return a few levels of a feature that the reference never had."""
    return batch.levels.unseen[baseline.levels.names.index(name)] if name in baseline.levels.names else ()


def quality_report(
    baseline: Baseline, batch: Profile, features: tuple[QualityResult, ...], findings: Sequence[Finding]
) -> QualityReport:
    """Return the report of a batch from its judged features and all findings, in any order."""
    nothing = min(batch.n, baseline.reference.n, len(baseline.features) + len(batch.unexpected)) == 0
    ordered = sorted(findings, key=lambda each: -each.verdict.rank)
    return QualityReport(
        verdict=Verdict.NO_DATA if nothing else overall([Verdict.OK, *(each.verdict for each in findings)]),
        message=quality_message(baseline, batch.n, features, ordered),
        n=batch.n,
        n_reference=baseline.reference.n,
        features=features,
        unexpected=batch.unexpected,
        duplicate_rate=batch.duplicates / batch.n if batch.n else 0.0,
        reference_duplicate_rate=baseline.reference.duplicates / max(1, baseline.reference.n),
        findings=tuple(ordered),
    )


def quality_message(
    baseline: Baseline, rows: int, features: tuple[QualityResult, ...], findings: Sequence[Finding]
) -> str:
    """Return the report's sentence."""
    if rows == 0:
        return "The batch has no rows."
    if baseline.reference.n == 0:
        return "The reference has no rows to compare with."
    if not features and not findings:
        return "The reference has no features to check."
    total = count(len(features), "feature")
    return summarise(findings, total, _SAYS) if findings else f"{total} complete, in range and of their kind."


def range_change(result: QualityResult) -> str:
    """Return the two ranges of a numeric feature: 0 to 12, in the reference 0 to 9."""
    if result.lowest is None or result.highest is None:
        return ""
    if result.reference_lowest is None or result.reference_highest is None:
        return f"{number(result.lowest)} to {number(result.highest)}"
    before = f"{number(result.reference_lowest)} to {number(result.reference_highest)}"
    return f"{number(result.lowest)} to {number(result.highest)}, in the reference {before}"


def _state_text(result: QualityResult, rows: int) -> str:
    """Return what is wrong with the column itself; empty when it is there and of its kind."""
    if result.state == "retyped":
        other = "categorical" if result.kind == "numeric" else "numeric"
        return f"{named(result.feature)} changed its kind: it is {other} here and {result.kind} in the reference"
    if result.state == "absent":
        return f"{named(result.feature)} is missing from the batch altogether ({count(rows, 'row')})"
    return ""
