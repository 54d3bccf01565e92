"""What a logger survives: R1, R6, R7, R8 and R11 of our promises, with real processes, signals, forks, disks, locks."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from driftboard.data import ModelKey, PredictionLogger, open_store, pending_spools, spool_folder
from tests.data.batches import read

ROOT = Path(__file__).parents[2]
KEY = ModelKey("faults")


def program(*arguments: object) -> list[str]:
    """The command line of one of `client_programs`."""
    return [sys.executable, "-m", "tests.data.client_programs", *map(str, arguments)]


def run(*arguments: object, within: float = 120) -> str:
    """Run it to its end; return what it printed."""
    done = subprocess.run(program(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=within, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def stored(path: Path, batch: str = "all") -> list[str]:
    """The ids in the log."""
    with open_store(path) as store:
        return read(store, KEY, batch).prediction_ids


def acknowledged(acks: Path) -> set[str]:
    """The ids whose `log()` had returned; the last line may be cut short by the kill, the ones before it never are."""
    return set(acks.read_text().rpartition("\n")[0].split("\n"))


@pytest.mark.parametrize(
    ("times", "least"), [(10, 1_000), pytest.param(200, 100_000, marks=pytest.mark.slow)], ids=["quick", "full"]
)
def test_r1_kill_9_loses_and_doubles_nothing(path: Path, tmp_path: Path, times: int, least: int) -> None:
    """Each row whose `log()` returned is there, once; at 200 kills more than 100,000 of them, within a minute."""
    acks = tmp_path / "acks"
    start = time.monotonic()
    run("kills", path, acks, times, "none", within=180)
    seconds = time.monotonic() - start
    logged, written = acknowledged(acks), stored(path)
    print(f"{times} kills: {len(logged):,} acknowledged, {len(written):,} stored, {seconds:.1f} s")  # noqa: T201 - the figure, with pytest -s
    assert len(logged) >= least
    assert logged - set(written) == set()
    assert len(written) == len(set(written))
    assert pending_spools(spool_folder(path)) == []
    assert seconds < 60


def test_r1_control_a_reader_that_stops_at_a_torn_record_loses_rows(path: Path, tmp_path: Path) -> None:
    """If it did not, the test above would prove nothing."""
    acks = tmp_path / "acks"
    run("kills", path, acks, 10, "stop_at_torn")
    lost = acknowledged(acks) - set(stored(path))
    print(f"lost: {len(lost):,}")  # noqa: T201 - the figure, with pytest -s
    assert len(lost) > 100


@pytest.mark.parametrize("times", [5, pytest.param(50, marks=pytest.mark.slow)], ids=["quick", "full"])
def test_r6_sigterm_writes_what_there_is(tmp_path: Path, times: int) -> None:
    """In ten seconds at most; then the service's own handler ends it with 0, or the signal does."""
    for number in range(times):
        path, acks = tmp_path / str(number) / "log.sqlite", tmp_path / f"acks-{number}"
        spooled, handler = ("spool", "memory")[number % 2], ("own", "none")[number // 2 % 2]
        with subprocess.Popen(program("serve", path, acks, spooled, handler), cwd=ROOT) as service:
            while not acks.exists() or acks.stat().st_size < 500:
                time.sleep(0.005)
            time.sleep(0.013 * (number % 10))
            start = time.monotonic()
            service.send_signal(signal.SIGTERM)
            code = service.wait(15)
        assert time.monotonic() - start < 10
        assert code == (0 if handler == "own" else -signal.SIGTERM)
        assert acknowledged(acks) <= set(stored(path))
        assert sum(each.rows for each in pending_spools(spool_folder(path))) == 0


def test_r6_control_without_the_handler_rows_in_memory_are_lost(path: Path, tmp_path: Path) -> None:
    """SIGTERM runs no atexit."""
    acks = tmp_path / "acks"
    with subprocess.Popen(program("serve", path, acks, "memory", "control"), cwd=ROOT) as service:
        while not acks.exists() or acks.stat().st_size < 500:
            time.sleep(0.005)
        service.send_signal(signal.SIGTERM)
    assert not path.exists() or len(acknowledged(acks) - set(stored(path))) > 10


@pytest.mark.parametrize("spooled", ["spool", "memory"])
def test_r7_a_fork_doubles_nothing(path: Path, spooled: str) -> None:
    """20 forks, with rows in the buffer and without: each row is written once, by the process that logged it."""
    printed = run("preload", path, 20, spooled).split()
    ids, duplicates = printed[::2], set(printed[1::2])
    assert duplicates == {"0"}
    assert len(ids) == len(set(ids)) == 40
    assert sorted(stored(path, "made")) == sorted(ids)
    expected = {f"{who}-{number}-{row}" for who in ("parent", "child") for number in range(20) for row in range(50)}
    written = stored(path)
    assert len(written) == 2_000
    assert set(written) == expected
    assert sum(each.rows for each in pending_spools(spool_folder(path))) == 0


@pytest.mark.parametrize("spooled", ["spool", "memory"])
def test_r7_control_a_child_that_does_not_know_cannot_flush(path: Path, spooled: str) -> None:
    """The flusher thread is the parent's; `flush()` says so instead of returning."""
    done = subprocess.run(program("preload", path, 1, spooled, "unaware"), cwd=ROOT, capture_output=True, check=False)
    assert b"a child failed" in done.stderr


def test_children_of_multiprocessing_write_what_they_have(path: Path) -> None:
    """They end without atexit."""
    run("pool", path)
    assert len(stored(path)) == 300


def _can_mount() -> bool:
    try:
        return subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not _can_mount(), reason="a disk of 3 MB needs root and unshare -m")
@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.slow)], ids=["quick", "full"])
def test_r8_a_full_disk_loses_nothing(tmp_path: Path, times: int) -> None:
    """The caller sees nothing of it, and 5 s after there is room again everything is written."""
    disk, copy = tmp_path / "disk", tmp_path / "log.sqlite"
    disk.mkdir()
    inner = " ".join(program("full_disk", disk, times))
    script = f"mount -t tmpfs -o size=3m tmpfs {disk} && {inner} && cp {disk}/log.sqlite {copy}"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    print({name: seen[name] for name in ("slowest", "failed_cycles", "spool_failures", "dropped")})  # noqa: T201 - the figure, with pytest -s
    assert seen["failed_cycles"] > 0, "the disk was never full: the test proves nothing"
    assert seen["spool_failures"] > 0
    assert seen["dropped"] == 0
    assert seen["slowest"] <= 5
    written = stored(copy)
    assert set(written) == set(seen["acks"])
    assert len(written) == len(seen["acks"]) == seen["accepted"]


_HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


@pytest.mark.parametrize("seconds", [3, pytest.param(30, marks=pytest.mark.slow)], ids=["quick", "full"])
@pytest.mark.parametrize("spool", [True, False], ids=["spool", "memory"])
def test_r11_a_foreign_lock_stalls_nobody(path: Path, seconds: int, spool: bool) -> None:
    """200 rows a second arrive while another process holds the lock: `log()` does not feel it, nothing is lost."""
    with PredictionLogger(path, model="faults", spool=spool, flush_interval=0.1) as logger:
        ids = [logger.log({"a": 1}, "yes", batch_id="all")]
        logger.flush()
        holding = [sys.executable, "-c", _HOLDER, str(path), str(seconds)]
        with subprocess.Popen(holding, stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            holder.stdout.readline()
            took = _log_until_released(logger, ids, holder)
            start = time.monotonic()
            logger.flush()
            drained = time.monotonic() - start
        p99 = sorted(took)[int(len(took) * 0.99)]
        print(f"{len(ids)} rows, log() p99 {p99 * 1e6:.0f} us, drained in {drained:.2f} s")  # noqa: T201 - the figure, with pytest -s
        assert len(ids) > 100 * seconds
        assert p99 < 0.001
        assert drained < 5
        assert logger.stats().dropped == 0
    written = stored(path)
    assert len(written) == len(ids)
    assert set(written) == set(ids)


def _log_until_released(logger: PredictionLogger, ids: list[str], holder: "subprocess.Popen[Any]") -> list[float]:
    took = []
    while holder.poll() is None:
        start = time.perf_counter()
        ids.append(logger.log({"a": 1}, "yes", batch_id="all"))
        took.append(time.perf_counter() - start)
        time.sleep(0.005)
    return took


def test_r11_control_a_caller_that_writes_itself_is_stalled(path: Path) -> None:
    """The lock of the test above is a real one: whoever needs it waits."""
    open_store(path).close()
    with subprocess.Popen([sys.executable, "-c", _HOLDER, str(path), "1"], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        connection = sqlite3.connect(path, timeout=0.2, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connection.execute("BEGIN IMMEDIATE")
        connection.close()


def test_a_handler_installed_before_is_called_after(path: Path) -> None:
    """The signal is not ours: it is passed on, once; a logger that shall not handle it does not."""
    program = (
        "import signal, os\n"
        "from driftboard.data import PredictionLogger\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('mine'))\n"
        f"first = PredictionLogger({str(path)!r}, model='m', flush_interval=60, spool=False, handle_sigterm=False)\n"
        "assert signal.getsignal(signal.SIGTERM).__name__ == '<lambda>'\n"
        f"second = PredictionLogger({str(path)!r}, model='m', flush_interval=60, spool=False)\n"
        "third = PredictionLogger(second._flusher._sink._where, model='m', spool=False)\n"
        "second.log({'a': 1}, 'yes')\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "print(second.stats().accepted)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["mine", "1"], done.stderr


def test_a_file_is_closed_in_the_child_of_a_fork(path: Path) -> None:
    """Or the child would hold the parent's lock beyond its death, and nobody could recover its rows."""
    program = (
        "import os, time, sys\n"
        "from driftboard.data import PredictionLogger\n"
        f"logger = PredictionLogger({str(path)!r}, model='faults', flush_interval=60)\n"
        "logger.log({'a': 1}, 'yes', batch_id='all')\n"
        "child = os.fork()\n"
        "if child == 0: os.close(1); time.sleep(30); os._exit(0)\n"
        "print(child, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    child = int(done.stdout)
    try:
        assert [each.alive for each in pending_spools(spool_folder(path))] == [False]
    finally:
        os.kill(child, signal.SIGKILL)
