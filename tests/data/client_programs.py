"""Services that are killed, ended, forked, starved: run as `python -m tests.data.client_programs NAME ARGUMENTS`.

They write the ids of the rows whose `log()` has returned to an acknowledgement file, one a line.
"""

import contextlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from driftboard.data import PredictionLogger, spool, spool_recovery
from driftboard.data.flusher import Flusher
from tests.data.test_spool_record import stop_at_torn


def logger_for(path: str, **options: Any) -> PredictionLogger:
    """The logger of all programs."""
    return PredictionLogger(path, model="faults", **options)


def say(*words: object) -> None:
    """Print a line at once: the next one may never come."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def acknowledged(file: int, logger: PredictionLogger, prediction_id: str) -> None:
    """Log a row; once it has returned, acknowledge it."""
    logger.log({"a": 1.5, "b": "text"}, "yes", prediction_id=prediction_id, batch_id="all")
    os.write(file, prediction_id.encode() + b"\n")


def kills(path: str, acks: str, times: str, control: str) -> None:
    """R1: children log some 20,000 rows a second and are killed after 40 to 200 ms; then recover.

    Every five hundredth record is torn: half of it is written, as by a disk that was full for a moment. The control
    stops reading there.
    """
    rng = random.Random(1)  # noqa: S311
    if control == "stop_at_torn":
        spool.scan = spool_recovery.scan = stop_at_torn
    for number in range(int(times)):
        child = os.fork()
        if child == 0:
            _log_for_ever(path, acks, number)
        time.sleep(rng.uniform(0.04, 0.2))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    recovery = spool_recovery.recover_spools(path)
    say(json.dumps({"recovered": recovery.counts.accepted, "duplicates": recovery.counts.duplicates}))


def _log_for_ever(path: str, acks: str, number: int) -> None:
    logger = logger_for(path, flush_interval=0.02)
    file = os.open(acks, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    row = 0
    while True:
        acknowledged(file, logger, f"{number}-{row}")
        row += 1
        if row % 10 == 0:
            time.sleep(0.0002)  # or two million rows are what the test waits for
        if row % 500 == 0 and logger._intake.file is not None:
            os.write(logger._intake.file._appending, spool.encode_record(b"x" * 100)[:50])


def serve(path: str, acks: str, spooled: str, handler: str) -> None:
    """R6: logs until SIGTERM; with a handler of its own that ends it in order, or without; the control ignores ours."""
    if handler == "own":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logger = logger_for(
        path, spool=spooled == "spool", flush_interval=30.0, flush_rows=10**6, handle_sigterm=handler != "control"
    )
    file = os.open(acks, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    row = 0
    while True:
        acknowledged(file, logger, f"{os.getpid()}-{row}")
        row += 1
        time.sleep(0.0002)


def preload(path: str, times: str, spooled: str, control: str = "none") -> None:
    """R7: forks with rows in the buffer, as gunicorn with --preload; parent and child go on logging.

    In the control the child does not know that it was forked.
    """
    if control == "unaware":
        Flusher.begin_anew = lambda _: None  # type: ignore[method-assign]
    logger = logger_for(path, spool=spooled == "spool", flush_interval=30.0)
    for number in range(int(times)):
        for row in range(50):
            logger.log({"a": 1}, "yes", prediction_id=f"parent-{number}-{row}", batch_id="all")
        if number % 2:
            logger.flush()
        child = os.fork()
        if child == 0:
            _log_in_child(logger, number)
        say(logger.log({"a": 1}, "yes", batch_id="made"), logger.stats().duplicates)
        if os.waitpid(child, 0)[1] != 0:
            sys.exit("a child failed")
    logger.close()


def _log_in_child(logger: PredictionLogger, number: int) -> None:
    try:
        for row in range(50):
            logger.log({"a": 1}, "yes", prediction_id=f"child-{number}-{row}", batch_id="all")
        made = logger.log({"a": 1}, "yes", batch_id="made")
        logger.flush(timeout=3)
        say(made, logger.stats().duplicates)
        os._exit(0)
    finally:
        os._exit(1)


def pool(path: str) -> None:
    """Children of multiprocessing end without atexit; their rows are written nevertheless."""
    import multiprocessing  # noqa: PLC0415

    logger = logger_for(path, spool=False, flush_interval=30.0)
    workers = [multiprocessing.get_context("fork").Process(target=_work, args=(logger, each)) for each in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _work(logger: PredictionLogger, number: int) -> None:
    for row in range(100):
        logger.log({"a": 1}, "yes", prediction_id=f"{number}-{row}", batch_id="all")


def full_disk(folder: str, times: str) -> None:
    """R8: the disk is filled and freed again; prints one object with what was seen."""
    logger = logger_for(f"{folder}/log.sqlite", flush_interval=0.05)
    acks: list[str] = []
    recovery, slowest, failures = [], 0, 0
    for cycle in range(int(times)):
        ballast = Path(folder) / "ballast"
        _fill(ballast)
        for row in range(300):
            acks.append(f"{cycle}-{row}")
            logger.log({"a": 1.5, "b": "text"}, "yes", prediction_id=acks[-1], batch_id="all")
            time.sleep(0.001)
        failures += logger.stats().last_error is not None
        ballast.unlink()
        start = time.monotonic()
        logger.flush(timeout=20)
        recovery.append(time.monotonic() - start)
        slowest = max(slowest, logger.stats().spool_failures)
    stats = logger.stats()
    logger.close()
    seen = {"slowest": max(recovery), "failed_cycles": failures, "spool_failures": stats.spool_failures}
    say(json.dumps(seen | {"acks": acks, "dropped": stats.dropped, "accepted": stats.accepted}))


def _fill(ballast: Path) -> None:
    file = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    for size in (65_536, 4_096):
        with contextlib.suppress(OSError):
            while True:
                os.write(file, b"\0" * size)
    os.close(file)


PROGRAMS: dict[str, Callable[..., None]] = {each.__name__: each for each in (kills, serve, preload, pool, full_disk)}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](*sys.argv[2:])
