"""A server on a small disk that is filled and emptied again; run as a program in a mount namespace of its own.

Prints one JSON line a cycle: whether it was refused and /healthz said so, and the seconds until it took rows again.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.api.test_serve import ask, counted, rows, serving

PIECE = 64 * 2**10


def main(disk: Path, cycles: int) -> None:
    """Fill the disk, watch, make room, watch; at the end count what is there."""
    told, number = 0, 0
    with serving(disk, stderr=subprocess.DEVNULL) as (process, url):  # its log would fill a pipe that nobody reads
        for _ in range(cycles):
            ballast = _fill(disk)
            refused, healthy = 0, True
            end = time.monotonic() + 30
            while (not refused or healthy) and time.monotonic() < end:
                status, _answer = ask(f"{url}/v1/predictions", rows(number, 20))
                told, number = told + 20 * (status == 200), number + 20
                refused += status == 503
                healthy = ask(f"{url}/healthz")[0] == 200
            ballast.unlink()
            began = time.monotonic()
            _until(lambda start=number: ask(f"{url}/v1/predictions", rows(start, 20))[0] == 200)
            told, number, took = told + 20, number + 20, time.monotonic() - began
            _until(lambda: ask(f"{url}/healthz")[0] == 200)
            well = time.monotonic() - began
            sys.stdout.write(json.dumps({"refused": refused, "healthy": healthy, "took": took, "well": well}) + "\n")
        process.terminate()
        process.wait(20)
    sys.stdout.write(json.dumps({"told": told, "there": counted(disk)}) + "\n")


def _fill(disk: Path) -> Path:
    """Leave no room."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (PIECE, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
