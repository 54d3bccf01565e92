"""Errors in the order they happened, over a look-back window: did they rise, and when? Information, never a page.

Nothing is kept between calls: the detectors are run from the start of the window each time, so what they say is a
function of what is stored, after a restart as before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from driftboard.monitors.detectors import DETECTORS, Detector
from driftboard.monitors.finding import Finding
from driftboard.monitors.sample import Codes, Floats
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.wording import count, named

MOST_BATCHES = 16
"""Batches of a window at the most, the newest."""

MOST_ROWS = 1_000
"""Labelled rows of a batch at the most, its first."""

_LEAST_ROWS = 30
_LARGE = 0.8  # the share of a regression window's errors that are not large


@dataclass(frozen=True, slots=True)
class SequentialResult:
    """What one detector says: whether it alarmed, after how many rows of the window, and in which batch."""

    detector: Detector
    fired: bool
    batch_id: str | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class SequentialReport:
    """The detectors over the labelled outcomes of a look-back window.

    Attributes
    ----------
    verdict, message
        `info` when one alarmed, and the sentence that says so.
    n, batches
        Labelled rows looked at, and batches with any.
    results
        One for each detector; empty where there are too few rows.
    large_error
        Regression only: the absolute error above which an outcome counts as wrong, the window's 80 % point.
    """

    verdict: Verdict
    message: str
    n: int
    batches: int
    results: tuple[SequentialResult, ...] = ()
    large_error: float | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is worth a word: nothing that pages."""
        if self.verdict is not Verdict.INFO:
            return ()
        return (Finding(self.verdict, self.message.removesuffix("."), "sequential"),)


def sequential_report(
    errors: Sequence[Floats], names: Sequence[str], *, task: Literal["classification", "regression"] = "classification"
) -> SequentialReport:
    """Return what the detectors say of errors that rose; never raises for what the batches hold or lack.

    Their limits are such that of windows of 16 batches of 200 without a change at most 1 in 100 has any alarm. An error
    that falls is no alarm.

    Parameters
    ----------
    errors
        One array a batch, oldest first: 0 or 1 (wrong) for classification, absolute errors for regression; NaN where
        no label has arrived.
    names
        Batch ids, one for each array.
    task
        How to read the errors. Regression's are cut at their own 80 % point, which needs no scale and no shape.

    >>> calm, poor = np.tile([0.0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 60), np.tile([0.0, 1.0], 100)
    >>> sequential_report([calm, poor], ["Monday", "Tuesday"]).results[0]
    SequentialResult(detector='ADWIN', fired=True, batch_id='Tuesday', rows=640)
    """
    labelled = [(name, _arrived(each)) for name, each in zip(names, errors, strict=False)][-MOST_BATCHES:]
    batches = [(name, values) for name, values in labelled if values.size]
    pooled = np.concatenate([np.empty(0), *(values for _, values in batches)])
    if pooled.size < _LEAST_ROWS:
        return _too_few(pooled.size, len(batches))
    limit = float(np.quantile(pooled, _LARGE, method="lower")) if task == "regression" else 0.0
    wrong = (pooled > limit).astype(np.int64)
    ends = np.cumsum([values.size for _, values in batches])
    results = tuple(_run(detector, wrong, ends, [name for name, _ in batches]) for detector in DETECTORS)
    return SequentialReport(
        verdict=Verdict.INFO if any(result.fired for result in results) else Verdict.OK,
        message=_sentence(results, wrong.size, len(batches)),
        n=wrong.size,
        batches=len(batches),
        results=results,
        large_error=limit if task == "regression" and np.isfinite(limit) else None,
    )


def _arrived(errors: Floats) -> Floats:
    arrived: Floats = errors[~np.isnan(errors)][:MOST_ROWS]
    return arrived


def _run(detector: Detector, wrong: Codes, ends: Codes, names: list[str]) -> SequentialResult:
    rate = float(wrong.mean())
    row = DETECTORS[detector](wrong.tolist(), rate) if 0 < rate < 1 else None
    if row is None:
        return SequentialResult(detector, fired=False)
    return SequentialResult(detector, fired=True, batch_id=names[int(np.searchsorted(ends, row))], rows=row)


def _too_few(n: int, batches: int) -> SequentialReport:
    if n == 0:
        return SequentialReport(Verdict.NO_DATA, "no labels have arrived in this window.", 0, 0)
    more = f"{_LEAST_ROWS - n} more needed"
    text = f"{count(n, 'labelled row')} {'is' if n == 1 else 'are'} too few to follow the errors: {more}."
    return SequentialReport(Verdict.INSUFFICIENT, text, n, batches)


def _sentence(results: Sequence[SequentialResult], n: int, batches: int) -> str:
    window = f"{count(n, 'labelled row')} of {batches} batch{'es' * (batches != 1)}"
    alarms = [
        f"{each.detector} in batch {named(each.batch_id or '')} after {count(each.rows or 0, 'row')}"
        for each in results
        if each.fired
    ]
    if not alarms:
        return f"the errors did not rise over {window}."
    return f"the errors rose within {window}: {', '.join(alarms)}."
