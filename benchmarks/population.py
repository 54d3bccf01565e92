"""A population to sample from: correlated features, logistic labels, and a logistic model of them."""

from dataclasses import dataclass

import numpy as np

from driftboard.monitors import Categorical, Codes, Column, Floats, Numeric, Sample

WEIGHTS = (2.6, -2.1, 1.6, 1.0)
CORRELATION = 0.3
LEVELS = ("a", "b", "c", "d", "e")
CLASSES = ("0", "1")
N_TRAINING = 5_000
DEGREES_OF_FREEDOM = 1.5
HEAVY_SCALE = 0.5
_RIDGE = 1.0
_NEWTON_STEPS = 8
_LOGIT_LIMIT = 30.0
_SPARE = 4


@dataclass(frozen=True, slots=True)
class World:
    """How the rows of a batch come about.

    Attributes
    ----------
    shift
        What is added to the first features; features have a standard deviation of 1 (the heavy ones have none).
    scale
        What the first features are multiplied by, before the shift.
    correlation
        Of x0 and x1; the others' is 0.3 to the power of their distance.
    weight_1
        The labels' weight of x1.
    positives
        Share of label 1; None leaves it to the features.
    heavy
        Whether features are 0.5·t with 1.5 degrees of freedom instead of normal.
    mix
        Shares of the levels of a categorical feature without weight; empty for none.
    missing
        Share of missing values of x0.
    """

    shift: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    correlation: float = CORRELATION
    weight_1: float = WEIGHTS[1]
    positives: float | None = None
    heavy: bool = False
    mix: tuple[float, ...] = ()
    missing: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A logistic regression: weights of shape (d,) and an intercept; a missing value counts as 0."""

    weights: Floats
    intercept: float

    def scores(self, features: Floats) -> Floats:
        """Return P(label 1) for features of shape (d, n)."""
        return _logistic(self.weights @ np.nan_to_num(features) + self.intercept)


def train(rng: np.random.Generator, world: World, features: int) -> Model:
    """Fit a model to 5,000 rows by Newton's method, with a ridge of 1 that keeps 500 features in check."""
    inputs, labels = _draw_labelled(rng, world, N_TRAINING, features)
    design = np.vstack([np.nan_to_num(inputs), np.ones(N_TRAINING)])
    beta = np.zeros(features + 1)
    for _ in range(_NEWTON_STEPS):
        p = _logistic(beta @ design)
        gradient = design @ (labels - p) - _RIDGE * beta
        curvature = (design * (p * (1 - p))) @ design.T + _RIDGE * np.eye(beta.size)
        beta = beta + np.linalg.solve(curvature, gradient)
    return Model(beta[:-1], float(beta[-1]))


def sample(rng: np.random.Generator, world: World, model: Model, n: int) -> Sample:
    """Return n labelled rows of a world with the model's answers."""
    inputs, labels = _draw_labelled(rng, world, n, model.weights.size)
    positive = model.scores(inputs)
    columns: dict[str, Column] = {f"x{place}": Numeric(values) for place, values in enumerate(inputs)}
    if world.mix:
        columns["kind"] = _levels(rng, world.mix, n)
    return Sample(
        n=n,
        features=columns,
        classes=CLASSES,
        predicted=np.rint(positive),
        confidence=np.maximum(positive, 1 - positive),
        labels=labels,
        scores=np.column_stack([1 - positive, positive]),
    )


def _draw_labelled(rng: np.random.Generator, world: World, n: int, features: int) -> tuple[Floats, Floats]:
    """Return inputs (features, n) and labels (n,): 0.0 or 1.0."""
    inputs, labels = _draw_rows(rng, world, n if world.positives is None else _SPARE * n, features)
    if world.positives is not None:
        chosen = _choose(rng, labels, n, world.positives)
        inputs, labels = inputs[:, chosen], labels[chosen]
    if world.missing:
        inputs[0, rng.random(n) < world.missing] = np.nan
    return inputs, labels


def _draw_rows(rng: np.random.Generator, world: World, n: int, features: int) -> tuple[Floats, Floats]:
    inputs = _inputs(rng, world, n, features)
    weights = np.zeros(features)
    weights[: len(WEIGHTS)] = WEIGHTS
    weights[1] = world.weight_1
    labels = (rng.random(n) < _logistic(weights @ inputs)).astype(float)
    return inputs, labels


def _inputs(rng: np.random.Generator, world: World, n: int, features: int) -> Floats:
    inputs = rng.normal(size=(features, n))
    for place in range(1, features):
        rho = world.correlation if place == 1 else CORRELATION
        inputs[place] = rho * inputs[place - 1] + np.sqrt(1 - rho**2) * inputs[place]
    if world.heavy:
        spread = np.sqrt(rng.chisquare(DEGREES_OF_FREEDOM, size=(features, n)) / DEGREES_OF_FREEDOM)
        inputs *= HEAVY_SCALE / spread
    inputs[: len(world.scale)] *= np.array(world.scale)[:, None]
    inputs[: len(world.shift)] += np.array(world.shift)[:, None]
    return inputs


def _choose(rng: np.random.Generator, labels: Floats, n: int, positives: float) -> Codes:
    """Return n places of labels, of which a binomial number with that mean share are 1."""
    wanted = int(rng.binomial(n, positives))
    ones, zeros = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    return rng.permutation(np.concatenate([ones[:wanted], zeros[: n - wanted]]))


def _levels(rng: np.random.Generator, mix: tuple[float, ...], n: int) -> Categorical:
    levels = LEVELS[: len(mix)]
    return Categorical(rng.choice(len(mix), size=n, p=mix).astype(np.int64), levels)


def _logistic(logit: Floats) -> Floats:
    result: Floats = 1 / (1 + np.exp(-np.clip(logit, -_LOGIT_LIMIT, _LOGIT_LIMIT)))
    return result
