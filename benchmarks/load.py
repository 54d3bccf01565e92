"""Load by wrk: how many requests a second, and how long they take, beside an app that only answers.

A real `driftboard serve` on loopback, and as the baseline the barest ASGI app in the same server (uvicorn with uvloop),
in turn. wrk posts batches of 200 predictions with new ids each time (16 connections), and reads /healthz and /metrics.
wrk and the server share the machine.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ingest import running, server
from benchmarks.rounds import publish, table

ROUNDS = 5
SECONDS = 3
BATCH = 200
_BARE = """
import sys, uvicorn
async def app(scope, receive, send):
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", lifespan="off")
"""
_SCRIPT = f"""
local thread, sent = 0, 0
function setup(thread_) thread_:set("number", thread); thread = thread + 1 end
request = function()
  sent = sent + 1
  local rows = {{}}
  for row = 1, {BATCH} do
    rows[row] = string.format('{{"prediction_id":"%s-%d-%d-%d","features":{{"a":0.25,"b":1.5,"c":-3,"d":7,"e":0.125}},'
      .. '"predicted":"stays","scores":{{"stays":0.75,"goes":0.25}}}}', PREFIX, number, sent, row)
  end
  local body = '{{"model":"churn","predictions":[' .. table.concat(rows, ",") .. ']}}'
  return wrk.format("POST", "/v1/predictions", {{["Content-Type"]="application/json"}}, body)
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: requests a second, p50 and p99 in milliseconds, answers that were neither 2xx nor 3xx."""

    rate: float
    p50: float
    p99: float
    refused: int


def main() -> None:
    """Measure, print, and write the figures where asked."""
    publish(measure(), __doc__)


def measure() -> dict[str, float]:
    """Measure, print the table, and return the figures by name."""
    with tempfile.TemporaryDirectory() as name, server(Path(name)) as (port, _), _bare() as bare:
        script = Path(name) / "post.lua"
        loads: dict[str, list[Load]] = {"batches of 200": [], "bare app": [], "/healthz": [], "/metrics": []}
        for turn in range(ROUNDS):
            script.write_text(f'PREFIX = "{turn}"\n{_SCRIPT}')
            loads["batches of 200"].append(_wrk(port, "/v1/predictions", script))
            loads["bare app"].append(_wrk(bare, "/v1/predictions", script))
            loads["/healthz"].append(_wrk(port, "/healthz"))
            loads["/metrics"].append(_wrk(port, "/metrics", connections=2))
    print(table(f"wrk, {ROUNDS} rounds of {SECONDS} s in turn", _HEAD, [_row(*each) for each in loads.items()]))
    posts, bare_loads = loads["batches of 200"], loads["bare app"]
    return {
        "predictions_per_second": BATCH * statistics.median(each.rate for each in posts),
        "share_of_bare_app": statistics.median(a.rate / b.rate for a, b in zip(posts, bare_loads, strict=True)),
        "p99_ms": statistics.median(each.p99 for each in posts),
        "refused": sum(each.refused for each in posts),
    }


_HEAD = ["", "requests/s", "p50 ms", "p99 ms", "refused"]


def _row(name: str, loads: list[Load]) -> list[str]:
    medians = [statistics.median(getattr(each, field) for each in loads) for field in ("rate", "p50", "p99")]
    return [name, *(f"{each:,.1f}" for each in medians), f"{sum(each.refused for each in loads):,}"]


def _wrk(port: int, path: str, script: Path | None = None, *, connections: int = 16) -> Load:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", f"http://127.0.0.1:{port}{path}"]
    options = [] if script is None else ["-s", str(script)]
    said = subprocess.run([*command[:-1], *options, command[-1]], check=True, capture_output=True, text=True).stdout
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Load(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", said)),
        p50=_milliseconds(_found(r"(?m)^\s+50%\s+(\S+)", said)),
        p99=_milliseconds(_found(r"(?m)^\s+99%\s+(\S+)", said)),
        refused=0 if refused is None else int(refused[1]),
    )


def _found(pattern: str, said: str) -> str:
    match = re.search(pattern, said)
    if match is None:
        raise RuntimeError(f"wrk said something else:\n{said}")
    return match[1]


def _milliseconds(written: str) -> float:
    units = {"us": 1e-3, "ms": 1.0, "s": 1e3}
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", written).groups()  # type: ignore[union-attr]
    return float(number) * units[unit]


@contextmanager
def _bare() -> Iterator[int]:
    with running(lambda port: [sys.executable, "-c", _BARE, str(port)], os.environ) as (port, _):
        yield port


if __name__ == "__main__":
    main()
