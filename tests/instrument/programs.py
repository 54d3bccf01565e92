"""Services that are killed, ended and forked: run as `python -m tests.instrument.programs NAME ARGUMENTS`."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from driftboard.data import exits
from driftboard.errors import StoreError
from driftboard.instrument import Instrument, ledger
from driftboard.instrument.meter import Meter


def instrument(path: str, **options: Any) -> Instrument:
    """The instrument of all programs."""
    return Instrument(path, model="churn", version="3", **options)


def serve(path: str, acks: str) -> None:
    """Predict for ever; acknowledge each call with the time it was answered at."""
    watched = instrument(path)
    file = os.open(acks, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    predict = watched.predicts(prediction_id="id")(lambda _: "yes")
    number = 0
    while True:
        predict({"id": f"{number}", "a": 1.5})
        os.write(file, f"{number} {time.time()}\n".encode())
        number += 1
        time.sleep(0.002)


def fork(path: str, children: str, control: str = "none") -> None:
    """Fork with counts in memory; parent and children go on. In the control the child does not know of it."""
    if control == "unaware":
        Meter.begin_anew = lambda _: None  # type: ignore[method-assign]
    watched = instrument(path, log=False)
    for _ in range(int(children)):
        _ask(watched, 10)
        if os.fork() == 0:
            _ask(watched, 5)
            with contextlib.suppress(StoreError):
                watched.flush(timeout=10 if control == "none" else 0.5)
            os._exit(0)
        os.wait()
    _ask(watched, 7)
    watched.close()


def fork_in_write(path: str, control: str = "none") -> None:
    """Fork while the parent is in the middle of a write. In the control the fork does not wait for its end."""
    if control == "unaware":
        exits._hold = lambda: None
    watched = instrument(path, log=False)
    _ask(watched, 1)
    watched.flush()
    writes, inside = ledger.add_counts, threading.Event()

    def slow(*arguments: Any) -> None:
        writes(*arguments)
        inside.set()
        time.sleep(1.0)

    ledger.add_counts = slow  # type: ignore[attr-defined]
    _ask(watched, 10)
    inside.wait(10)
    if os.fork() == 0:
        ledger.add_counts = writes  # type: ignore[attr-defined]
        _ask(watched, 5)
        with contextlib.suppress(StoreError):
            watched.flush(timeout=3)
        os._exit(0)
    os.wait()
    watched.close()


def end(path: str) -> None:
    """Count, and end at once: nothing is closed."""
    _ask(instrument(path, log=False), 25)


def unread(path: str) -> None:
    """End with bodies that nobody has read for predictions yet."""
    watched = instrument(path, spool=False)
    for number in range(25):
        watched.later(lambda number=number: watched.log({"a": number}, "yes"), 10)  # type: ignore[misc]


def _ask(watched: Instrument, times: int) -> None:
    for _ in range(times):
        with watched.request():
            pass


PROGRAMS: dict[str, Callable[..., None]] = {
    "serve": serve,
    "fork": fork,
    "fork_in_write": fork_in_write,
    "end": end,
    "unread": unread,
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](*sys.argv[2:])
