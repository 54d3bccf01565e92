"""What this process uses, with psutil and without, with graphics cards and without."""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from driftboard.data.process_samples import Gpu
from driftboard.instrument.graphics import GraphicsCards
from driftboard.instrument.processes import ProcessWatch, by_the_system

NOW = datetime(2026, 11, 21, 12, 1, 0, 500, tzinfo=UTC)


@pytest.fixture(params=["psutil", "system"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With psutil, and as if it were not installed."""
    if request.param == "system":
        monkeypatch.setitem(sys.modules, "psutil", None)
    return str(request.param)


def test_a_busy_process(way: str, tmp_path: Path) -> None:
    """Work keeps more of a core busy than sleep does; memory, disk and threads are there."""
    del way
    watch = ProcessWatch("worker", 7)
    until = time.process_time() + 0.3
    while time.process_time() < until:
        pass
    with (tmp_path / "file").open("wb") as file:
        file.write(b"x" * 2**22)
        os.fsync(file.fileno())
    busy = watch.sample(NOW, in_progress=2, in_progress_max=5)
    time.sleep(0.2)
    idle = watch.sample(NOW)
    assert busy.cpu > 0.1
    assert idle.cpu < busy.cpu
    assert (busy.component, busy.model_id, busy.in_progress, busy.in_progress_max) == ("worker", 7, 2, 5)
    assert busy.at == datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert busy.process.endswith(f":{os.getpid()}")
    assert busy.memory > 10_000_000
    assert busy.threads >= 1
    assert busy.read >= 0
    assert busy.written >= 0


def test_both_ways_agree() -> None:
    """Without psutil the same figures come from the system itself."""
    psutil = pytest.importorskip("psutil")
    process, mine = psutil.Process(), by_the_system()
    assert mine.memory == pytest.approx(process.memory_info().rss, rel=0.1)
    times = process.cpu_times()
    assert mine.cpu == pytest.approx(times.user + times.system, abs=0.3)


def test_no_cards_no_error() -> None:
    """With the library installed and no card or driver there is nothing to read, and nobody is asked again."""
    pytest.importorskip("pynvml")
    cards = GraphicsCards()
    if cards.read():
        pytest.skip("this machine has a card")
    cards._library = SimpleNamespace()
    assert cards.read() == ()


def test_no_library_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor without the library."""
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert GraphicsCards().read() == ()


def test_cards_are_read() -> None:
    """Name, share of time busy, and memory of each card, as nvidia-ml-py tells them (which this stands in for)."""
    library = SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 2,
        nvmlDeviceGetHandleByIndex=lambda number: number,
        nvmlDeviceGetName=lambda number: [b"A100", "L4"][number],
        nvmlDeviceGetMemoryInfo=lambda number: SimpleNamespace(used=number + 1, total=10),
        nvmlDeviceGetUtilizationRates=lambda number: SimpleNamespace(gpu=50 * number),
    )
    assert GraphicsCards(library).read() == (Gpu("A100", 0.0, 1, 10), Gpu("L4", 0.5, 2, 10))
