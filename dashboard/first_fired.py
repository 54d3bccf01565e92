"""When each monitor first fired: batch 0 is a batch like any other; no I/O."""

import pandas as pd

from driftboard.dashboard.frames import MONITORS

_LEVELS = {"First warning": ("warning", "invalid", "critical"), "First critical": ("critical",)}
NOT_YET = "not yet"
NEVER_JUDGED = "-"


def first_fired(model: str, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each monitor: the batch at which it first gave a warning (or worse), and a critical verdict.

    >>> at = pd.to_datetime(["2026-01-01", "2026-01-02"], utc=True)
    >>> rows = {"batch": ["0", "1"], "at": at, "monitor": "feature", "verdict": ["warning", "ok"]}
    >>> first_fired("m", pd.DataFrame(rows)).to_dict("records")[0]["First warning"]
    'batch 0 (no. 1 of 2)'
    """
    order = list(dict.fromkeys(verdicts["batch"]))
    rows = []
    for monitor, name in MONITORS.items():
        mine = verdicts[verdicts["monitor"] == monitor]
        cells = {title: _first(mine, levels, order) for title, levels in _LEVELS.items()}
        fired = int(mine["verdict"].isin(_LEVELS["First warning"]).sum())
        rows.append({"Model": model, "Monitor": name, **cells, "Fired": fired, "Judged": len(mine)})
    return pd.DataFrame(rows)


def _first(judged: pd.DataFrame, levels: tuple[str, ...], order: list[str]) -> str:
    fired = judged[judged["verdict"].isin(levels)]
    if fired.empty:
        return NEVER_JUDGED if judged.empty else NOT_YET
    batch = str(fired["batch"].iloc[0])
    return f"batch {batch} (no. {order.index(batch) + 1} of {len(order)})"
