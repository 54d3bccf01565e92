"""Services for the tests: minutes of requests, of predictions, and logs that hold them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from driftboard.config import Settings, load_settings
from driftboard.data import ModelKey, Store, register_model
from driftboard.data.catalog import Model
from driftboard.data.service import Stretch
from driftboard.data.service_counts import (
    CONFIDENCE_BOUNDS,
    LATENCY_BOUNDS,
    MINUTE,
    NOTHING,
    ServiceCounts,
    Source,
    add_counts,
    cell,
)
from tests.alerts.incidents import alert_settings

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
EVERY = timedelta(minutes=1)
CHURN = ModelKey("churn", "3")


def service_settings(**sections: Any) -> Settings:
    """Settings with two channels; sections are given as dictionaries."""
    return load_settings(**({"alerts": alert_settings().model_dump(exclude_unset=True)} | sections))


def asked(n: int, *, failed: int = 0, took: float = 0.2, slow: int = 0, slowly: float = 2.0) -> ServiceCounts:
    """So many requests of one prediction each; `slow` of them took long."""
    return ServiceCounts(
        success=n - failed,
        errors={"Timeout": failed} if failed else {},
        latency=_cells(LATENCY_BOUNDS, {took: n - slow, slowly: slow}) if n else (),
        latency_sum=(n - slow) * took + slow * slowly,
        rows_sum=n,
    )


def predicted(n: int, *, unsure: int = 0) -> ServiceCounts:
    """So many predictions; `unsure` of them had a confidence of 0.55."""
    cells = _cells(CONFIDENCE_BOUNDS, {0.97: n - unsure, 0.55: unsure})
    return ServiceCounts(success=n, confidence=cells if n else ())


def by_minute(counts: Iterable[ServiceCounts], *, begin: datetime = BEGIN) -> tuple[Stretch, ...]:
    """One minute after the other; those in which nothing happened are left out, as in a log."""
    stretches = (Stretch(begin + n * EVERY, MINUTE, each) for n, each in enumerate(counts))
    return tuple(each for each in stretches if each.counts != NOTHING)


def serve(
    store: Store, counts: Iterable[ServiceCounts], *, key: ModelKey = CHURN, source: Source = "requests",
    begin: datetime = BEGIN,
) -> Model:  # fmt: skip
    """Count minutes for a model in a log."""
    model = register_model(store, key)
    stretches = {(each.seconds, each.start): each.counts for each in by_minute(counts, begin=begin)}
    with store.write() as connection:
        add_counts(connection, model.model_id, source, stretches)
    return model


def _cells(bounds: tuple[float, ...], values: Mapping[float, int]) -> tuple[int, ...]:
    cells = [0] * (len(bounds) + 1)
    for value, n in values.items():
        cells[cell(bounds, value)] += n
    return tuple(cells)
