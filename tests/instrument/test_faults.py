"""Services that are killed, told to end, forked: which counts and predictions are there afterwards."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from driftboard.data import recover_spools
from tests.instrument.seen import seen

ROOT = Path(__file__).parents[2]


def start(*arguments: object) -> "subprocess.Popen[bytes]":
    """Start a program."""
    return subprocess.Popen([sys.executable, "-m", "tests.instrument.programs", *map(str, arguments)], cwd=ROOT)


def serving(path: Path, acks: Path, seconds: float) -> "subprocess.Popen[bytes]":
    """A service that has answered for so long."""
    service = start("serve", path, acks)
    deadline = time.monotonic() + 30
    while not acks.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(seconds)
    return service


def answered(acks: Path) -> list[tuple[str, float]]:
    """Id and time of each call that was answered; a last line may be torn."""
    lines = acks.read_text().splitlines()[:-1]
    return [(number, float(at)) for number, at in (line.split() for line in lines)]


def test_a_kill_loses_a_second_of_counts_and_no_prediction(path: Path, tmp_path: Path) -> None:
    """Kill -9: every answered prediction is there after the recovery, and all counts but those of about a second."""
    acks = tmp_path / "acks"
    service = serving(path, acks, 3.0)
    service.send_signal(signal.SIGKILL)
    service.wait()
    recover_spools(path)
    calls, found = answered(acks), seen(path)
    assert {number for number, _ in calls} <= {each.decode() if isinstance(each, bytes) else each for each in found.ids}
    old = sum(at < calls[-1][1] - 2.0 for _, at in calls)
    assert old > 100
    assert old <= found.counts.success <= len(calls) + 1


def test_told_to_end_it_writes_everything(path: Path, tmp_path: Path) -> None:
    """SIGTERM: counts and predictions are those of every call that was answered, and it ends by the signal."""
    acks = tmp_path / "acks"
    service = serving(path, acks, 0.7)
    service.terminate()
    assert service.wait(20) == -signal.SIGTERM
    calls, found = answered(acks), seen(path)
    assert abs(found.counts.success - len(calls) - 1) <= 1
    assert len(found.ids) == len(set(found.ids)) >= len(calls)


def test_children_of_a_fork_count_for_themselves(path: Path) -> None:
    """Three children, forked with counts in memory: nothing is doubled, nothing lost."""
    assert start("fork", path, 3).wait(60) == 0
    assert seen(path).counts.success == 3 * 10 + 3 * 5 + 7


def test_a_child_that_does_not_know_would_be_caught(path: Path) -> None:
    """Negative control: a meter that is not begun anew loses what its child counts."""
    start("fork", path, 3, "unaware").wait(60)
    assert seen(path).counts.success != 3 * 10 + 3 * 5 + 7


def test_a_fork_in_the_middle_of_a_write(path: Path) -> None:
    """A child born while its parent writes finds the file free: SQLite keeps in the process who holds which lock."""
    assert start("fork_in_write", path).wait(60) == 0
    assert seen(path).counts.success == 1 + 10 + 5


@pytest.mark.slow
def test_a_fork_that_does_not_wait_would_be_caught(path: Path) -> None:
    """Negative control: without waiting for the end of the write, the child finds the file locked for ever."""
    assert start("fork_in_write", path, "unaware").wait(60) == 0
    assert seen(path).counts.success == 1 + 10


def test_the_end_of_a_process_writes_what_there_is(path: Path) -> None:
    """A script that just ends, without closing anything, has all its requests counted."""
    assert start("end", path).wait(60) == 0
    assert seen(path).counts.success == 25


def test_bodies_are_read_before_the_log_is_closed(path: Path) -> None:
    """A process that ends with bodies waiting to be read logs their predictions: the meter ends before the flusher."""
    assert start("unread", path).wait(60) == 0
    assert len(seen(path).ids) == 25
