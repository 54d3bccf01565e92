"""What watching costs a request: the decorator beside prometheus_client's counter and histogram, the middleware alone.

A function that returns at once, called with a mapping of 5 features: bare, and decorated in each way; what a way adds
is its median call less the bare one's. Every way in each round, in turn; the median of the rounds. The middleware is
put before an ASGI application that answers at once, called in this process without a server. The meter writes as ever.
"""

import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from pathlib import Path
from typing import Any

from benchmarks.rounds import publish, table
from driftboard.instrument import Instrument
from driftboard.instrument.asgi import RequestMiddleware

try:
    import prometheus_client
except ImportError:  # a baseline, nothing we depend on
    prometheus_client = None  # type: ignore[assignment]

ROUNDS = 7
CALLS = 5_000
REQUESTS = 2_000
CUSTOMER = {"f0": 0.1, "f1": 12.5, "f2": -3.25, "f3": 1e-3, "f4": 7.75}
BODY = b'{"prediction": "yes"}'
SCOPE = {"type": "http", "method": "POST", "path": "/predict", "headers": []}
Predict = Callable[[dict[str, float]], str]


def main() -> None:
    """Measure, print, and write the figures where asked."""
    publish(measure(), __doc__)


def measure() -> dict[str, float]:
    """Measure, print the tables, and return the figures by name."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        ways = _ways(Path(folder), stack)
        calls = _medians({name: lambda way=way: _call(way) for name, way in ways.items()})  # type: ignore[misc]
        apps = {
            "bare": _answer,
            "middleware": RequestMiddleware(_answer, _instrument(stack, folder, "asgi", log=False)),
        }
        requests = _medians({name: lambda app=app: asyncio.run(_ask(app)) for name, app in apps.items()})  # type: ignore[misc]
    figures = {f"decorator_{name}_adds_us": took - calls["bare"] for name, took in calls.items() if name != "bare"}
    figures["middleware_adds_us"] = requests["middleware"] - requests["bare"]
    baseline = figures.get("decorator_prometheus_adds_us")
    rows = [[name, f"{took:.2f}", f"{took - calls['bare']:.2f}", _ratio(took - calls["bare"], baseline)]
            for name, took in calls.items()]  # fmt: skip
    print(table("microseconds a call (p50, medians of the rounds)", ["", "p50", "adds", "of prometheus"], rows))
    print(table("microseconds a request", ["", "p50"], [[name, f"{took:.2f}"] for name, took in requests.items()]))
    if baseline:
        figures |= {f"decorator_{name}_ratio": figures[f"decorator_{name}_adds_us"] / baseline
                    for name in ("counting", "memory", "spooled")}  # fmt: skip
    return figures


def _ways(folder: Path, stack: ExitStack) -> dict[str, Predict]:
    ways: dict[str, Predict] = {"bare": predict}
    if prometheus_client:
        ways["prometheus"] = _prometheus(predict)
    for name, options in {"counting": {"log": False}, "memory": {"spool": False}, "spooled": {"spool": True}}.items():
        ways[name] = _instrument(stack, folder, name, **options).predicts(predict)
    return ways


def predict(customer: dict[str, float]) -> str:
    """Return at once."""
    return "yes" if customer["f1"] > 1 else "no"


async def _answer(scope: Any, receive: Any, send: Any) -> None:
    del scope, receive
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": BODY})


def _instrument(stack: ExitStack, folder: Path | str, name: str, **options: bool) -> Instrument:
    return stack.enter_context(Instrument(Path(folder) / f"{name}.sqlite", model="bench", **options))  # type: ignore[arg-type]


def _prometheus(function: Predict) -> Predict:
    registry = prometheus_client.CollectorRegistry()
    counter = prometheus_client.Counter("requests", "Requests.", registry=registry)
    histogram = prometheus_client.Histogram("seconds", "Duration.", registry=registry)

    @wraps(function)
    def watched(customer: dict[str, float]) -> str:
        start = time.perf_counter()
        answer = function(customer)
        histogram.observe(time.perf_counter() - start)
        counter.inc()
        return answer

    return watched


def _call(way: Predict) -> list[int]:
    clock = time.perf_counter_ns
    took = []
    for _ in range(CALLS):
        start = clock()
        way(CUSTOMER)
        took.append(clock() - start)
    return took


async def _ask(app: Any) -> list[int]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}"}

    async def send(_: Any) -> None:
        pass

    clock = time.perf_counter_ns
    took = []
    for _ in range(REQUESTS):
        start = clock()
        await app(SCOPE, receive, send)
        took.append(clock() - start)
    return took


def _medians(ways: dict[str, Callable[[], list[int]]]) -> dict[str, float]:
    """Return the median of each way's medians, in microseconds."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            gc.collect()
            found[name].append(statistics.median(way()) / 1_000)
    return {name: statistics.median(each) for name, each in found.items()}


def _ratio(adds: float, baseline: float | None) -> str:
    return "" if not baseline or not adds else f"{adds / baseline:.2f}"


if __name__ == "__main__":
    main()
