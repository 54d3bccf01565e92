"""Healthy samples of a made-up stream, deterministic in their seed."""

from collections.abc import Mapping

import numpy as np

from driftboard.monitors import Categorical, Column, Numeric, Sample
from driftboard.monitors.detector import Judgement
from driftboard.monitors.report import Report

CLASSES = ("ok", "late", "lost")
TOWNS = ("Oslo", "Bonn", "Nice")


def classified(n: int, *, seed: int = 0, right: float = 0.9, shift: float = 0.0) -> Sample:
    """Return a classification sample: two numeric features, one categorical, three classes."""
    rng = np.random.default_rng(seed)
    predicted = rng.choice(3, n, p=(0.5, 0.3, 0.2)).astype(np.float64)
    labels = np.where(rng.random(n) < right, predicted, (predicted + 1) % 3)
    features = {
        "temp": Numeric(rng.normal(20 + shift, 5, n)),
        "load": Numeric(rng.exponential(3, n)),
        "town": Categorical(rng.choice(3, n, p=(0.6, 0.3, 0.1)), TOWNS),
    }
    return Sample(n, features, "classification", CLASSES, predicted, rng.uniform(0.6, 1.0, n), labels)


def regressed(n: int, *, seed: int = 0, noise: float = 1.0, shift: float = 0.0) -> Sample:
    """Return a regression sample without features."""
    rng = np.random.default_rng(seed)
    predicted = rng.normal(10 + shift, 3, n)
    return Sample(n, {}, "regression", (), predicted, np.full(n, np.nan), predicted + rng.normal(0, noise, n))


def only(column: Column, name: str = "x") -> Sample:
    """Return a sample of one feature."""
    values = column.values if isinstance(column, Numeric) else column.codes
    return Sample(values.size, {name: column})


def predictions(n: int, shares: tuple[float, ...], *, seed: int = 0, classes: tuple[str, ...] = CLASSES) -> Sample:
    """Return a sample of nothing but predicted classes."""
    predicted = np.random.default_rng(seed).choice(len(shares), n, p=shares).astype(np.float64)
    return Sample(n, {}, "classification", classes, predicted)


def kinds(report: Report) -> Mapping[str, str]:
    """Return kind to verdict of a report's findings, the gravest of each kind."""
    return {each.kind: each.verdict.value for each in reversed(report.findings)}


def verdicts(judgement: Judgement) -> Mapping[str, str]:
    """Return monitor to verdict."""
    return {name: report.verdict.value for name, report in judgement.reports.items()}
