"""How much a service can do, and what that costs: what throughput and cost are measured from.

A service cannot answer more than it is asked, so a quiet one breaks no promise of throughput. What counts is the
busiest stretch in which it did well: it proves that much. It is missed only where as much was asked as is promised,
and never done well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from driftboard.data.service import Service, Stretch
from driftboard.data.service_counts import LATENCY_BOUNDS, ServiceCounts
from driftboard.monitors.histogram import histogram_quantile
from driftboard.service_settings import Objectives

_HOUR = 3600
_SLOWEST_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Capacity:
    """Predictions a second in the busiest stretch: as many as were asked for, and as many as were done well."""

    asked: float
    done_well: float


def capacity(service: Service, objectives: Objectives) -> Capacity:
    """Return what the busiest minutes (hours, where counts are kept by the hour) prove."""
    rates = [(predictions(each.counts, service) / each.seconds, each.counts) for each in service.stretches]
    well = (rate for rate, counts in rates if _did_well(counts, objectives))
    return Capacity(max((rate for rate, _ in rates), default=0.0), max(well, default=0.0))


def predictions(counts: ServiceCounts, service: Service) -> int:
    """Return how many predictions were made; a request without a known number of them counts as one."""
    return (counts.rows_sum if service.source == "requests" else 0) or counts.success


def hours_with_traffic(stretches: Sequence[Stretch]) -> int:
    """Return in how many hours anything was asked."""
    return len({int(each.start.timestamp()) // _HOUR for each in stretches if each.counts.total})


def _did_well(counts: ServiceCounts, objectives: Objectives) -> bool:
    if objectives.error_rate is not None and counts.failed > objectives.error_rate * counts.total:
        return False
    slowest = histogram_quantile(_SLOWEST_SHARE, LATENCY_BOUNDS, counts.latency)
    return objectives.latency_p95 is None or slowest is None or slowest <= objectives.latency_p95
