"""What `log()` costs its caller while the flusher writes, beside counting and observing with prometheus_client.

Rows of 5 features and 3 scores; a burst of calls from 1 and 4 threads, each call timed by itself, no row dropped.
In a burst threads wait for each other's turn of the interpreter after every `write(2)`; so the spool is also measured
at the pace of a busy service: 4 threads, a thousand calls a second each.
"""

import gc
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.rounds import publish, table
from driftboard.data import PredictionLogger

try:
    import prometheus_client
except ImportError:  # a baseline, nothing we depend on
    prometheus_client = None  # type: ignore[assignment]

CALLS = 20_000
PACED_CALLS = 2_000
ROUNDS = 5
THREADS = (1, 4)
FEATURES = {"f0": 0.1, "f1": 12.5, "f2": -3.25, "f3": 1e-3, "f4": 7.75}
SCORES = (0.1, 0.2, 0.7)
Call = Callable[[], object]


def main() -> None:
    """Measure, print, and write the figures where asked."""
    publish(measure(), __doc__)


def measure() -> dict[str, float]:
    """Measure, print the table, and return the figures by name."""
    measured: dict[str, dict[int, tuple[float, float]]] = {}
    names = ["log", "spooled"] + (["prometheus"] if prometheus_client else [])
    rounds: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        for name in names:
            for threads in THREADS:
                rounds.setdefault((name, threads), []).append(_measure(name, threads))
    for (name, threads), figures in rounds.items():
        p50, p99 = (statistics.median(each) for each in zip(*figures, strict=True))
        measured.setdefault(name, {})[threads] = (p50, p99)
    rows = [
        [name, str(threads), f"{p50:.2f}", f"{p99:.1f}"]
        for name, by_threads in measured.items()
        for threads, (p50, p99) in by_threads.items()
    ]
    print(table("microseconds a call (medians of 5 rounds)", ["", "threads", "p50", "p99"], rows))
    paced = [_measure("spooled", 4, calls=PACED_CALLS, pause=0.001) for _ in range(ROUNDS)]
    p50, p99 = (statistics.median(each) for each in zip(*paced, strict=True))
    return _named(measured) | {"spooled_paced_p50_us": p50, "spooled_paced_p99_us": p99}


def _named(measured: dict[str, dict[int, tuple[float, float]]]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, by_threads in measured.items():
        for threads, (p50, p99) in by_threads.items():
            suffix = "" if threads == 1 else f"_{threads}_threads"
            figures |= {f"{name}_p50_us{suffix}": p50, f"{name}_p99_us{suffix}": p99}
    return figures


def _measure(name: str, threads: int, *, calls: int = CALLS, pause: float = 0.0) -> tuple[float, float]:
    if name == "prometheus":
        return _percentiles(_prometheus_call(), threads, calls, pause)
    with tempfile.TemporaryDirectory() as folder:
        return _logger(Path(folder) / "log.sqlite", threads, calls, pause, spool=name == "spooled")


def _logger(path: Path, threads: int, calls: int, pause: float, *, spool: bool) -> tuple[float, float]:
    options = {"spool": spool, "max_rows": 10**7}
    with PredictionLogger(path, model="bench", classes=["a", "b", "c"], **options) as logger:  # type: ignore[arg-type]
        logger.log(FEATURES, "c", scores=SCORES)
        logger.flush()  # the store is open: from here on the flusher does nothing but write
        figures = _percentiles(lambda: logger.log(FEATURES, "c", scores=SCORES), threads, calls, pause)
        logger.flush(timeout=120)
        stats = logger.stats()
        if stats.accepted != calls * threads + 1 or (spool and stats.spool_failures):
            raise RuntimeError(f"not every row was written the way it was meant to be: {stats}")
    return figures


def _prometheus_call() -> Call:
    registry = prometheus_client.CollectorRegistry()
    counter = prometheus_client.Counter("predictions", "Predictions.", registry=registry)
    histogram = prometheus_client.Histogram("latency", "Latency.", registry=registry)

    def call() -> None:
        counter.inc()
        histogram.observe(0.012)

    return call


def _percentiles(call: Call, threads: int, calls: int, pause: float) -> tuple[float, float]:
    """Return p50 and p99 of all calls of all threads, in microseconds."""
    took: list[list[int]] = [[] for _ in range(threads)]
    workers = [threading.Thread(target=_time_calls, args=(call, mine, calls, pause)) for mine in took]
    gc.collect()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ordered = sorted(each for mine in took for each in mine)
    return ordered[len(ordered) // 2] / 1_000, ordered[int(len(ordered) * 0.99)] / 1_000


def _time_calls(call: Call, took: list[int], calls: int, pause: float) -> None:
    clock = time.perf_counter_ns
    for _ in range(calls):
        start = clock()
        call()
        took.append(clock() - start)
        if pause:
            time.sleep(pause)


if __name__ == "__main__":
    main()
