"""Whether a distribution moved: KS and chi-square on frozen cells, on every look-back window."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri

from driftboard.monitors.chi_square import ChiSquare, Mask, chi_square, sparse_cells
from driftboard.monitors.ks import ks_of_cells, ks_p_value
from driftboard.monitors.levels import LevelColumns, LevelCounts
from driftboard.monitors.numeric import NumericColumns, NumericCounts
from driftboard.monitors.psi import psi, psi_noise
from driftboard.monitors.sample import Codes, Floats
from driftboard.monitors.tested import Tested
from driftboard.monitors.wobble import Pieces, Wobble, measure_wobble

LEAST_VALUES = 20
_FEW = 100
_GAP_BY_LUCK = 0.8687  # mean of the Kolmogorov distribution


@dataclass(frozen=True, slots=True)
class Floors:
    """Effects from which a shift is worth a warning, and a page: corrected PSI; KS distance or total variation."""

    warning_psi: float = 0.10
    warning_gap: float = 0.10
    page_psi: float = 0.20
    page_gap: float = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """PSI, its noise and chi-square of m subjects on w tables of counts, and the gap between the distributions.

    All of shape (w, m). `gap` is D or total variation; `cells` those of the PSI.
    """

    psi: Floats
    noise: Floats
    cells: Codes
    chi_square: ChiSquare
    gap: Floats


def numeric_shift(columns: NumericColumns, counts: NumericCounts | Sequence[NumericCounts]) -> Shift:
    """Return how far the numeric columns of each window moved from the reference."""
    windows = [counts] if isinstance(counts, NumericCounts) else counts
    fine = np.stack([each.fine for each in windows])
    exact = np.stack([each.ks for each in windows])
    shift = _numeric_shift(columns, fine, columns.counts.fine)
    return Shift(shift.psi, shift.noise, shift.cells, shift.chi_square, np.where(np.isnan(exact), shift.gap, exact))


def _numeric_shift(columns: NumericColumns, fine: Codes, reference: Codes) -> Shift:
    batch, before = _coarse(columns, fine, reference)
    cells = np.count_nonzero(before, axis=-1)
    noise = psi_noise(cells, batch.sum(axis=-1), before.sum(axis=-1))
    return Shift(psi(before, batch), noise, cells, chi_square(before, batch), ks_of_cells(reference, fine))


def _coarse(columns: NumericColumns, fine: Codes, reference: Codes) -> tuple[Codes, Codes]:
    """Both sides' coarse counts, shape (w, m, 10): ten cells, or five of twice the width where a side is small."""
    batch, before = np.broadcast_arrays(columns.coarse(fine), columns.coarse(reference))
    few = (batch.sum(axis=-1) < _FEW) | (before.sum(axis=-1) < _FEW)
    if not few.any():
        return batch, before
    return _halved(batch, few), _halved(before, few)


def _halved(counts: Codes, few: Mask) -> Codes:
    pairs = counts.reshape(*counts.shape[:-1], -1, 2).sum(axis=-1)
    halved: Codes = np.where(few[..., None], np.concatenate([pairs, np.zeros_like(pairs)], axis=-1), counts)
    return halved


def level_shift(columns: LevelColumns, counts: LevelCounts | Sequence[LevelCounts]) -> Shift:
    """Return how far the categorical columns of each window moved from the reference.

    PSI and chi-square are computed on the same cells: those too sparse for the window's size are merged. The cell of
    new levels stays apart in PSI; in chi-square, which could not bear an empty reference cell, it is merged too. The
    reference's rows of levels that it has once stand for new ones: an id has some in every batch.
    """
    windows = [counts] if isinstance(counts, LevelCounts) else counts
    return _level_shift(columns, np.stack([each.cells for each in windows]), columns.expected)


def _level_shift(columns: LevelColumns, cells: Codes, reference: Codes) -> Shift:
    shape = (cells.shape[0], len(columns))
    index, noise, gap, statistic = (np.zeros(shape) for _ in range(4))
    used, freedom = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for place in range(len(columns)):
        batch, before = np.broadcast_arrays(columns.part(place, cells), columns.part(place, reference))
        test = chi_square(before, batch)
        statistic[:, place], freedom[:, place] = test.statistic, test.freedom
        merged, merged_before = _without_sparse(batch, before)
        used[:, place] = np.count_nonzero(merged_before, axis=-1)
        index[:, place] = psi(merged_before, merged)
        noise[:, place] = psi_noise(used[:, place], batch.sum(axis=-1), before.sum(axis=-1))
        gap[:, place] = np.abs(_shares(merged) - _shares(merged_before)).sum(axis=-1) / 2
    return Shift(index, noise, used, ChiSquare(statistic, freedom), gap)


def _without_sparse(batch: Codes, before: Codes) -> tuple[Codes, Codes]:
    rows = np.minimum(batch.sum(axis=-1, keepdims=True), before.sum(axis=-1, keepdims=True))
    sparse = sparse_cells(before, rows)
    sparse[..., -1] = False  # new levels
    return _merged(batch, sparse), _merged(before, sparse)


def _merged(counts: Codes, sparse: Mask) -> Codes:
    rest = np.where(sparse, counts, 0).sum(axis=-1, keepdims=True)
    return np.concatenate([np.where(sparse, 0, counts), rest], axis=-1)


def _shares(counts: Codes) -> Floats:
    shares: Floats = counts / np.maximum(1, counts.sum(axis=-1, keepdims=True))
    return shares


def numeric_wobble(columns: NumericColumns, pieces: Pieces, own: Sequence[NumericCounts]) -> Wobble:
    """Return the wobble of numeric columns from the reference's own batches, each against the rest."""
    fine = np.stack([each.fine for each in own])
    batch, rest = _coarse(columns, fine, columns.counts.fine - fine)
    return measure_wobble(chi_square(rest, batch), pieces)


def level_wobble(columns: LevelColumns, pieces: Pieces, own: Sequence[LevelCounts]) -> Wobble:
    """Return the wobble of categorical columns from the reference's own batches, each against the rest."""
    cells = np.stack([each.cells for each in own])
    return measure_wobble(_level_shift(columns, cells, columns.counts.cells - cells).chi_square, pieces)


def test_shift(
    names: tuple[str, ...],
    shift: Shift,
    rows: tuple[Codes, Codes],
    batches: Floats,
    wobble: Wobble,
    floors: Floors,
    *,
    gap_name: str,
) -> Tested:
    """Return the tests of a shift on all windows.

    p = 2·min(p of KS, p of chi-square) for numeric columns, p of chi-square for levels. A column whose reference
    wobbles is judged by chi-square alone, against that wobble.

    Parameters
    ----------
    rows
        Values in each window, shape (w, m), and in the reference, shape (m,).
    gap_name
        `KS` or `total variation`.
    """
    n, before = np.broadcast_arrays(rows[0].astype(float), rows[1].astype(float))
    inflation = wobble.inflation_of(batches, n, before)
    p_value = shift.chi_square.p_value
    if gap_name == "KS":
        p_value = np.minimum(1.0, 2 * np.minimum(p_value, ks_p_value(shift.gap, n, before)))
    p_value = np.where(wobble.wobbles, wobble.p_value(shift.chi_square, inflation), p_value)
    corrected = np.maximum(0.0, shift.psi - shift.noise)
    by_psi = corrected / floors.page_psi >= shift.gap / floors.page_gap
    together = np.maximum(1e-9, n * before / np.maximum(1, n + before))
    gap_noise = _GAP_BY_LUCK / np.sqrt(together) if gap_name == "KS" else np.sqrt(np.maximum(0, shift.noise)) / 2

    def visible(bar: float) -> Floats:
        freedom = np.maximum(1, shift.chi_square.freedom)
        smallest = np.maximum(0.0, chdtri(freedom, bar) - freedom) / together * inflation
        gap = np.sqrt(np.log(4 / bar) / 2 / together * inflation) if gap_name == "KS" else np.sqrt(smallest) / 2
        seen: Floats = np.where(by_psi, smallest, gap)
        return seen

    return Tested(
        names=names,
        p_value=p_value,
        tested=(n >= LEAST_VALUES) & (before >= LEAST_VALUES),
        effect=np.where(by_psi, corrected, shift.gap),
        measure=np.where(by_psi, "PSI", gap_name),
        warning_floor=np.where(by_psi, floors.warning_psi, floors.warning_gap),
        page_floor=np.where(by_psi, floors.page_psi, floors.page_gap),
        noise=np.where(by_psi, 0.0, gap_noise),
        n=n,
        n_reference=before,
        inflation=inflation,
        visible=visible,
    )


def test_numeric(
    columns: NumericColumns, counts: Sequence[NumericCounts], batches: Floats, wobble: Wobble, floors: Floors
) -> Tested:
    """Return the tests of numeric columns on all windows."""
    rows = np.stack([each.present for each in counts]), columns.counts.present
    return test_shift(columns.names, numeric_shift(columns, counts), rows, batches, wobble, floors, gap_name="KS")


def test_levels(
    columns: LevelColumns, counts: Sequence[LevelCounts], batches: Floats, wobble: Wobble, floors: Floors
) -> Tested:
    """Return the tests of categorical columns on all windows."""
    shift, rows = level_shift(columns, counts), (np.stack([each.present for each in counts]), columns.counts.present)
    return test_shift(columns.names, shift, rows, batches, wobble, floors, gap_name="total variation")
