"""From `driftboard demo` to a served dashboard, and the Health page's script, on a year of real flights."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing
from functools import partial
from pathlib import Path
from socket import socket

from streamlit.testing.v1 import AppTest

import driftboard.dashboard
from benchmarks.rounds import alternate, publish, table

APP = Path(driftboard.dashboard.__file__).parent / "app.py"
PAGES = ("health", "drift", "predictions", "performance", "calibration", "alerts", "backtest")
PATIENCE = 300.0


def main() -> None:
    """Measure, print, and write the figures where asked."""
    with tempfile.TemporaryDirectory() as folder:
        figures = {"demo_to_dashboard_seconds": _seconds_to_dashboard(Path(folder))}
        os.environ["DRIFTBOARD_STORE__DATA_DIR"] = folder
        seconds = alternate({page: partial(_warm_script_seconds, page) for page in PAGES})
    figures |= {f"{page}_script_seconds": value for page, value in seconds.items()}
    rows = [[page, f"{value * 1000:.0f}"] for page, value in seconds.items()]
    print(table("warm page scripts, 306 daily batches", ["page", "ms"], rows))
    publish(figures, __doc__)


def _seconds_to_dashboard(folder: Path) -> float:
    """Return how long a stranger waits from the command to a dashboard that answers."""
    port = _free_port()
    command = [sys.executable, "-m", "driftboard", "demo", "--no-browser", "--data-dir", str(folder), "--port", port]
    start = time.perf_counter()
    demo = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not _answers(f"http://127.0.0.1:{port}/_stcore/health"):
            if demo.poll() is not None or time.perf_counter() - start > PATIENCE:
                raise SystemExit("the demo did not come up: run `driftboard demo` to see why")
            time.sleep(0.1)
        return time.perf_counter() - start
    finally:
        demo.terminate()
        demo.wait()


def _warm_script_seconds(page: str) -> float:
    """Return the second run's time of one page's script, caches filled by the first."""
    app = AppTest.from_file(str(APP), default_timeout=PATIENCE)
    app.query_params["model"] = "flights"
    app.run()
    if page != "health":
        app.switch_page(f"views/{page}.py").run()
    start = time.perf_counter()
    app.run()
    elapsed = time.perf_counter() - start
    if app.exception:
        raise SystemExit(f"the {page} page failed: {app.exception[0].message}")
    return elapsed


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as response:  # noqa: S310 - our own loopback address
            return bool(response.status == 200)  # noqa: PLR2004 - HTTP's OK
    except OSError:
        return False


def _free_port() -> str:
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


if __name__ == "__main__":
    main()
