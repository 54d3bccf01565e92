"""Reports as frames for charts and tables: what the frames of all pages share; no I/O.

Every frame has `batch`, its times `at` and `end` (where the next batch begins: a mark's width on a time axis) and
`when`, the time as text.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pandas as pd

from driftboard.dashboard.text import stamp
from driftboard.data.reports import StoredReport
from driftboard.monitors.finding import Evidence
from driftboard.monitors.interval import Interval
from driftboard.monitors.report import Report, Test

History = Sequence[tuple[StoredReport, Report]]

MONITORS = {
    "feature": "Features",
    "relations": "Relations",
    "quality": "Data quality",
    "prediction": "Predictions",
    "performance": "Performance",
}
"""The monitors that judge; what the others say is information, and never a page."""

_WIDEST_GAP = 1.5
_ALONE = pd.Timedelta(days=1)


def verdicts(rows: Iterable[tuple[str, datetime, str, str]]) -> pd.DataFrame:
    """Return batch, at, end, when, monitor, verdict of the monitors that judge."""
    frame = pd.DataFrame(rows, columns=["batch", "at", "monitor", "verdict"])
    return _with_times(frame[frame["monitor"].isin(MONITORS)].reset_index(drop=True))


def batch_columns(stored: StoredReport) -> dict[str, object]:
    """Return what every row says of its batch."""
    return {"batch": stored.batch_id, "at": stored.batch_at}


def tested(evidence: Evidence | None, test: Test | None) -> dict[str, Any]:
    """Return the chance of luck beside the level it is compared with: of the windows, else of the batch's own test."""
    statistic = None if test is None else test.statistic
    if evidence is not None:
        return {"statistic": statistic, "p_value": evidence.p_value, "alpha": evidence.level}
    if test is not None:
        return {"statistic": statistic, "p_value": test.p_value, "alpha": test.alpha}
    return {"statistic": None, "p_value": None, "alpha": None}


def interval_columns(interval: Interval | None) -> dict[str, float | None]:
    """Return both ends of an interval."""
    return {"low": None, "high": None} if interval is None else {"low": interval.low, "high": interval.high}


def typed(rows: list[dict[str, Any]], numbers: Iterable[str]) -> pd.DataFrame:
    """Return the rows as a frame with its times; the named columns are numbers, also where all are missing."""
    frame = pd.DataFrame(rows)
    if frame.empty:
        return pd.DataFrame(columns=["batch", "at", "end", "when", "verdict", *numbers])
    return _with_times(frame.astype(dict.fromkeys(numbers, float)))


def _with_times(frame: pd.DataFrame) -> pd.DataFrame:
    at = pd.to_datetime(frame["at"], utc=True).astype("datetime64[us, UTC]")
    starts = sorted(set(at))
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    typical = pd.Series(gaps).median() if gaps else _ALONE
    ends = {start: min(following, start + _WIDEST_GAP * typical) for start, following in pairwise(starts)}
    if starts:
        ends[starts[-1]] = starts[-1] + typical
    end = at.map(ends).astype("datetime64[us, UTC]")
    names = {each: stamp(each.to_pydatetime().astimezone(UTC)) for each in starts}
    return frame.assign(at=at, end=end, when=[names[each] for each in at])
