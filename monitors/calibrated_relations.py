"""The calibrated policy on relations: every pair's rank correlation on all look-back windows."""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr, ndtri

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.calibrated import CalibratedPolicy
from driftboard.monitors.finding import Evidence, Finding
from driftboard.monitors.phrases import luck, over
from driftboard.monitors.relations import LEAST_ROWS, fisher_z
from driftboard.monitors.report import PairResult, RelationReport
from driftboard.monitors.sample import Floats
from driftboard.monitors.summary import summarise
from driftboard.monitors.tested import Tested
from driftboard.monitors.verdict import Verdict, overall
from driftboard.monitors.windows import Windows
from driftboard.monitors.wobble import Wobble
from driftboard.monitors.wording import count, named

FLOOR = 0.20
_MOST_PAIRS = 20
_SMALLEST = float(np.finfo(np.float64).tiny)
_SAYS = {Verdict.CRITICAL: "changed", Verdict.WARNING: "changed", Verdict.INFO: "changed a little"}


def judge_relations(baseline: Baseline, wobble: Wobble, windows: Windows, policy: CalibratedPolicy) -> RelationReport:
    """Return the report of the batch that the windows end with: the twenty pairs that say most."""
    tests, now = _tests(baseline, wobble, windows)
    decisions = policy.decide("relations", tests.trials)
    ranks = np.array([each.rank for each in decisions.verdict])
    order = np.lexsort((decisions.p_value, -ranks))[:_MOST_PAIRS].tolist()
    evidence = tests.evidence(decisions, windows, places=order)
    pairs = baseline.relations.pairs
    before = baseline.relations.moments.correlation
    results = tuple(
        _result(pairs[at], decisions.verdict[at], found, now[decisions.window[at], at], float(before[at]))
        for at, found in zip(order, evidence, strict=True)
    )
    findings = tuple(_finding(each) for each in results if each.verdict.rank >= Verdict.INFO.rank)
    return RelationReport(
        verdict=overall(decisions.verdict),
        message=_message(len(pairs), findings, decisions.verdict, windows.batch.n),
        n=windows.batch.n,
        n_reference=baseline.reference.n,
        n_pairs=len(pairs),
        pairs=results,
        findings=findings,
    )


def _tests(baseline: Baseline, wobble: Wobble, windows: Windows) -> tuple[Tested, Floats]:
    relations, before = baseline.relations, baseline.relations.moments
    z = np.stack([fisher_z(each.relations, before, relations.kurtosis) for each in windows.profiles])
    now = np.stack([each.relations.correlation for each in windows.profiles])
    n = np.stack([each.relations.rows for each in windows.profiles])
    n, rows = np.broadcast_arrays(n, before.rows)
    inflation = wobble.inflation_of(windows.batches, n, rows)
    p_value = np.maximum(_SMALLEST, 2 * ndtr(-np.abs(z)))
    if wobble.wobbles.any():  # thousands of tails of t are not free
        wobbling = np.minimum(1.0, 2 * wobble.one_sided_p_value(np.abs(z), inflation))
        p_value = np.where(wobble.wobbles, wobbling, p_value)
    noise = np.sqrt(relations.kurtosis * (1 / np.maximum(1, n - 3) + 1 / np.maximum(1, rows - 3)) * inflation)
    scale = noise * (1 - before.correlation**2)

    def visible(bar: float) -> Floats:
        seen: Floats = -ndtri(bar / 2) * scale
        return seen

    tests = Tested(
        names=tuple(pair_name(first, second) for first, second in relations.pairs),
        p_value=p_value,
        tested=(n >= LEAST_ROWS) & (rows >= LEAST_ROWS),
        effect=np.abs(now - before.correlation),
        measure=np.full(z.shape, "correlation"),
        warning_floor=np.full(z.shape, FLOOR),
        page_floor=np.full(z.shape, FLOOR),
        noise=scale,
        n=n,
        n_reference=rows,
        inflation=inflation,
        visible=visible,
    )
    return tests, now


def _result(
    pair: tuple[str, str], verdict: Verdict, evidence: Evidence | None, now: float, before: float
) -> PairResult:
    said = f"correlation {before:+.2f} → {now:+.2f}"
    if evidence is not None and verdict.rank >= Verdict.INFO.rank:
        unsure = verdict is Verdict.INFO and not evidence.passes
        said = f"{'may have changed' if unsure else _SAYS[verdict]}: {said}, {luck(evidence.p_value)}, {over(evidence)}"
    return PairResult(*pair, verdict, f"{named(pair[0])} and {named(pair[1])} {said}.", float(now), before, evidence)


def _finding(result: PairResult) -> Finding:
    subject = pair_name(result.first, result.second)
    return Finding(result.verdict, result.message.removesuffix("."), "relation_change", subject, result.evidence)


def pair_name(first: str, second: str) -> str:
    """Return what a pair is called as the subject of a finding."""
    return f"{first} / {second}"


def _message(pairs: int, findings: tuple[Finding, ...], verdicts: Sequence[Verdict], rows: int) -> str:
    if pairs == 0:
        return "No pair of numeric features is varied enough to watch its correlation."
    if not findings and Verdict.OK not in verdicts:
        return f"{count(rows, 'row')} cannot tell whether {count(pairs, 'correlation')} changed."
    return summarise(findings, count(pairs, "pair"), {Verdict.WARNING: "changed", Verdict.CRITICAL: "changed"})
