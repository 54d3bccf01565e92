"""R8, R9: a disk that fails is never told about as success, and what was acknowledged stays."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from driftboard.data import open_store

WRITER = """
import resource, sys
from driftboard.data import ModelKey, PredictionBatch, log_predictions, open_store, register_model
from driftboard.errors import StoreError
store = open_store(sys.argv[1])
key = ModelKey("m")
register_model(store, key)
if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
failures = 0
for number in range(80):
    ids = [f"{number}-{row}" for row in range(50)]
    try:
        log_predictions(store, PredictionBatch(key, number, {"x": ids}, ["a"] * 50, prediction_ids=ids))
    except StoreError as error:
        failures += 1
        print("failed", str(error).replace(chr(10), "NEWLINE"), flush=True)
        if failures == 3:
            break
        continue
    print("stored", number, flush=True)
"""


def outcomes(command: list[str]) -> tuple[list[int], list[str]]:
    """The batches a writer acknowledged, and the errors it was given."""
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split(" ", 1) for line in run.stdout.splitlines()]
    return [int(rest) for word, rest in lines if word == "stored"], [rest for word, rest in lines if word == "failed"]


def stored(path: Path) -> set[int]:
    """The batches that are whole in the log."""
    with open_store(path) as store, store.read() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        rows = connection.execute(text("SELECT batch_id FROM batches WHERE n_predictions = 50")).scalars()
        return {int(batch_id) for batch_id in rows}


def test_a_file_that_may_not_grow_is_an_error_and_loses_nothing(path: Path) -> None:
    """EFBIG: one line for each failed batch, no acknowledgement, and the batches before are there."""
    acknowledged, errors = outcomes([sys.executable, "-c", WRITER, str(path), "600000"])
    assert acknowledged
    assert len(errors) == 3
    assert all("NEWLINE" not in error and str(path) in error for error in errors)
    assert set(acknowledged) <= stored(path)


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace: apt install strace")
@pytest.mark.parametrize("fault", ["fdatasync:error=EIO:when=25+", "pwrite64:error=ENOSPC:when=400+"])
def test_a_failing_disk_acknowledges_nothing(path: Path, fault: str) -> None:
    """EIO on fdatasync, ENOSPC on write: from the fault on every batch is an error."""
    strace = ["strace", "-f", "-o", "/dev/null", "-e", f"inject={fault}"]
    acknowledged, errors = outcomes([*strace, sys.executable, "-c", WRITER, str(path)])
    assert acknowledged
    assert len(errors) == 3
    assert set(acknowledged) <= stored(path)


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace: apt install strace")
def test_the_disk_that_recovers_is_written_to_again(path: Path) -> None:
    """Two failed fsyncs, then a healthy disk: the same process goes on, and only the failed batches are missing."""
    strace = ["strace", "-f", "-o", "/dev/null", "-e", "inject=fdatasync:error=EIO:when=25..26"]
    acknowledged, errors = outcomes([*strace, sys.executable, "-c", WRITER, str(path)])
    assert 1 <= len(errors) <= 2
    assert len(acknowledged) == 80 - len(errors)
    assert set(acknowledged) <= stored(path)
