"""The tutorial's four streams: deterministic in (name, seed), numpy only.

Three classes in five dimensions with unit noise; class means drawn from N(0, 3²). The model knows the reference's
class means: the nearest one is its answer, the softmax of the negative distances its scores. 1,000 reference rows,
then 15 batches of 200; something changes at batch 5.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Scenario = Literal["stable", "abrupt", "gradual", "label_shift"]
SCENARIOS: tuple[Scenario, ...] = get_args(Scenario)

SEED = 42
CLASSES = (0, 1, 2)
N_FEATURES = 5
N_REFERENCE = 1_000
N_BATCHES = 15
BATCH_SIZE = 200
CHANGE_AT = 5
RAMP = (4, 9)
SHIFT = 2.0
PRIORS = (0.34, 0.33, 0.33)
SHIFTED_PRIORS = (0.70, 0.15, 0.15)

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """Some rows of a stream, with the model's answers and the truth.

    Attributes
    ----------
    features
        Shape (n, 5).
    scores
        Shape (n, 3): one for each of `CLASSES`.
    predicted, labels
        Shape (n,): classes.
    """

    features: Floats
    scores: Floats
    predicted: Codes
    labels: Codes

    def columns(self) -> dict[str, Floats]:
        """Return feature name to values."""
        return {f"x{position}": self.features[:, position] for position in range(N_FEATURES)}


def draw_stream(name: Scenario, *, seed: int = SEED) -> tuple[Draw, tuple[Draw, ...]]:
    """Return the reference and the batches of one scenario.

    All four start from the same random numbers, so they share class means and reference, and differ only in what
    is done to them.

    >>> reference, batches = draw_stream("abrupt")
    >>> len(reference.labels), len(batches), len(batches[0].labels)
    (1000, 15, 200)
    """
    rng = np.random.default_rng(seed)
    means = rng.normal(0.0, 3.0, size=(len(CLASSES), N_FEATURES))
    reference = _draw(rng, means, n=N_REFERENCE, priors=PRIORS, shift=0.0)
    return reference, tuple(_batches(rng, means, name))


def shift_at(name: Scenario, batch: int) -> float:
    """Return what is added to every class mean in a batch.

    >>> [shift_at("gradual", batch) for batch in (4, 5, 9, 14)]
    [0.0, 0.4, 2.0, 2.0]
    """
    if name == "abrupt":
        return SHIFT if batch >= CHANGE_AT else 0.0
    if name == "gradual":
        first, last = RAMP
        return SHIFT * float(np.clip((batch - first) / (last - first), 0.0, 1.0))
    return 0.0


def priors_at(name: Scenario, batch: int) -> tuple[float, ...]:
    """Return the class priors of a batch.

    >>> priors_at("label_shift", 4), priors_at("label_shift", 5)
    ((0.34, 0.33, 0.33), (0.7, 0.15, 0.15))
    """
    return SHIFTED_PRIORS if name == "label_shift" and batch >= CHANGE_AT else PRIORS


def _batches(rng: np.random.Generator, means: Floats, name: Scenario) -> Iterator[Draw]:
    for batch in range(N_BATCHES):
        yield _draw(rng, means, n=BATCH_SIZE, priors=priors_at(name, batch), shift=shift_at(name, batch))


def _draw(rng: np.random.Generator, means: Floats, *, n: int, priors: tuple[float, ...], shift: float) -> Draw:
    labels = rng.choice(len(CLASSES), size=n, p=priors)
    features = means[labels] + shift + rng.normal(size=(n, N_FEATURES))
    scores = _softmax_of_distances(features, means)
    return Draw(features, scores, scores.argmax(axis=1), labels)


def _softmax_of_distances(features: Floats, means: Floats) -> Floats:
    distances = np.linalg.norm(features[:, None, :] - means[None, :, :], axis=2)
    weights = np.exp(distances.min(axis=1, keepdims=True) - distances)
    scores: Floats = weights / weights.sum(axis=1, keepdims=True)
    return scores
