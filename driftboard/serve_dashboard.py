"""Serves the dashboard: Streamlit as a child process on loopback, stopped when this process is told to stop."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from driftboard.config import HANDED_OVER, Settings
from driftboard.dashboard.options import streamlit_options
from driftboard.errors import ConfigError, DriftboardError
from driftboard.section import with_references
from driftboard.web_address import address_of, is_loopback

START_SECONDS = 60.0
STOP_SECONDS = 10.0
_POLL_SECONDS = 0.2
_FLAGS = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "logger.hideWelcomeMessage": "true",
    "logger.level": "warning",
}


def check_address(host: str, port: int, *, behind_proxy: bool = False) -> None:
    """Refuse a port that cannot be had, and an address that is not this machine's own unless a proxy stands before it.

    Raises
    ------
    ConfigError
        The host is not loopback, or the port is in use or not allowed.
    """
    if not behind_proxy and not is_loopback(host):
        raise ConfigError(
            f"--host {host}: the dashboard has no log-in, so it serves this machine only (127.0.0.1); use an SSH "
            "tunnel, or an authenticating proxy and dashboard.behind_proxy = true"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise ConfigError(f"port {port} needs more rights than you have: choose another with --port") from None
        except OSError as error:
            reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise ConfigError(f"port {port} on {host} {reason}: choose another with --port") from None


def serve(settings: Settings, *, host: str, port: int, open_browser: bool, say: Callable[[str], None]) -> None:
    """Serve the dashboard until SIGINT or SIGTERM.

    Parameters
    ----------
    settings
        What the dashboard is to use; handed over in environment variables.
    host, port
        Where to listen; see `check_address`.
    open_browser
        Show it in a browser, if there is a display.
    say
        Told where the dashboard is once it answers.

    Raises
    ------
    ConfigError
        The address cannot be used.
    DriftboardError
        The dashboard stopped by itself, or did not start.
    """
    check_address(host, port, behind_proxy=settings.dashboard.behind_proxy)
    url = address_of(host, port)
    shown = settings.dashboard.base_url if settings.dashboard.behind_proxy else url
    with _Child(command(host, port), environment(settings, shown)) as child:
        if _answers(url, child):
            say(f"The dashboard is at {url} (stop it with Ctrl-C)")
            if open_browser and _has_display():
                webbrowser.open(url)
        child.wait()


def command(host: str, port: int) -> list[str]:
    """Return the command line of the child."""
    app = app_file()
    flags = {**_FLAGS, "server.address": host, "server.port": str(port)}
    options = [part for name, value in flags.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(app), *streamlit_options(), *options]


def app_file() -> Path:
    """Return the dashboard's entry file, without importing the dashboard."""
    spec = find_spec("driftboard.dashboard")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("the dashboard is not installed: pip install 'driftboard[server]'")
    return Path(spec.submodule_search_locations[0]) / "app.py"


def environment(settings: Settings, url: str) -> dict[str, str]:
    """Return this process's environment with the effective settings in it, and no other settings of ours.

    Secrets stay references: the dashboard sends no messages and never looks behind one.
    """
    ours = {name: value for name, value in os.environ.items() if not name.upper().startswith("DRIFTBOARD_")}
    store = settings.store.model_copy(update={"data_dir": settings.store.data_dir.resolve()})
    dashboard = settings.dashboard.model_copy(update={"base_url": url})
    effective = settings.model_copy(update={"store": store, "dashboard": dashboard})
    return ours | {HANDED_OVER: with_references(effective)}


class _Child:
    """The Streamlit process. While entered, SIGINT and SIGTERM stop it instead of ending this process."""

    def __init__(self, arguments: list[str], variables: dict[str, str]) -> None:
        self._arguments = arguments
        self._variables = variables
        self._told_to_stop: float | None = None
        self._handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._handlers[number] = signal.signal(number, lambda *_: self.stop())
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            self._arguments,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C comes to us, and we pass it on
        )
        if self._told_to_stop is not None:
            self._process.terminate()
        return self

    def __exit__(self, *_: object) -> None:
        if self.runs:
            self.stop()
            self._end()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        self._told_to_stop = self._told_to_stop or time.monotonic()
        if hasattr(self, "_process") and self.runs:
            self._process.terminate()

    def wait(self) -> None:
        while self.runs and self._told_to_stop is None:
            time.sleep(_POLL_SECONDS)
        if self._told_to_stop is None:
            raise DriftboardError(f"the dashboard stopped by itself (exit code {self._process.returncode})")
        self._end()

    def _end(self) -> None:
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _answers(url: str, child: _Child) -> bool:
    """Wait until the dashboard answers; False when the child is gone."""
    deadline = time.monotonic() + START_SECONDS
    while child.runs:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):  # noqa: S310 - our own loopback address
                return True
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                child.stop()
                raise DriftboardError(f"the dashboard did not answer within {START_SECONDS:.0f} s") from None
        time.sleep(_POLL_SECONDS)
    return False


def _has_display() -> bool:
    if not sys.stdout.isatty():
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
