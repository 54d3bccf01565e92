"""Label bias: whether the labelled rows of a batch are like the others, so that their score speaks for all of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftboard.monitors.chi_square import chi_square, sparse_cells
from driftboard.monitors.ks import ks_of_cells, ks_p_value
from driftboard.monitors.sample import MISSING, Categorical, Codes, Column, Floats, Numeric, Sample
from driftboard.monitors.wording import chance, count, listing, named

FEWEST_ROWS = 50
ALPHA = 0.001
FLOOR = 0.15
_MOST_ROWS = 5_000
_SHOWN = 3

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which the labelled rows differ from the others.

    Attributes
    ----------
    name
        The feature's; `predicted` for the prediction itself.
    of
        `feature` or `prediction`: a feature may bear any name.
    measure, statistic
        `KS`, the Kolmogorov-Smirnov distance of numbers, or `TV`, the total variation distance of levels; 0 to 1.
    p_value
        Chance of that by luck, before the correction for the number of tests.
    """

    name: str
    of: str
    measure: str
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True)
class LabelBias:
    """The labelled rows of a batch beside those without a label; `differences`, largest first, call for a warning."""

    n_labelled: int
    n_unlabelled: int
    n_tests: int
    differences: tuple[Difference, ...]
    message: str

    @property
    def warns(self) -> bool:
        """Whether the labelled rows differ from the others."""
        return bool(self.differences)


def label_bias(sample: Sample, *, alpha: float = ALPHA, floor: float = FLOOR) -> LabelBias | None:
    """Compare the labelled rows of a batch with the unlabelled ones, in every feature and in the prediction.

    Labels that arrive for some rows first, or only for some, may be those of easy or of grave cases: then the score on
    them is no estimate of the score on all. Numbers are compared by the Kolmogorov-Smirnov test, levels by the
    chi-square test; a missing value counts as a value of its own, beyond all numbers. A difference needs evidence, p
    below alpha after Bonferroni's correction, and magnitude. Failed requests are left out; of more than 5,000 rows on a
    side that many are drawn, always the same ones.

    Parameters
    ----------
    sample
        A batch with its labels.
    alpha
        Chance that a batch whose labels came to rows at random is said to differ.
    floor
        Smallest distance worth a warning, 0 to 1.

    Returns
    -------
    None where fewer than 50 rows have a label, or fewer than 50 have none: nothing can be said.

    >>> amount = np.arange(400.0)
    >>> labels = np.where(amount < 100, 1.0, np.nan)
    >>> sample = Sample(400, {"amount": Numeric(amount)}, "regression", predicted=np.zeros(400), labels=labels)
    >>> label_bias(sample).message
    'labelled rows are not like the others: `amount` KS 1.00 (p < 1e-12): the score may not hold for the 300 others'
    """
    labelled, unlabelled = _sides(sample)
    if min(labelled.size, unlabelled.size) < FEWEST_ROWS:
        return None
    sides = _drawn(labelled), _drawn(unlabelled)
    tests = [_difference(*named_column, *sides) for named_column in _columns(sample)]
    proved = [each for each in tests if each.p_value * len(tests) < alpha and each.statistic >= floor]
    differences = tuple(sorted(proved, key=lambda each: (-each.statistic, each.p_value)))
    message = _message(differences, len(tests), unlabelled.size)
    return LabelBias(labelled.size, unlabelled.size, len(tests), differences, message)


def _sides(sample: Sample) -> tuple[Rows, Rows]:
    """Positions of the predictions with a label, and of those without."""
    missing = np.full(sample.n, np.nan)
    labels = sample.labels if sample.labels.size else missing
    predicted = sample.predicted if sample.predicted.size else np.zeros(sample.n)
    absent, failed = np.isnan(labels), np.isnan(predicted)
    if sample.task == "classification":
        absent, failed = absent | (labels < 0), failed | (predicted < 0)
    return np.flatnonzero(~failed & ~absent), np.flatnonzero(~failed & absent)


def _drawn(rows: Rows) -> Rows:
    """At random, for every n-th row may be of the same hour or shop; but the same ones every time."""
    if rows.size <= _MOST_ROWS:
        return rows
    return np.random.default_rng(rows.size).choice(rows, _MOST_ROWS, replace=False)


def _columns(sample: Sample) -> Iterator[tuple[str, str, Column]]:
    for name, column in sample.features.items():
        yield name, "feature", column
    if sample.predicted.size and sample.task == "classification":
        codes = np.nan_to_num(sample.predicted, nan=MISSING).astype(np.int64)
        yield "predicted", "prediction", Categorical(codes, sample.classes)
    elif sample.predicted.size:
        yield "predicted", "prediction", Numeric(sample.predicted)


def _difference(name: str, of: str, column: Column, labelled: Rows, unlabelled: Rows) -> Difference:
    values = column.values if isinstance(column, Numeric) else column.codes
    here, others = _counted(values[labelled], values[unlabelled])
    if isinstance(column, Numeric):
        statistic = ks_of_cells(others[None], here[None])
        p_value = ks_p_value(statistic, np.array([labelled.size]), np.array([unlabelled.size]))
        return Difference(name, of, "KS", float(statistic[0]), float(p_value[0]))
    return Difference(name, of, "TV", _total_variation(here, others), float(chi_square(others, here).p_value))


def _counted(labelled: Floats | Codes, unlabelled: Floats | Codes) -> tuple[Codes, Codes]:
    """How often each value occurs on each side, in their order; NaN is the last of them."""
    values, places = np.unique(np.concatenate([labelled, unlabelled]), return_inverse=True)
    split = labelled.size
    here, others = (np.bincount(side, minlength=values.size) for side in (places[:split], places[split:]))
    return here.astype(np.int64), others.astype(np.int64)


def _total_variation(here: Codes, others: Codes) -> float:
    """Half the sum of the differences of the shares; levels too sparse to be tested count together."""
    sparse = sparse_cells(others, np.array([min(here.sum(), others.sum())]))
    gaps = here / here.sum() - others / others.sum()
    return float(np.abs(gaps[~sparse]).sum() + abs(gaps[sparse].sum())) / 2


def _message(differences: tuple[Difference, ...], tests: int, unlabelled: int) -> str:
    if not differences:
        return f"labelled rows are like the others in {count(tests, 'column')}"
    shown = listing([_said(each) for each in differences], most=_SHOWN)
    return f"labelled rows are not like the others: {shown}: the score may not hold for the {unlabelled:,} others"


def _said(each: Difference) -> str:
    name = named(each.name) if each.of == "feature" else "the prediction"
    return f"{name} {each.measure} {each.statistic:.2f} ({chance(each.p_value)})"
