"""Counts to store, and the way to store them."""

from datetime import UTC, datetime

from driftboard.data import ModelKey, Store, get_model
from driftboard.data.backend import hold_model
from driftboard.data.service_counts import LATENCY_BOUNDS, ServiceCounts, Source, add_counts, cell, slot

NOW = datetime(2026, 3, 10, 12, 30, 40, tzinfo=UTC)


def some(success: int = 1, *, errors: dict[str, int] | None = None, seconds: float = 0.1) -> ServiceCounts:
    """Requests that all took the same time."""
    n = success + sum((errors or {}).values())
    latency = [0] * (len(LATENCY_BOUNDS) + 1)
    latency[cell(LATENCY_BOUNDS, seconds)] = n
    return ServiceCounts(success=success, errors=errors or {}, latency=tuple(latency), latency_sum=n * seconds)


def tell(
    store: Store, key: ModelKey, *told: tuple[datetime, ServiceCounts], source: Source = "requests", now: datetime = NOW
) -> int:
    """Count what happened when; the model's id."""
    with store.write() as connection:
        model_id = get_model(connection, key).model_id
        hold_model(connection, model_id)
        for at, counts in told:
            add_counts(connection, model_id, source, {slot(at, now=now): counts})
    return model_id
