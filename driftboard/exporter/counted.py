"""What was counted of a model's service since the beginning: requests, durations, predictions, confidence."""

from collections.abc import Mapping

from driftboard.data.service_counts import CONFIDENCE_BOUNDS, LATENCY_BOUNDS, OTHER, ROWS_BOUNDS, ServiceCounts
from driftboard.exporter import families
from driftboard.exporter.budget import ERROR_TYPES
from driftboard.exporter.samples import Samples


def add_requests(samples: Samples, counts: ServiceCounts) -> None:
    """Add what became of the requests."""
    samples.add(families.REQUESTS, counts.success, "success")
    samples.add(families.REQUESTS, counts.failed, "error")
    samples.add(families.REQUESTS, counts.rejected, "rejected")
    for kind, n in named_first(counts.errors, ERROR_TYPES).items():
        samples.add(families.ERRORS, n, kind)
    samples.add_histogram(families.DURATION, LATENCY_BOUNDS, counts.latency, counts.latency_sum)
    samples.add_histogram(families.ROWS, ROWS_BOUNDS, counts.rows, counts.rows_sum)


def add_predictions(samples: Samples, counts: ServiceCounts, *, classes: int, unsure: float) -> None:
    """Add what was predicted.

    Parameters
    ----------
    classes
        So many are named.
    unsure
        At most so sure is unsure.
    """
    for name, n in named_first(counts.classes, classes).items():
        samples.add(families.PREDICTIONS, n, name)
    samples.add_histogram(families.CONFIDENCE, CONFIDENCE_BOUNDS, counts.confidence, counts.confidence_sum)
    if counts.confidence:
        samples.add(families.LOW_CONFIDENCE, counts.unsure(unsure))


def named_first(counts: Mapping[str, int], most: int) -> dict[str, int]:
    """Return the counts of the names that were met first, and of all others together.

    Not the largest ones: whichever those are changes, and a counter that moved to and from `other` would go down.

    >>> named_first({"early": 5, "late": 2, "never": 1}, 2)
    {'early': 5, 'late': 2, 'other': 1}
    """
    names = [name for name in counts if name != OTHER][:most]
    named = {name: counts[name] for name in names}
    rest = sum(counts.values()) - sum(named.values())
    return named | {OTHER: rest} if rest else named
