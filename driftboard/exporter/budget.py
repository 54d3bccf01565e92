"""How many series a model may have: whatever comes in, Prometheus never drops a scrape for its size."""

from dataclasses import dataclass

from driftboard.api_settings import MetricsSettings
from driftboard.data.service_counts import CONFIDENCE_BOUNDS, LATENCY_BOUNDS, ROWS_BOUNDS

MOST_SERIES = 500
"""Of one model under driftboard's own names; twice as many with aliases."""

ERROR_TYPES = 10
PROCESS_SERIES = 40
"""Of the processes of one model's service, cards included; the rest are added up."""

_HISTOGRAM = 3  # +Inf, _sum, _count
_ONE_EACH = 32
_SLO_SERIES = 8 * 4
_STATUSES, _MONITORS, _SEVERITIES = 3, 7, 3
_FIXED = (
    sum(len(bounds) + _HISTOGRAM for bounds in (LATENCY_BOUNDS, ROWS_BOUNDS, CONFIDENCE_BOUNDS))
    + (_ONE_EACH + _SLO_SERIES + _STATUSES + _MONITORS + _SEVERITIES + ERROR_TYPES + 1)
    + PROCESS_SERIES
)
_BY_FEATURE = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """How many features, classes and levels of segments are named; what is beyond is added up or left out."""

    features: int
    classes: int
    segments: int


def limits_of(settings: MetricsSettings) -> Limits:
    """Return as many as are asked for; of the features as many as there is room for.

    >>> limits_of(MetricsSettings())
    Limits(features=50, classes=20, segments=20)
    """
    left = MOST_SERIES - _FIXED - (settings.top_classes + 1) - settings.top_segments
    return Limits(min(settings.top_features, left // _BY_FEATURE), settings.top_classes, settings.top_segments)
