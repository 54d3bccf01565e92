"""The ceiling: the sqlite3 shell writing rows of the same shape, `INSERT ... SELECT ... generate_series`.

No Python, no parameters, one statement a batch, write-ahead log and synchronous=FULL as in our log; every value of a
prediction in a column of its own, and its id unique, since a log without that cannot refuse a duplicate.
"""

import shutil
import subprocess
import time
from pathlib import Path

_TABLE = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE predictions (
    prediction_id TEXT PRIMARY KEY, batch_id INTEGER, predicted_at INTEGER, predicted INTEGER, confidence REAL,
    f0 REAL, f1 REAL, f2 REAL, f3 REAL, f4 REAL, s0 REAL, s1 REAL, s2 REAL
) WITHOUT ROWID;
"""
_BATCH = """
INSERT INTO predictions SELECT printf('%016d%04x', {batch}, value), {batch}, 1790000000000000, value % 3,
    value * 0.7, value * 0.1, value * 0.2, value * 0.3, value * 0.4, value * 0.5, value * 0.6, value * 0.7, value * 0.8
FROM generate_series(1, {size});
"""


def available() -> bool:
    """Return whether the shell is installed."""
    return shutil.which("sqlite3") is not None


def seconds(path: Path, *, rows: int, batch: int) -> float:
    """Return how long the shell takes to write `rows` rows in transactions of `batch`, its own start included."""
    script = _TABLE + "".join(_BATCH.format(batch=number, size=batch) for number in range(rows // batch))
    start = time.perf_counter()
    subprocess.run(["sqlite3", str(path)], input=script.encode(), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
