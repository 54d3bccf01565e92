"""From the tests of a layer to verdicts: evidence and magnitude, on the best of several look-back windows."""

from dataclasses import dataclass

import numpy as np

from driftboard.monitors.chi_square import Mask
from driftboard.monitors.sample import Codes, Floats
from driftboard.monitors.verdict import Verdict

INFO_LEVEL = 0.01
_MAYBE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Tests of one layer: rows are the w look-back windows, columns its m subjects. All arrays of shape (w, m).

    Attributes
    ----------
    p_value
        Of each test alone; 1 where nothing could be tested.
    size
        The effect as a multiple of its page floor.
    warning_share
        The warning floor as a multiple of the page floor.
    noise
        What `size` would be on average with nothing changing.
    tested
        Whether there were enough rows.
    """

    p_value: Floats
    size: Floats
    warning_share: Floats
    noise: Floats
    tested: Mask

    def beside(self, *others: "Trials") -> "Trials":
        """Return all sets of subjects as one layer."""
        sets = (self, *others)
        return Trials(
            np.hstack([each.p_value for each in sets]),
            np.hstack([each.size for each in sets]),
            np.hstack([each.warning_share for each in sets]),
            np.hstack([each.noise for each in sets]),
            np.hstack([each.tested for each in sets]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What is decided of each of m subjects.

    Attributes
    ----------
    verdict
        `critical`, `warning`, `info`, `insufficient` or `ok`.
    window
        Shape (m,): the window that says most, a row of the trials.
    p_value
        Shape (m,): chance of as much by luck in that window, after the correction for windows and subjects.
    level
        What it is compared with.
    bar
        What one test alone has to be below: level / (windows · subjects), the price of looking everywhere.
    """

    verdict: tuple[Verdict, ...]
    window: Codes
    p_value: Floats
    level: float
    bar: float


def decide(trials: Trials, level: float) -> Decisions:
    """Return the verdicts of a layer at its share of the false-page budget.

    A subject's p-values are multiplied by the number of windows, its smallest taken, and the layer's subjects put
    through Benjamini and Hochberg's step-up procedure. A subject passes in those windows whose own p-value lies within
    the cut; it is critical when one of them reaches the page floor, a warning at the warning floor, and info
    (real but small) below. Evidence at 0.01 with an effect at the warning floor is info too. An effect beyond the page
    floor and beyond noise that these rows cannot prove (0.05 alone) is insufficient: more rows will tell.

    Source: Y. Benjamini and Y. Hochberg, Journal of the Royal Statistical Society B 57 (1995), 289.

    >>> p_value, size = np.array([[1e-6, 0.4]]), np.array([[1.2, 0.1]])
    >>> trials = Trials(p_value, size, np.full((1, 2), 0.5), np.zeros((1, 2)), np.ones((1, 2), dtype=bool))
    >>> [str(verdict) for verdict in decide(trials, 1e-4).verdict]
    ['critical', 'ok']
    """
    windows, subjects = trials.p_value.shape
    if subjects == 0:
        return Decisions((), np.zeros(0, dtype=np.int64), np.zeros(0), level, level)
    corrected = np.minimum(1.0, trials.p_value * windows)
    adjusted, cut = benjamini_hochberg(corrected.min(axis=0), level)
    scale = adjusted / np.maximum(corrected.min(axis=0), np.finfo(float).tiny)
    by_window = np.minimum(1.0, corrected * scale)
    grades = _grades(trials, corrected, by_window, cut)
    window = np.argmax(grades + (1 - corrected) / 2, axis=0)
    best = grades[window, np.arange(subjects)]
    p_value = by_window[window, np.arange(subjects)]
    tested: list[bool] = np.any(trials.tested, axis=0).tolist()
    verdict = tuple(_verdict(grade, tested=any_row) for grade, any_row in zip(best.tolist(), tested, strict=True))
    return Decisions(verdict, window, p_value, level, level / (windows * subjects))


def benjamini_hochberg(p_value: Floats, level: float) -> tuple[Floats, float]:
    """Return the adjusted p-values of m tests, and the p-value up to which they are rejected: level·r/m for r of them.

    >>> adjusted, cut = benjamini_hochberg(np.array([0.01, 0.04, 0.03, 0.5]), 0.05)
    >>> adjusted.round(4).tolist(), cut
    ([0.04, 0.0533, 0.0533, 0.5], 0.0125)
    """
    order = np.argsort(p_value)
    steps = p_value[order] * p_value.size / np.arange(1, p_value.size + 1)
    adjusted = np.empty_like(p_value)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(steps[::-1])[::-1])
    rejected = p_value[adjusted <= level]
    return adjusted, max(level * rejected.size / p_value.size, float(rejected.max())) if rejected.size else 0.0


_CRITICAL, _WARNING, _INFO, _MAYBE_GRADE = 4, 3, 2, 1
_VERDICTS = {
    _CRITICAL: Verdict.CRITICAL,
    _WARNING: Verdict.WARNING,
    _INFO: Verdict.INFO,
    _MAYBE_GRADE: Verdict.INSUFFICIENT,
    0: Verdict.OK,
}


def _grades(trials: Trials, corrected: Floats, by_window: Floats, cut: float) -> Codes:
    """How much each window says, 0 to 4; shape (w, m)."""
    passes = trials.tested & (corrected <= cut)
    warns, pages = trials.size >= trials.warning_share, trials.size >= 1
    maybe = trials.tested & (trials.size - trials.noise >= 1) & (corrected <= _MAYBE)
    grades = np.where(maybe, _MAYBE_GRADE, 0)
    grades = np.where(trials.tested & (by_window <= INFO_LEVEL) & warns, _INFO, grades)
    grades = np.where(passes, _INFO, grades)
    grades = np.where(passes & warns, _WARNING, grades)
    return np.where(passes & pages, _CRITICAL, grades)


def _verdict(grade: int, *, tested: bool) -> Verdict:
    return _VERDICTS[grade] if tested else Verdict.INSUFFICIENT
