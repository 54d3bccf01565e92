"""A model's bench: the detectors fitted on its reference, kept from one batch to the next."""

from typing import Literal

import numpy as np
import orjson

from driftboard.data.references import Reference
from driftboard.monitor_settings import MonitorSettings
from driftboard.monitors import CalibratedPolicy, ClassicPolicy, Detector, MultivariateMonitor, Sample
from driftboard.monitors.baseline import row_slice
from driftboard.reference_groups import Codes, Rhythm, reference_groups
from driftboard.samples import as_reference_sample
from driftboard.seasons import season_codes

LEAST_ROWS = 500
"""A season with fewer rows of reference is compared with the whole reference."""

_MOST_DETECTORS = 200  # a week has 168 hours


class Bench:
    """What one model's batches are judged with.

    Attributes
    ----------
    reference_id
        The reference it was fitted on.
    """

    def __init__(self, reference: Reference, settings: MonitorSettings) -> None:
        rows = reference.rows
        self.reference_id = reference.reference_id
        self._settings = settings
        self._sample = as_reference_sample(rows, segments=settings.segments)
        self._at: Codes = rows.predicted_at if len(rows) else np.empty(0, dtype=np.int64)
        self._seasons = season_codes(settings.season, self._at)
        self._detectors: dict[tuple[int, Rhythm | None], Detector] = {}
        self._multivariate: MultivariateMonitor | None = None

    @property
    def task(self) -> Literal["classification", "regression"]:
        """What the model predicts."""
        return self._sample.task

    def layout(self, season: int) -> str:
        """Return what the profiles of a season count: those of one layout and one reference add up."""
        kind = [self._settings.season, season, sorted(set(self._settings.segments))]
        return orjson.dumps(kind).decode()

    def detector(self, season: int, rhythm: Rhythm | None, alpha: float) -> Detector:
        """Return the detector of a season, fitted when it is first asked for.

        Parameters
        ----------
        season
            See `driftboard.seasons`.
        rhythm
            How the model's batches cut time; None where that is not known.
        alpha
            Chance of a false page that a batch may have.
        """
        key = (season, rhythm)
        if key not in self._detectors:
            while len(self._detectors) >= _MOST_DETECTORS:
                del self._detectors[next(iter(self._detectors))]
            self._detectors[key] = self._fit(season, rhythm)
        return self._detectors[key].under(policy_of(self._settings, alpha))

    def multivariate(self) -> MultivariateMonitor:
        """Return the monitor of all features together."""
        if self._multivariate is None:
            self._multivariate = MultivariateMonitor(self._sample)
        return self._multivariate

    def _fit(self, season: int, rhythm: Rhythm | None) -> Detector:
        sample, at = self._of_season(season)
        groups = None if rhythm is None else reference_groups(at, rhythm)
        return Detector(sample, groups=groups)

    def _of_season(self, season: int) -> tuple[Sample, Codes]:
        rows = np.flatnonzero(self._seasons == season)
        if rows.size in range(LEAST_ROWS, self._sample.n):
            return row_slice(self._sample, rows), self._at[rows]
        return self._sample, self._at


def policy_of(settings: MonitorSettings, alpha: float) -> CalibratedPolicy | ClassicPolicy:
    """Return the policy that is configured."""
    if settings.policy == "classic":
        return ClassicPolicy(**settings.classic.model_dump())
    return CalibratedPolicy(alpha=alpha, page_on=settings.page_on, min_labels=settings.min_labels)
