"""What processes used, as frames: a row for each process (or card) and sampled minute; no I/O."""

from collections.abc import Sequence

import pandas as pd

from driftboard.dashboard.text import plain, stamp
from driftboard.data.process_samples import ProcessSample

MOST = 8
"""Processes in a chart: as many as there are colours."""

_MINUTE_SECONDS = 60.0
_COLUMNS = ("cpu", "memory", "read", "written", "threads", "in_progress", "in_progress_max")


def samples(found: Sequence[ProcessSample]) -> pd.DataFrame:
    """Return a row for each process and minute; reads and writes in bytes a second.

    The name is that of the process; of driftboard's own, with the part it is: `worker, web-1:4711`.
    """
    rows = [
        {
            "at": each.at,
            "when": stamp(each.at),
            "name": process_name(each),
            "cpu": each.cpu,
            "memory": each.memory,
            "read": each.read / _MINUTE_SECONDS,
            "written": each.written / _MINUTE_SECONDS,
            "threads": each.threads,
            "in_progress": each.in_progress,
            "in_progress_max": each.in_progress_max,
        }
        for each in found
    ]
    return _typed(pd.DataFrame(rows, columns=["at", "when", "name", *_COLUMNS]))


def cards(found: Sequence[ProcessSample]) -> pd.DataFrame:
    """Return a row for each graphics card and minute; a card that two processes report is one."""
    rows = {
        (each.at, name): {
            "at": each.at,
            "when": stamp(each.at),
            "name": name,
            "utilisation": card.utilisation,
            "memory": card.memory_used,
            "total": card.memory_total,
        }
        for each in found
        for number, card in enumerate(each.gpus)
        for name in [plain(f"{each.process.rpartition(':')[0]} {number}: {card.name}", limit=80)]
    }
    return _typed(pd.DataFrame(list(rows.values()), columns=["at", "when", "name", "utilisation", "memory", "total"]))


def process_name(sample: ProcessSample) -> str:
    """Return what a process is called in charts and tables."""
    own = "" if sample.component == "service" else f"{sample.component}, "
    return plain(f"{own}{sample.process}", limit=80)


def busiest(frame: pd.DataFrame, *, most: int = MOST) -> pd.DataFrame:
    """Return the rows of the processes that used most of the processor."""
    used = frame.groupby("name")["cpu"].sum().sort_values(ascending=False, kind="stable")
    return frame[frame["name"].isin(used.index[:most])]


def newest(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of the processes: newest sample, mean and highest use; who was seen last comes first."""
    columns = {
        "Seen last (UTC)": ("at", "max"),
        "CPU cores, mean": ("cpu", "mean"),
        "highest": ("cpu", "max"),
        "Memory": ("memory", "last"),
        "Highest memory": ("memory", "max"),
        "Threads": ("threads", "last"),
        "In progress": ("in_progress", "last"),
        "Most in progress": ("in_progress_max", "max"),
        "Samples": ("at", "count"),
    }
    table = frame.sort_values("at").groupby("name", sort=False).agg(**columns).reset_index(names="Process")
    table["Seen last (UTC)"] = table["Seen last (UTC)"].dt.tz_localize(None)
    return table.sort_values(["Seen last (UTC)", "Process"], ascending=[False, True], ignore_index=True)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(at=pd.to_datetime(frame["at"], utc=True).astype("datetime64[us, UTC]"))
