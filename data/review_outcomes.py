"""How queued predictions turned out: what `monitors.sampled` estimates accuracy from."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from driftboard.data.catalog import Model


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """The labelled ones of the predictions that were queued.

    Attributes
    ----------
    probability
        Shape (n,): with which each got into the sample.
    outcome
        Shape (n,): classification: 1.0 right, 0.0 wrong; regression: the absolute error.
    queued
        How many were queued, labelled or not.
    """

    probability: NDArray[np.float64]
    outcome: NDArray[np.float64]
    queued: int


def sampled_outcomes(connection: Connection, model: Model, *, since: datetime, until: datetime) -> Sampled:
    """Return how the queued predictions of [since, until) turned out."""
    raise NotImplementedError
