"""The inputs of one batch as numbers: every feature beside its reference, before anybody judges them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.ks import ks_p_value
from driftboard.monitors.levels import LevelColumns, LevelCounts
from driftboard.monitors.numeric import NumericColumns, NumericCounts
from driftboard.monitors.profile import Profile
from driftboard.monitors.psi import psi_limit
from driftboard.monitors.report import FeatureResult, Test
from driftboard.monitors.sample import Codes, Floats
from driftboard.monitors.shift import Shift, level_shift, numeric_shift
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.wording import count, named, percent

MOST_FEATURES = 2_000
"""Features that a report lists; the verdict and the sentence are of all."""


def measure_inputs(baseline: Baseline, batch: Profile, *, alpha: float) -> dict[str, FeatureResult]:
    """Return name to numbers of every feature, in the reference's order; verdict and message are still to come.

    A feature that cannot be compared at all has its message: why not.

    Parameters
    ----------
    alpha
        Level at which `rejects` is said of a test.
    """
    numeric = measure_numeric(baseline.inputs, batch.inputs, alpha=alpha)
    results = {each.feature: each for each in (*numeric, *measure_levels(baseline.levels, batch.levels, alpha=alpha))}
    return {name: results[name] for name in baseline.features}


def measure_numeric(columns: NumericColumns, counts: NumericCounts, *, alpha: float) -> Iterator[FeatureResult]:
    """Yield the numbers of numeric columns."""
    if len(columns) == 0:
        return
    shift, before = numeric_shift(columns, counts), columns.counts
    statistic = np.where(np.isnan(counts.ks), 0.0, counts.ks)
    tests = list(zip(statistic.tolist(), ks_p_value(statistic, counts.present, before.present).tolist(), strict=True))
    limit = psi_limit(shift.cells[0], counts.present, before.present)
    finite, missing, means, shares = _numeric_lists(columns, counts)
    before_finite, before_missing, before_means, before_shares = _numeric_lists(columns, before)
    comparable = ((counts.present > 0) & (before.present > 0)).tolist()
    for place, (name, both) in enumerate(zip(columns.names, comparable, strict=True)):
        yield FeatureResult(
            feature=name,
            kind="numeric",
            verdict=Verdict.NO_DATA,
            message="" if both else nothing(name, counts, before, place),
            n=finite[place],
            n_reference=before_finite[place],
            missing_rate=missing[place],
            reference_missing_rate=before_missing[place],
            ks=Test(*tests[place], alpha) if both else None,
            mean=means[place],
            reference_mean=before_means[place],
            **_table(shift, limit, place, both=both),
            **_shares(columns.labels(place), shares[place], before_shares[place], both=both),
        )


def _numeric_lists(
    columns: NumericColumns, counts: NumericCounts
) -> tuple[list[int], list[float], list[float | None], list[list[float]]]:
    """Finite values, share of missing ones, mean and shares of the coarse cells, of each column."""
    missing = counts.missing / np.maximum(1, counts.rows)
    coarse = columns.coarse(counts.fine)
    shares = coarse / np.maximum(1, coarse.sum(axis=-1, keepdims=True))
    return counts.finite.tolist(), missing.tolist(), columns.means(counts), shares.tolist()


def measure_levels(columns: LevelColumns, counts: LevelCounts, *, alpha: float) -> Iterator[FeatureResult]:
    """Yield the numbers of categorical columns."""
    if len(columns) == 0:
        return
    shift, before = level_shift(columns, counts), columns.counts
    limit = psi_limit(shift.cells[0], counts.present, before.present)
    p_value = shift.chi_square.p_value[0]
    for place, name in enumerate(columns.names):
        both = counts.present[place] > 0 and before.present[place] > 0
        statistic = float(shift.chi_square.statistic[0, place])
        share, reference_share = (_cell_shares(columns.part(place, each.cells)) for each in (counts, before))
        yield FeatureResult(
            feature=name,
            kind="categorical",
            verdict=Verdict.NO_DATA,
            message="" if both else nothing(name, counts, before, place),
            n=int(counts.present[place]),
            n_reference=int(before.present[place]),
            missing_rate=_share(counts.missing[place], counts.rows[place]),
            reference_missing_rate=_share(before.missing[place], before.rows[place]),
            chi_square=Test(statistic, float(p_value[place]), alpha) if both else None,
            **_table(shift, limit, place, both=both),
            **_shares(columns.cells_of(place).labels, share, reference_share, both=both),
        )


def most_notable(features: Sequence[FeatureResult], ranked: Sequence[FeatureResult]) -> tuple[FeatureResult, ...]:
    """Return the features in their order, of more than two thousand only those that come first in the ranking.

    A report of ten thousand would be 16 MB, once a batch.
    """
    if len(features) <= MOST_FEATURES:
        return tuple(features)
    kept = {each.feature for each in ranked[:MOST_FEATURES]}
    return tuple(each for each in features if each.feature in kept)


def nothing(name: str, counts: NumericCounts | LevelCounts, before: NumericCounts | LevelCounts, place: int) -> str:
    """Return why a column cannot be compared, as a clause."""
    if before.present[place] == 0:
        return f"{named(name)} has no values in the reference to compare with"
    if counts.rows[place] == 0:
        return f"{named(name)} is not in the batch"
    return f"{named(name)} is missing in all {count(int(counts.rows[place]), 'row')}"


def widest_change(result: FeatureResult) -> str:
    """Return the cell whose share changed most: `AA` 10 % → 25 %; empty without shares."""
    if not result.share:
        return ""
    widest = int(np.argmax(np.abs(np.array(result.share) - np.array(result.reference_share))))
    if result.kind == "categorical" and widest == len(result.cells) - 1:
        return f"levels that the reference never had 0 % → {percent(result.share[widest])}"
    return change(result.cells[widest], result.reference_share[widest], result.share[widest])


def change(name: str, before: float, now: float) -> str:
    """Return a change of a share.

    >>> change("late", 0.1, 0.25)
    '`late` 10 % → 25 %'
    """
    return f"{named(name)} {percent(before)} → {percent(now)}"


def _table(shift: Shift, limit: Floats, place: int, *, both: bool) -> dict[str, Any]:
    if not both:
        return {"psi": None, "psi_noise": None, "psi_limit": None}
    return {
        "psi": shift.psi.item(0, place),
        "psi_noise": shift.noise.item(0, place),
        "psi_limit": limit.item(place),
    }


def _shares(labels: tuple[str, ...], share: list[float], before: list[float], *, both: bool) -> dict[str, Any]:
    if not both:
        return {}
    cells = len(labels)  # unused ones come last
    return {"cells": labels, "share": tuple(share[:cells]), "reference_share": tuple(before[:cells])}


def _cell_shares(counts: Codes) -> list[float]:
    shares: list[float] = (counts / max(1, int(counts.sum()))).tolist()
    return shares


def _share(part: int, whole: int) -> float:
    return float(part / whole) if whole else 0.0
