"""The inputs of one batch as numbers: every feature beside its reference, before anybody judges them."""

from collections.abc import Iterator
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
    p_value = ks_p_value(statistic, counts.present, before.present)
    limit = psi_limit(shift.cells[0], counts.present, before.present)
    means, reference_means = columns.means(counts), columns.means(before)
    coarse, reference_coarse = columns.coarse(counts.fine), columns.coarse(before.fine)
    for place, name in enumerate(columns.names):
        both = counts.present[place] > 0 and before.present[place] > 0
        yield FeatureResult(
            feature=name,
            kind="numeric",
            verdict=Verdict.NO_DATA,
            message="" if both else nothing(name, counts, before, place),
            n=int(counts.finite[place]),
            n_reference=int(before.finite[place]),
            missing_rate=_share(counts.missing[place], counts.rows[place]),
            reference_missing_rate=_share(before.missing[place], before.rows[place]),
            ks=Test(float(statistic[place]), float(p_value[place]), alpha) if both else None,
            mean=means[place],
            reference_mean=reference_means[place],
            **_table(shift, limit, place, both=both),
            **_shares(columns.labels(place), coarse[place], reference_coarse[place], both=both),
        )


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
        cells, reference_cells = columns.part(place, counts.cells), columns.part(place, before.cells)
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
            **_shares(columns.cells_of(place).labels, cells, reference_cells, both=both),
        )


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
    index, noise = float(shift.psi[0, place]), float(shift.noise[0, place])
    return {"psi": index, "psi_noise": noise, "psi_limit": float(limit[place])}


def _shares(labels: tuple[str, ...], counts: Codes, before: Codes, *, both: bool) -> dict[str, Any]:
    if not both:
        return {}
    counts, before = counts[: len(labels)], before[: len(labels)]
    return {
        "cells": labels,
        "share": tuple((counts / counts.sum()).tolist()),
        "reference_share": tuple((before / before.sum()).tolist()),
    }


def _share(part: int, whole: int) -> float:
    return float(part / whole) if whole else 0.0
