"""Detectors of an error rate that rises: ADWIN, DDM and Page-Hinkley, as river has them, with limits of our own.

Each takes the outcomes of a window in order (0 right, 1 wrong) and their mean, strictly between 0 and 1, and returns
after how many rows it alarmed, or None. Over 3,200 rows without a change, fewer than 1 window in 200 has an alarm of
any of them, at error rates of 0.03, 0.1 and 0.3 alike; with river's own limits DDM alone alarms in 44 of 100 at 0.1.
"""

from collections.abc import Callable, Mapping, Sequence
from math import ceil, sqrt
from types import MappingProxyType
from typing import Literal, Protocol

Detector = Literal["ADWIN", "DDM", "Page-Hinkley"]


class _Watcher(Protocol):
    """What river's detectors do."""

    @property
    def drift_detected(self) -> bool: ...

    def update(self, x: int, /) -> None: ...


_ADWIN_DELTA = 0.01
_DDM_THRESHOLD = 4.5  # standard deviations above the lowest rate seen
_LEAST_ROWS = 30
_DDM_LEAST_ERRORS = 50  # 30 rows hold 3 errors at a rate of 0.1, and the lowest rate is then luck
_DRIFT, _LIMIT = 0.08, 65.0  # Page-Hinkley's, in standard deviations of one outcome


def adwin(outcomes: Sequence[int], _rate: float) -> int | None:
    """Adaptive windowing: whether two parts of the rows differ in their mean, at any cut; only a rise is an alarm.

    Source: A. Bifet and R. Gavaldà, SIAM International Conference on Data Mining (2007), 443.

    >>> adwin([0] * 500 + [1] * 500, 0.5)
    512
    """
    from river.drift import ADWIN  # noqa: PLC0415 - half a second that only a worker needs to spend

    detector = ADWIN(delta=_ADWIN_DELTA)  # type: ignore[no-untyped-call]  # river types its others
    for row, wrong in enumerate(outcomes, start=1):
        before = detector.estimation
        detector.update(wrong)  # type: ignore[no-untyped-call]
        if detector.drift_detected and detector.estimation > before:
            return row
    return None


def ddm(outcomes: Sequence[int], rate: float) -> int | None:
    """Drift detection method: whether the error rate so far is far above the lowest it has been.

    Source: J. Gama, P. Medas, G. Castillo and P. Rodrigues, Learning with Drift Detection, SBIA (2004), 286.

    >>> ddm([0, 0, 0, 1], 0.25), ddm(([0] * 9 + [1]) * 100 + [1] * 100, 0.18)
    (None, 1036)
    """
    from river.drift.binary import DDM  # noqa: PLC0415

    warm_up = max(_LEAST_ROWS, ceil(_DDM_LEAST_ERRORS / rate))
    return _first_alarm(DDM(warm_start=warm_up, drift_threshold=_DDM_THRESHOLD), outcomes)


def page_hinkley(outcomes: Sequence[int], rate: float) -> int | None:
    """Page-Hinkley: whether the outcomes have summed up to far more than their mean so far; nothing is forgotten.

    Source: E. S. Page, Biometrika 41 (1954), 100.

    >>> page_hinkley(([0] * 9 + [1]) * 100 + [1] * 100, 0.18)
    1029
    """
    from river.drift import PageHinkley  # noqa: PLC0415

    spread = sqrt(rate * (1 - rate))
    detector = PageHinkley(
        min_instances=_LEAST_ROWS, delta=_DRIFT * spread, threshold=_LIMIT * spread, alpha=1.0, mode="up"
    )
    return _first_alarm(detector, outcomes)


DETECTORS: Mapping[Detector, Callable[[Sequence[int], float], int | None]] = MappingProxyType(
    {"ADWIN": adwin, "DDM": ddm, "Page-Hinkley": page_hinkley}
)


def _first_alarm(detector: _Watcher, outcomes: Sequence[int]) -> int | None:
    for row, wrong in enumerate(outcomes, start=1):
        detector.update(wrong)
        if detector.drift_detected:
            return row
    return None
