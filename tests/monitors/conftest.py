"""Samples to monitor: a healthy stream, deterministic in its seed."""

from collections.abc import Callable

import numpy as np
import pytest

from driftboard.monitors import Categorical, Numeric, Sample

SampleOf = Callable[..., Sample]


def classified(n: int, *, seed: int = 0, right: float = 0.9, shift: float = 0.0) -> Sample:
    """Return a classification sample: two numeric features, one categorical, three classes."""
    rng = np.random.default_rng(seed)
    predicted = rng.choice(3, n, p=(0.5, 0.3, 0.2)).astype(np.float64)
    labels = np.where(rng.random(n) < right, predicted, (predicted + 1) % 3)
    features = {
        "temp": Numeric(rng.normal(20 + shift, 5, n)),
        "load": Numeric(rng.exponential(3, n)),
        "town": Categorical(rng.choice(3, n, p=(0.6, 0.3, 0.1)), ("Oslo", "Bonn", "Nice")),
    }
    classes = ("ok", "late", "lost")
    return Sample(n, features, "classification", classes, predicted, rng.uniform(0.6, 1.0, n), labels)


def regressed(n: int, *, seed: int = 0, noise: float = 1.0, shift: float = 0.0) -> Sample:
    """Return a regression sample without features."""
    rng = np.random.default_rng(seed)
    predicted = rng.normal(10 + shift, 3, n)
    return Sample(n, {}, "regression", (), predicted, np.full(n, np.nan), predicted + rng.normal(0, noise, n))


@pytest.fixture
def classification_sample() -> SampleOf:
    """Return the maker of classification samples."""
    return classified


@pytest.fixture
def regression_sample() -> SampleOf:
    """Return the maker of regression samples."""
    return regressed
