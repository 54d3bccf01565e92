"""A service's counts as frames for charts and tables: a row for each step, and status, quantile or class; no I/O.

Every frame has `at`, `end` and `when`, the time as text.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from driftboard.dashboard.service_steps import Step
from driftboard.dashboard.text import plain, stamp
from driftboard.data.service_counts import LATENCY_BOUNDS, ROWS_BOUNDS, ServiceCounts
from driftboard.monitors.histogram import histogram_quantile
from driftboard.monitors.wilson import wilson

STATUSES = {"success": "Answered", "error": "Failed", "rejected": "Rejected"}
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
OTHERS = "other classes"
_TIMES = ("at", "end", "when")


def requests(found: Sequence[Step]) -> pd.DataFrame:
    """Return a row for each step and status: requests a second, with where its part of a stacked bar is."""
    rows = []
    for step in found:
        counts = step.counts
        given = {"success": counts.success, "error": counts.failed, "rejected": counts.rejected}
        rows += _stacked(step, {STATUSES[name]: count for name, count in given.items()}, per=step.seconds)
    return _typed(rows, "name", "count", "value", "bottom", "top", "n")


def failures(found: Sequence[Step]) -> pd.DataFrame:
    """Return the share of failed requests of each step that had any, with Wilson's interval."""
    return _shares(found, lambda counts: (counts.failed, counts.total))


def unsure(found: Sequence[Step], confidence: float) -> pd.DataFrame:
    """Return the share of predictions with at most this confidence, of each step that had any."""
    return _shares(found, lambda counts: (counts.unsure(confidence), sum(counts.confidence)))


def latencies(found: Sequence[Step]) -> pd.DataFrame:
    """Return a row for each step and quantile: seconds, and how many requests were measured."""
    rows = [
        {**_times(step), "name": name, "seconds": latency_at(step.counts, share), "n": step.counts.measured}
        for step in found
        if step.counts.measured
        for name, share in QUANTILES.items()
    ]
    return _typed(rows, "name", "seconds", "n")


def request_rows(found: Sequence[Step]) -> pd.DataFrame:
    """Return how many predictions a request asked for, of each step that had any: the mean, and the 95th percentile."""
    rows = [
        {
            **_times(step),
            "mean": step.counts.rows_sum / n,
            "p95": histogram_quantile(QUANTILES["p95"], ROWS_BOUNDS, step.counts.rows),
            "n": n,
        }
        for step in found
        if (n := sum(step.counts.rows))
    ]
    return _typed(rows, "mean", "p95", "n")


def classes(found: Sequence[Step], *, most: int) -> pd.DataFrame:
    """Return a row for each step and predicted class, the rarest as one: its share, and where its bar is."""
    total: dict[str, int] = {}
    for step in found:
        for name, count in step.counts.classes.items():
            total[name] = total.get(name, 0) + count
    ranked = sorted(total, key=lambda name: -total[name])
    kept = ranked if len(ranked) <= most else ranked[: most - 1]
    rows = []
    for step in found:
        if n := sum(step.counts.classes.values()):
            parts = {plain(name): step.counts.classes.get(name, 0) for name in kept}
            rest = n - sum(parts.values())
            rows += _stacked(step, parts | ({OTHERS: rest} if rest else {}), per=n)
    return _typed(rows, "name", "count", "value", "bottom", "top", "n")


def predictions(found: Sequence[Step]) -> pd.DataFrame:
    """Return the predictions of each step a second."""
    rows = [
        {**_times(step), "name": "Predictions", "count": n, "value": n / step.seconds, "bottom": 0.0,
         "top": n / step.seconds, "n": n}
        for step in found
        for n in [sum(step.counts.classes.values())]
    ]  # fmt: skip
    return _typed(rows, "name", "count", "value", "bottom", "top", "n")


def error_types(total: ServiceCounts) -> pd.DataFrame:
    """Return the kinds of errors, the most frequent first, with their share of all requests and its interval."""
    rows = []
    for name, count in sorted(total.errors.items(), key=lambda each: (-each[1], each[0])):
        interval = wilson(count, total.total)
        rows.append((plain(name), count, count / max(total.total, 1), interval.low, interval.high))
    return pd.DataFrame(rows, columns=["Error", "Requests", "Share", "95 % from", "to"])


def latency_at(counts: ServiceCounts, share: float) -> float | None:
    """Return the seconds that this share of the measured requests took at most; None where none was measured."""
    return histogram_quantile(share, LATENCY_BOUNDS, counts.latency) if counts.measured else None


def _shares(found: Sequence[Step], of: Any) -> pd.DataFrame:
    rows = []
    for step in found:
        k, n = of(step.counts)
        if n:
            interval = wilson(k, n)
            rows.append({**_times(step), "share": k / n, "low": interval.low, "high": interval.high, "k": k, "n": n})
    return _typed(rows, "share", "low", "high", "k", "n")


def _stacked(step: Step, parts: Mapping[str, int], *, per: float) -> list[dict[str, Any]]:
    rows, top, n = [], 0.0, sum(parts.values())
    for name, count in parts.items():
        value = count / per
        rows.append(
            {**_times(step), "name": name, "count": count, "value": value, "bottom": top, "top": top + value, "n": n}
        )
        top += value
    return rows


def _times(step: Step) -> dict[str, Any]:
    return {"at": step.at, "end": step.end, "when": stamp(step.at)}


def _typed(rows: list[dict[str, Any]], *columns: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[*_TIMES, *columns])
    for name in ("at", "end"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame
