"""MAE and RMSE without labels: direct loss estimation (DLE)."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from driftboard.monitors.estimate import estimate
from driftboard.monitors.labelled import labelled_values
from driftboard.monitors.report import Estimate
from driftboard.monitors.sample import Categorical, Codes, Column, Floats, Numeric, Sample

LEAST_LABELS = 500
"""A reference with fewer labelled rows teaches no model of the error."""
FOLDS = 4
_MOST_ROWS = 20_000
_MOST_LEVELS = 250
_CELLS = 10
_FAR = 1e100
"""Stands for infinity, which the trees' own arithmetic does not take."""


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedValues:
    """What the model of the error expects of the labels; sums over rows that add up, like the realised `ValueOutcomes`.

    Attributes
    ----------
    n
        Rows with a finite prediction.
    absolute, squares
        Shape (4,): sum of the expected |e|, and of the expected e², by each of the four models.
    cells
        Shape (10,): rows by expected |e|, in tenths of the reference.
    """

    n: int
    absolute: Floats
    squares: Floats
    cells: Codes

    def __add__(self, other: "ExpectedValues") -> "ExpectedValues":
        """Return the sums of both samples together; both come from the same estimator."""
        return ExpectedValues(
            n=self.n + other.n,
            absolute=self.absolute + other.absolute,
            squares=self.squares + other.squares,
            cells=self.cells + other.cells,
        )


class ValueEstimator:
    """Estimates how large the errors of predicted values are, by a model of |error| learnt on a labelled reference.

    Gradient-boosted trees learn |e| from the features and the prediction, and others e²: four of each, each on three
    quarters of the reference, and the estimate is their mean. The quarter left out says how far a single error is from
    what is expected, their disagreement how well the reference is known. Trees extrapolate nothing: inputs beyond the
    reference's are judged like its outermost. Like CBPE it holds as long as P(label | features) stays.

    Parameters
    ----------
    reference
        Held-out predictions with their labels and features. With fewer than 500 labelled rows nothing is estimated; of
        more than 20,000, an even selection is learnt from.

    Source: J. Białek et al., Estimating Model Performance Under Covariate Shift Without Labels (2024),
    arXiv:2401.08348, and NannyML's documentation of DLE.

    >>> spread = np.repeat([1.0, 3.0], 300)
    >>> labels = spread * np.tile([1.0, -1.0], 300)
    >>> features = {"spread": Numeric(spread)}
    >>> estimator = ValueEstimator(Sample(600, features, "regression", predicted=np.zeros(600), labels=labels))
    >>> wild = Sample(4, {"spread": Numeric(np.full(4, 3.0))}, "regression", predicted=np.zeros(4))
    >>> [(each.name, round(each.value, 3)) for each in estimator.estimates(estimator.expect(wild))]
    [('mae', 3.0), ('rmse', 3.0)]
    """

    def __init__(self, reference: Sample) -> None:
        self._features = dict(reference.features)
        rows = _learnt_from(reference)
        self._models: list[tuple[_Trees, _Trees]] = []
        if rows.size >= LEAST_LABELS:
            self._learn(reference, rows)
        self._reference = self.expect(reference)

    @property
    def able(self) -> bool:
        """Whether the reference had enough labelled rows to estimate anything."""
        return bool(self._models)

    def expect(self, batch: Sample) -> ExpectedValues:
        """Return the sums of one batch; zeros where it has no finite predictions."""
        nothing = np.zeros(FOLDS)
        usable = np.flatnonzero(np.isfinite(batch.predicted)) if batch.task == "regression" else np.empty(0, np.int64)
        if not self._models or usable.size == 0:
            return ExpectedValues(0, nothing, nothing, np.zeros(_CELLS, dtype=np.int64))
        table = self._table(batch, usable)
        absolute, squares = np.array([self._expected(table, fold) for fold in range(FOLDS)]).transpose(1, 0, 2)
        cells = np.bincount(self._places(absolute.mean(axis=0)), minlength=_CELLS)
        return ExpectedValues(usable.size, absolute.sum(axis=1), squares.sum(axis=1), cells)

    def estimates(self, expected: ExpectedValues) -> tuple[Estimate, ...]:
        """Return MAE and RMSE, each with its error band.

        The variance of realised minus estimated mean of |e| (or e²) is the noise of n labels, sum over cells c of
        w_c·V_c / n, and the models' own, (3/4)·sum((m_k - m)²). V_c is the mean squared residual in tenth c of the
        reference by expected |e|, of rows that a model had not seen; w_c the share of the batch there; m_k the estimate
        of model k and m their mean (the jackknife by groups). For RMSE it is divided by 4·RMSE² (delta method).

        Source: B. Efron, The Jackknife, the Bootstrap and Other Resampling Plans (SIAM, 1982), chapter 3.
        """
        n, before = expected.n, self._reference
        if n == 0 or before.n == 0:
            return ()
        share = expected.cells / n
        mae, spread = _mean(expected.absolute / n, float(share @ self._noise[0]) / n)
        square, of_square = _mean(expected.squares / n, float(share @ self._noise[1]) / n)
        usual, usual_square = before.absolute.mean() / before.n, before.squares.mean() / before.n
        found = (
            estimate("mae", mae, variance=spread, reference=float(usual), n=n),
            estimate(
                "rmse",
                sqrt(square),
                variance=of_square / (4 * square) if square > 0 else 0.0,
                reference=sqrt(float(usual_square)),
                n=n,
            ),
        )
        return tuple(each for each in found if each is not None)

    def _learn(self, reference: Sample, rows: Codes) -> None:
        errors = np.abs(reference.predicted[rows] - reference.labels[rows])
        self._unit = float(errors.mean()) or 1.0
        table, folds = self._table(reference, rows), np.arange(rows.size) % FOLDS
        kinds = [*(isinstance(column, Categorical) for column in self._features.values()), False]
        absolute, squares = np.empty(rows.size), np.empty(rows.size)
        for fold in range(FOLDS):
            seen, scaled = folds != fold, errors[folds != fold] / self._unit
            self._models.append((_Trees(table[seen], scaled, kinds), _Trees(table[seen], scaled**2, kinds)))
            absolute[~seen], squares[~seen] = self._expected(table[~seen], fold)
        self._edges = np.quantile(absolute, np.arange(1, _CELLS) / _CELLS)
        places = self._places(absolute)
        held = np.maximum(np.bincount(places, minlength=_CELLS), 1)
        self._noise = [
            np.bincount(places, weights=(real - guess) ** 2, minlength=_CELLS) / held
            for real, guess in ((errors, absolute), (errors**2, squares))
        ]

    def _expected(self, table: Floats, fold: int) -> tuple[Floats, Floats]:
        """Expected |e| and e² of each row by one pair of models, in units of the label and squared."""
        absolute, squares = (model.predict(table) for model in self._models[fold])
        return absolute * self._unit, squares * self._unit**2

    def _places(self, absolute: Floats) -> Codes:
        return np.searchsorted(self._edges, absolute, side="right")

    def _table(self, sample: Sample, rows: Codes) -> Floats:
        """The reference's features of these rows and the prediction, shape (rows, features + 1)."""
        columns = [_column(known, sample.features.get(name), sample.n)[rows] for name, known in self._features.items()]
        return np.column_stack([*columns, np.clip(sample.predicted[rows], -_FAR, _FAR)])


def _mean(by_model: Floats, noise: float) -> tuple[float, float]:
    """The mean of the models' estimates, and its variance."""
    mean = float(by_model.mean())
    return mean, noise + float(((by_model - mean) ** 2).sum()) * (FOLDS - 1) / FOLDS


def _learnt_from(reference: Sample) -> Codes:
    """Labelled rows with an error that can be squared, an even selection of at most 20,000."""
    rows = np.flatnonzero(labelled_values(reference))
    if rows.size == 0:
        return rows
    with np.errstate(over="ignore"):
        rows = rows[np.abs(reference.predicted[rows] - reference.labels[rows]) < _FAR]
    chosen: Codes = rows[np.linspace(0, rows.size - 1, _MOST_ROWS).astype(np.int64)] if rows.size > _MOST_ROWS else rows
    return chosen


def _column(known: Column, column: Column | None, n: int) -> Floats:
    """A feature as the model of the error takes it: NaN where it is missing, unknown or of another kind."""
    if isinstance(known, Numeric) and isinstance(column, Numeric):
        return np.clip(column.values, -_FAR, _FAR)
    if isinstance(known, Categorical) and isinstance(column, Categorical):
        places = {name: float(place) for place, name in enumerate(known.levels[:_MOST_LEVELS])}
        table = [places.get(name, np.nan) for name in column.levels]
        coded: Floats = np.array([*table, np.nan])[np.clip(column.codes, -1, len(table))]
        return coded
    return np.full(n, np.nan)


class _Trees:
    """Gradient-boosted trees on one thread: with several, a prediction on a busy machine takes a hundred times as long.

    scikit-learn is imported here: it takes a second, and only a regression model with labels needs it.
    """

    def __init__(self, table: Floats, target: Floats, categorical: list[bool]) -> None:
        from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415
        from threadpoolctl import ThreadpoolController  # noqa: PLC0415 - comes with sklearn

        self._threads: Any = ThreadpoolController()
        empty = np.isnan(table).all(axis=0)  # a column without values cannot be cut into bins
        trees = HistGradientBoostingRegressor(
            max_iter=50, learning_rate=0.15, categorical_features=categorical, early_stopping=False, random_state=0
        )
        with self._threads.limit(limits=1, user_api="openmp"):
            self._trees: Any = trees.fit(np.where(empty, 0.0, table), target)

    def predict(self, table: Floats) -> Floats:
        """Return the expected target of each row, never below 0."""
        with self._threads.limit(limits=1, user_api="openmp"):
            expected: Floats = self._trees.predict(table)
        return np.maximum(expected, 0.0)
