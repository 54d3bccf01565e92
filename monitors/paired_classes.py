"""Two classifiers on the same predictions: accuracy by McNemar, macro F1 by a paired bootstrap."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from driftboard.monitors.interval import Interval
from driftboard.monitors.mcnemar import PairedCounts, mcnemar, paired_difference
from driftboard.monitors.paired import conclude_pairs, largest
from driftboard.monitors.paired_report import PairedF1, PairedFigures, PairedReport
from driftboard.monitors.rows_needed import rows_needed
from driftboard.monitors.sample import Categorical, Codes, Floats

_RESAMPLES = 1_000
_MOST_DRAWN = 2_000_000  # counts in memory at a time
_NONE: Mapping[str, Categorical] = MappingProxyType({})


def compare_classes(
    labels: Floats,
    champion: Floats,
    challenger: Floats,
    *,
    segments: Mapping[str, Categorical] = _NONE,
    names: tuple[str, str] = ("the champion", "the challenger"),
) -> PairedReport:
    """Return how two classifiers compare on predictions that both made; never raises for what these hold.

    Parameters
    ----------
    labels, champion, challenger
        Shape (n,): class codes of one class list; negative or NaN where there is none. Only rows with all three count.
    segments
        Segment name to levels, each of n rows.
    names
        What the two are called.

    >>> labels, champion = np.ones(400), np.repeat([1.0, 0.0], [350, 50])
    >>> compare_classes(labels, champion, np.repeat([1.0, 0.0], [375, 25]), names=("v1", "v2")).message
    'v2 is better: accuracy 93.8 % against 87.5 % on the same 400 labelled predictions, +6.2 points (3.9 to 9.0), 1 chance in 17,000,000 of that by luck.'
    """  # noqa: E501 - one sentence
    used = (labels >= 0) & (champion >= 0) & (challenger >= 0)
    common = int(np.count_nonzero((champion >= 0) & (challenger >= 0)))
    truth, first, second = (codes[used].astype(np.int64) for codes in (labels, champion, challenger))
    cells = 2 * (first != truth) + (second != truth)  # 0 both right, 1 the first only, 2 the second only, 3 neither
    by_segment = {
        (segment, level): counts
        for segment, column in segments.items()
        for level, counts in _by_level(column, used, cells).items()
    }
    chosen = largest({place: int(counts.sum()) for place, counts in by_segment.items()})
    return conclude_pairs(
        "accuracy",
        names,
        common,
        _figures(np.bincount(cells, minlength=4)) if truth.size else None,
        segments={place: _figures(by_segment[place]) for place in chosen},
        small_segments=len(by_segment) - len(chosen),
        macro_f1=_macro_f1(truth, first, second) if truth.size else None,
    )


def _by_level(column: Categorical, used: NDArray[np.bool_], cells: Codes) -> dict[str, Codes]:
    """Level to its counts of the four cells; levels without rows are left out."""
    codes = column.codes[used]
    known = (codes >= 0) & (codes < len(column.levels))
    table = np.bincount(4 * codes[known] + cells[known], minlength=4 * len(column.levels)).reshape(-1, 4)
    return {level: counts for level, counts in zip(column.levels, table, strict=True) if counts.any()}


def _figures(cells: Codes) -> PairedFigures:
    counts = PairedCounts(*cells.tolist())
    difference = (counts.second - counts.first) / counts.n
    variance = (counts.first_only + counts.second_only) / counts.n - difference**2
    return PairedFigures(
        n=counts.n,
        champion=counts.first / counts.n,
        challenger=counts.second / counts.n,
        difference=difference,
        interval=paired_difference(counts),
        p_value=mcnemar(counts),
        champion_better=counts.first_only,
        challenger_better=counts.second_only,
        needed=rows_needed(difference, variance, counts.n),
    )


def _macro_f1(truth: Codes, first: Codes, second: Codes) -> PairedF1:
    """Resample rows in pairs: as counts of the distinct (label, champion, challenger), which is the same and quick.

    Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13 (percentile interval).
    """
    cells, counts = np.unique(np.column_stack([truth, first, second]), axis=0, return_counts=True)
    rng = np.random.default_rng(truth.size)
    at_once = max(1, _MOST_DRAWN // len(cells))
    drawn = [
        _both_f1(cells, rng.multinomial(truth.size, counts / truth.size, size=min(at_once, _RESAMPLES - start)))
        for start in range(0, _RESAMPLES, at_once)
    ]
    champion, challenger = (float(each) for each in _both_f1(cells, counts[None, :])[:, 0])
    differences = np.diff(np.concatenate(drawn, axis=1), axis=0)
    low, high = (float(each) for each in np.quantile(differences, (0.025, 0.975)))
    return PairedF1(champion, challenger, challenger - champion, Interval(low, high))


def _both_f1(cells: Codes, counts: Codes) -> Floats:
    """Shape (2, resamples): macro F1 of either model over the classes that were labelled at all."""
    classes = np.unique(cells[:, 0])
    labelled = counts @ (cells[:, :1] == classes)
    scores = []
    for predicted in (cells[:, 1:2], cells[:, 2:3]):
        hits = counts @ ((cells[:, :1] == classes) & (predicted == classes))
        f1 = 2 * hits / np.maximum(1, labelled + counts @ (predicted == classes))
        scores.append(f1.mean(axis=1))
    both: Floats = np.array(scores)
    return both
