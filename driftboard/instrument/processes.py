"""What this process uses: processor, memory, disk, threads, graphics cards."""

import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from driftboard.data.process_samples import Component, ProcessSample
from driftboard.instrument.graphics import GraphicsCards

_SELF = Path("/proc/self")
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used since it began (`cpu` in seconds, `read` and `written` in bytes), and has now."""

    cpu: float
    memory: int
    read: int
    written: int
    threads: int


class ProcessWatch:
    """Says what this process used between two looks at it.

    Parameters
    ----------
    component
        Which part of driftboard it is, or `service`.
    model_id
        Whose service it is.
    """

    def __init__(self, component: Component, model_id: int | None = None) -> None:
        self._component: Component = component
        self._model_id = model_id
        self._cards = GraphicsCards()
        self.begin_anew()

    def begin_anew(self) -> None:
        """Measure from now: the start, and the child of a fork."""
        self._process = f"{socket.gethostname()}:{os.getpid()}"
        self._last = usage()
        self._at = time.monotonic()

    def sample(self, now: datetime, *, in_progress: int = 0, in_progress_max: int = 0) -> ProcessSample:
        """Return what was used since the last time, as that of the last full minute before `now`."""
        last, self._last = self._last, usage()
        since, self._at = self._at, time.monotonic()
        this = self._last
        return ProcessSample(
            process=self._process,
            at=now.replace(second=0, microsecond=0) - _MINUTE,
            model_id=self._model_id,
            component=self._component,
            cpu=max(0.0, this.cpu - last.cpu) / max(self._at - since, 1e-6),
            memory=this.memory,
            read=max(0, this.read - last.read),
            written=max(0, this.written - last.written),
            threads=this.threads,
            in_progress=in_progress,
            in_progress_max=in_progress_max,
            gpus=self._cards.read(),
        )


def usage() -> Usage:
    """Return what this process has used; by psutil, or without it as far as the system tells."""
    try:
        return _by_psutil()
    except Exception:  # noqa: BLE001 - not installed, or the system forbids it
        return by_the_system()


def _by_psutil() -> Usage:
    import psutil  # noqa: PLC0415 - driftboard[server] brings it; a service need not have it

    process = psutil.Process()
    read = written = 0
    with suppress(AttributeError, psutil.Error):  # not on every system, and not in every container
        disk = process.io_counters()
        read, written = disk.read_bytes, disk.write_bytes
    with process.oneshot():
        cpu = process.cpu_times()
        return Usage(cpu.user + cpu.system, process.memory_info().rss, read, written, process.num_threads())


def by_the_system() -> Usage:
    """Return it without psutil: all of it on Linux; elsewhere the processor, and the peak of the memory."""
    disk = _disk()
    return Usage(
        time.process_time(), _memory(), disk.get("read_bytes", 0), disk.get("write_bytes", 0), threading.active_count()
    )


def _memory() -> int:
    with suppress(OSError, ValueError, IndexError):
        pages = int((_SELF / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _disk() -> dict[str, int]:
    with suppress(OSError, ValueError):
        lines = (_SELF / "io").read_text().splitlines()
        return {name: int(value) for name, _, value in (line.partition(":") for line in lines)}
    return {}
