"""Streams with a known truth for judging estimates without labels: a scorer that is badly calibrated, and a regression.

Both drift in their inputs only (P(y|x) never changes), so what CBPE and DLE promise to estimate does move.
"""

import numpy as np

from driftboard.monitors import Floats, Numeric, Sample

CHUNK = 200
WAVES = 3.0
CLASSES = ("0", "1")


def draw_scored(seed: int, n: int) -> tuple[Sample, Sample]:
    """Return a labelled reference of n rows and a labelled stream of 2n rows of a binary scorer.

    x0, x1 ~ N(0, 1); the logit of P(y = 1|x) is 1.5·x0 - x1 + 0.5. The model is overconfident: the logit of its score
    is 1.6 times that, plus 0.3. In the stream x0 is scaled by 1 + 0.6·sin(2π·3·t), t from 0 to 1: easy and hard
    stretches alternate.

    >>> reference, stream = draw_scored(7, 1000)
    >>> reference.n, stream.n, round(float((reference.predicted == reference.labels).mean()), 3)
    (1000, 2000, 0.764)
    """
    rng = np.random.default_rng([1, seed])
    return _scored(rng, np.ones(n)), _scored(rng, _wave(2 * n))


def draw_valued(seed: int, n: int) -> tuple[Sample, Sample]:
    """Return a labelled reference of n rows and a labelled stream of 2n rows of a regression.

    x0, x1, x2 ~ N(0, 1); y = 2·x0 + sin(2·x1) + (0.3 + 0.4·|x2|)·ε with ε ~ N(0, 1), and the model says 2·x0 + 0.8·x1.
    In the stream x1 and x2 are scaled by 1 + 0.6·sin(2π·3·t): both its bias and the noise move with the inputs.

    >>> reference, stream = draw_valued(7, 1000)
    >>> round(float(np.abs(reference.predicted - reference.labels).mean()), 3)
    0.793
    """
    rng = np.random.default_rng([2, seed])
    return _valued(rng, np.ones(n)), _valued(rng, _wave(2 * n))


def _wave(n: int) -> Floats:
    wave: Floats = 1 + 0.6 * np.sin(2 * np.pi * WAVES * np.arange(n) / n)
    return wave


def _scored(rng: np.random.Generator, scale: Floats) -> Sample:
    x0, x1 = rng.normal(size=(2, scale.size))
    x0 *= scale
    logit = 1.5 * x0 - x1 + 0.5
    labels = (rng.random(scale.size) < 1 / (1 + np.exp(-logit))).astype(float)
    score = 1 / (1 + np.exp(-1.6 * logit - 0.3))
    return Sample(
        n=scale.size,
        features={"x0": Numeric(x0), "x1": Numeric(x1)},
        classes=CLASSES,
        predicted=(score >= 0.5).astype(float),  # noqa: PLR2004 - the middle
        confidence=np.maximum(score, 1 - score),
        labels=labels,
        scores=np.column_stack([1 - score, score]),
    )


def _valued(rng: np.random.Generator, scale: Floats) -> Sample:
    x0, x1, x2, noise = rng.normal(size=(4, scale.size))
    x1, x2 = x1 * scale, x2 * scale
    return Sample(
        n=scale.size,
        features={"x0": Numeric(x0), "x1": Numeric(x1), "x2": Numeric(x2)},
        task="regression",
        predicted=2 * x0 + 0.8 * x1,
        labels=2 * x0 + np.sin(2 * x1) + (0.3 + 0.4 * np.abs(x2)) * noise,
    )
