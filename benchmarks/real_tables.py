"""Real tables shipped in packages, as stable streams: rows shuffled, so no page is ever warranted.

A simple model is fitted on a third, the second third is the reference, the rest (and, where a table is small, the rest
of other shuffles) makes the batches.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from river import datasets as river_datasets
from sklearn import datasets as sklearn_datasets
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge

from driftboard.monitors import Codes, Floats, Numeric, Sample

BATCH = 50


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Features of shape (n, d) and a target of shape (n,): class codes into `classes`, or values when it is empty."""

    features: Floats
    target: Floats
    classes: tuple[str, ...]


def _sklearn(load: Callable[..., Any], *, regression: bool = False) -> Callable[[], Table]:
    def table() -> Table:
        features, target = load(return_X_y=True)
        return _table(features, target, regression=regression)

    return table


def _river(dataset: Callable[[], Any]) -> Callable[[], Table]:
    def table() -> Table:
        rows = list(dataset())
        features = np.array([[float(value) for value in row.values()] for row, _ in rows])
        return _table(features, np.array([str(label) for _, label in rows]), regression=False)

    return table


TABLES = MappingProxyType(
    {
        "digits": _sklearn(sklearn_datasets.load_digits),
        "wine": _sklearn(sklearn_datasets.load_wine),
        "breast_cancer": _sklearn(sklearn_datasets.load_breast_cancer),
        "iris": _sklearn(sklearn_datasets.load_iris),
        "diabetes": _sklearn(sklearn_datasets.load_diabetes, regression=True),
        "phishing": _river(river_datasets.Phishing),
        "bananas": _river(river_datasets.Bananas),
        "image_segments": _river(river_datasets.ImageSegments),
    }
)


def stable_stretches(name: str, *, shuffles: int, batch: int = BATCH) -> Iterator[tuple[Sample, list[Sample]]]:
    """Give, for each shuffle of a table, a reference and the batches that follow it.

    Raises
    ------
    KeyError
        For a name that is not in `TABLES`.
    """
    table = TABLES[name]()
    for shuffle in range(shuffles):
        order = np.random.default_rng(shuffle).permutation(table.target.size)
        third = order.size // 3
        sample = _scorer(table, order[:third])
        later = order[2 * third :]
        starts = range(0, later.size - batch + 1, batch)
        yield sample(order[third : 2 * third]), [sample(later[start : start + batch]) for start in starts]


def _table(features: Floats, target: Any, *, regression: bool) -> Table:
    if regression:
        return Table(features.astype(float), target.astype(float), ())
    classes, codes = np.unique(target, return_inverse=True)
    return Table(features.astype(float), codes.astype(float), tuple(map(str, classes)))


def _scorer(table: Table, training: Codes) -> Callable[[Codes], Sample]:
    """Fit a model to some rows; return what makes a sample of others."""
    if not table.classes:
        return _value_scorer(table, training)
    forest = RandomForestClassifier(n_estimators=50, min_samples_leaf=3, random_state=0)
    forest.fit(table.features[training], table.target[training])

    def sample(rows: Codes) -> Sample:
        scores = np.zeros((rows.size, len(table.classes)))
        scores[:, forest.classes_.astype(int)] = forest.predict_proba(table.features[rows])
        return Sample(
            n=rows.size,
            features=_columns(table, rows),
            classes=table.classes,
            predicted=scores.argmax(axis=1).astype(float),
            confidence=scores.max(axis=1),
            labels=table.target[rows],
            scores=scores,
        )

    return sample


def _value_scorer(table: Table, training: Codes) -> Callable[[Codes], Sample]:
    ridge = Ridge(alpha=0.1).fit(table.features[training], table.target[training])

    def sample(rows: Codes) -> Sample:
        predicted = ridge.predict(table.features[rows])
        features = _columns(table, rows)
        return Sample(rows.size, features, "regression", predicted=predicted, labels=table.target[rows])

    return sample


def _columns(table: Table, rows: Codes) -> dict[str, Numeric]:
    return {f"x{place}": Numeric(table.features[rows, place].copy()) for place in range(table.features.shape[1])}
