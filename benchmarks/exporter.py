"""How long a scrape of 50 models with 50 features takes, beside prometheus_client rendering as many samples it holds.

Every model has a month of counts by the hour and two days by the minute, service levels, a report of each kind, and
processes; a scrape comes every 15 seconds, and between two of them every model's counts change. The contestant holds
the same number of gauges in memory, reads no database, and renders them with `generate_latest`.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from benchmarks.rounds import alternate, publish
from benchmarks.scraped_log import NOW, add_model, counts_of
from driftboard.config import Settings
from driftboard.data import Store, open_store
from driftboard.data.catalog import Model
from driftboard.data.service_counts import MINUTE, add_counts
from driftboard.exporter import Exporter

MODELS = 50
SCRAPES = 9
PAUSE = timedelta(seconds=15)


def main() -> None:
    """Measure, print, and write the figures where asked."""
    publish(measure(), __doc__)


def measure() -> dict[str, float]:
    """Return the figures by name."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "log.sqlite") as store:
        models = [add_model(store, f"m{number:02}") for number in range(MODELS)]
        exporter = Exporter(store, Settings())
        began = time.perf_counter()
        page = exporter.scrape(NOW)
        first = time.perf_counter() - began
        for _ in models:  # a service that has run for some minutes: no model's levels are missing
            exporter.catch_up(NOW)
        n_samples = sum(not line.startswith(b"#") for line in page.splitlines())
        return {"samples": n_samples, "first_scrape_ms": 1e3 * first, "page_bytes": len(page)} | _compared(
            store, exporter, models, n_samples
        )


def _compared(store: Store, exporter: Exporter, models: list[Model], n_samples: int) -> dict[str, float]:
    scrapes, registry = _scrapes(store, exporter, models), _registry(n_samples)
    ours: list[float] = []
    work: list[float] = []

    def rendered() -> float:
        began = time.perf_counter()
        generate_latest(registry)
        return time.perf_counter() - began

    def scraped() -> float:
        took, worked = next(scrapes)
        ours.append(took)
        work.append(worked)
        return took

    found = alternate({"ours": scraped, "theirs": rendered}, SCRAPES)
    return {
        "scrape_ms": 1e3 * found["ours"],
        "scrape_cpu_ms": 1e3 * statistics.median(work),
        "scrape_slowest_ms": 1e3 * max(ours),
        "generate_latest_ms": 1e3 * found["theirs"],
        "scrape_to_generate_latest": found["ours"] / found["theirs"],
        "scrape_spread": statistics.pstdev(ours) / statistics.mean(ours),
    }


def _scrapes(store: Store, exporter: Exporter, models: list[Model]) -> Iterator[tuple[float, float]]:
    """Yield how long each scrape takes, and how much of that the processor worked for it, in seconds."""
    now = NOW
    while True:
        now += PAUSE
        with store.write() as connection:
            for model in models:
                add_counts(connection, model.model_id, "requests", {(MINUTE, now.replace(second=0)): counts_of(3)})
        began, worked = time.perf_counter(), time.thread_time()
        exporter.scrape(now)
        figures = time.perf_counter() - began, time.thread_time() - worked
        exporter.catch_up(now)  # as the API does once the answer has gone out
        yield figures


def _registry(n_samples: int) -> CollectorRegistry:
    """Gauges by model, version, environment and feature: as many samples as our page has."""
    registry = CollectorRegistry()
    names = ("model", "version", "environment", "feature")
    gauges = [Gauge(f"feature_{number}_score", "A score.", names, registry=registry) for number in range(50)]
    for number in range(n_samples):
        place = number // len(gauges)
        gauges[number % len(gauges)].labels(f"m{place % MODELS}", "1", "production", f"f{place}").set(number / 7)
    return registry


if __name__ == "__main__":
    main()
