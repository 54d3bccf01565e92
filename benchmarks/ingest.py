"""Ingest over HTTP: predictions a second into `driftboard serve`, in batches of 200 and one by one.

A server as a process of its own with its defaults, on loopback; one asyncio client over raw sockets with requests that
were built before. Rows have five features and two scores. The baseline is the tutorial's pattern, one POST for each
prediction, to the same server over as many connections: what a service does that asks once for every answer.
Afterwards every prediction that was answered is looked for in the log.
"""

import asyncio
import itertools
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson
from sqlalchemy import func, select

from benchmarks.rounds import publish, table
from driftboard.data import open_store, tables

ROUNDS = 5
BATCH = 200
REQUESTS = 150
SINGLES = 600
CONNECTIONS = 8
_numbers = itertools.count()


def main() -> None:
    """Measure, print, and write the figures where asked."""
    publish(measure(), __doc__)


def measure() -> dict[str, float]:
    """Measure, print the table, and return the figures by name."""
    with tempfile.TemporaryDirectory() as name, server(Path(name)) as (port, pid):
        folder = Path(name)
        asyncio.run(_send_all(port, _requests(BATCH, 20)))  # the server has seen everything once
        batched, single, seconds = [], [], 0.0
        for _ in range(ROUNDS):
            before = _cpu_seconds(pid)
            batched.append(_rate(port, BATCH, REQUESTS))
            seconds += _cpu_seconds(pid) - before
            single.append(_rate(port, 1, SINGLES))
        found = _found(folder)
    sent = BATCH * 20 + ROUNDS * (BATCH * REQUESTS + SINGLES)
    if found != sent:
        raise RuntimeError(f"{sent:,} predictions were answered, {found:,} are in the log")
    figures = {
        "predictions_per_second": statistics.median(batched),
        "singles_per_second": statistics.median(single),
        "ratio": statistics.median(a / b for a, b in zip(batched, single, strict=True)),
        "predictions_per_cpu_second": ROUNDS * BATCH * REQUESTS / seconds,
    }
    rows = [["batches of 200", *_spread(batched)], ["one by one", *_spread(single)]]
    print(table(f"predictions a second ({ROUNDS} rounds in turn)", ["", "least", "median", "most"], rows))
    return figures


def _spread(rates: list[float]) -> list[str]:
    return [f"{each:,.0f}" for each in (min(rates), statistics.median(rates), max(rates))]


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, int]]:
    """Yield port and process id of a `driftboard serve` over a log in the folder."""
    variables = os.environ | {"DRIFTBOARD_STORE__DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "driftboard", "serve", "--port"]
    with running(lambda port: [*command, str(port)], variables) as found:
        yield found


@contextmanager
def running(command: Callable[[int], list[str]], variables: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Yield port and process id of a server that is started by `command(port)`, until it is no longer needed."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    process = subprocess.Popen(command(port), env=variables, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


def _rate(port: int, batch: int, requests: int) -> float:
    prepared = _requests(batch, requests)
    start = time.perf_counter()
    asyncio.run(_send_all(port, prepared))
    return batch * requests / (time.perf_counter() - start)


def _requests(batch: int, count: int) -> list[bytes]:
    chance = random.Random(next(_numbers))  # noqa: S311 - the same rows every time
    return [_request([_row(chance) for _ in range(batch)]) for _ in range(count)]


def _row(chance: random.Random) -> dict[str, object]:
    score = round(chance.random(), 4)
    return {
        "prediction_id": f"{next(_numbers):012d}",
        "features": {f"f{each}": round(chance.gauss(0, 1), 6) for each in range(5)},
        "predicted": "goes" if score > 0.5 else "stays",  # noqa: PLR2004
        "scores": {"stays": round(1 - score, 4), "goes": score},
    }


def _request(rows: list[dict[str, object]]) -> bytes:
    content = orjson.dumps({"model": "churn", "predictions": rows})
    lines = "POST /v1/predictions HTTP/1.1", "Host: localhost", "Content-Type: application/json"
    return "\r\n".join([*lines, f"Content-Length: {len(content)}", "", ""]).encode() + content


async def _send_all(port: int, requests: list[bytes]) -> None:
    left = iter(requests)
    await asyncio.gather(*(_send(port, left) for _ in range(CONNECTIONS)))


async def _send(port: int, requests: Iterator[bytes]) -> None:
    """Send requests over one connection until there are no more; whatever is not accepted is an error."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
        answer = orjson.loads(await reader.readexactly(length))
        if not head.startswith(b"http/1.1 200") or answer["rejected"] or answer["duplicates"]:
            raise RuntimeError(f"not accepted: {answer}")
    writer.close()


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _found(folder: Path) -> int:
    with open_store(next(folder.glob("*.sqlite"))) as store, store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.predictions)).scalar_one())


if __name__ == "__main__":
    main()
