"""The supervisor: parts run together, what dies comes back, what refuses ends all, and all of them stop."""

import os
import signal
import threading
import time

import pytest

from driftboard import supervisor
from driftboard.config import load_settings
from driftboard.data import open_store
from driftboard.data.heartbeats import WORKER, heartbeats
from driftboard.errors import DriftboardError
from driftboard.supervisor import Part, Supervisor, parts_of


@pytest.fixture
def settings(tmp_path):
    """Settings of a log that is there."""
    settings = load_settings(store={"data_dir": tmp_path})
    open_store(settings.store.path).close()
    return settings


@pytest.fixture
def running(settings):
    """Run parts in a thread; return what was said, and the stop."""
    threads = []

    def run(*parts: Part):
        stop, said, failed = threading.Event(), [], []

        def body() -> None:
            try:
                Supervisor(parts, settings, said.append).run(stop)
            except DriftboardError as error:
                failed.append(str(error))

        thread = threading.Thread(target=body)
        thread.start()
        threads.append((thread, stop))
        return thread, stop, said, failed

    yield run
    for thread, stop in threads:
        stop.set()
        thread.join(30)


def until(condition, seconds=30.0):
    """Wait for something."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def seen(settings) -> dict[int, str]:
    """Return the workers that have shown a sign of life, by pid."""
    with open_store(settings.store.path) as store, store.read() as connection:
        return {heart.pid: heart.component for heart in heartbeats(connection) if heart.component == WORKER}


def worker() -> Part:
    """A real worker."""
    return Part("worker", ("run", "--watch", "--interval", "0.2"))


def test_what_is_killed_is_started_again(running, monkeypatch):
    """After a pause, as another process, and it is said."""
    monkeypatch.setattr(supervisor, "_FIRST_PAUSE", 0.1)
    part = Part("worker", ("run", "--watch"), pause=0.1)
    _, _, said, _ = running(part)
    until(lambda: part.process is not None)
    first = part.process.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: part.process.pid != first)
    assert said == ["The worker ended (exit code -9); it is started again in 0.1 s."]
    assert part.code is None


def test_the_pause_grows_while_it_keeps_dying(running):
    """What dies at once is not started ten times a second."""
    part = Part("version", ("--version",), pause=0.1)
    _, _, said, _ = running(part)
    until(lambda: len(said) >= 3)
    assert [line.partition("again in ")[2] for line in said[:3]] == ["0.1 s.", "0.2 s.", "0.4 s."]


def test_what_refuses_to_start_ends_all(running):
    """The others are stopped, and the line names the part."""
    other = worker()
    thread, _, _, failed = running(other, Part("API", ("serve", "--no-such-option")))
    thread.join(30)
    assert failed == ["the API refused to start (see the line above)"]
    assert other.code is not None


def test_all_of_them_stop(running, settings):
    """In order: each is asked to, and ends with 0."""
    part = worker()
    thread, stop, _, _ = running(part)
    until(lambda: part.process is not None and part.process.pid in seen(settings))
    stop.set()
    thread.join(30)
    assert part.code == 0
    assert seen(settings) == {}, "it took its leave"


def test_the_parts_are_the_whole_of_driftboard(settings):
    """API, dashboard and worker; those that can be asked are asked by their loopback address."""
    worker, api, page = parts_of(
        settings.model_copy(update={"api": settings.api.model_copy(update={"host": "::"})}), interval=15
    )
    assert worker.arguments == ("run", "--watch", "--interval", "15")
    assert (api.arguments, api.ready) == (("serve",), "http://[::1]:8502/healthz")
    assert page.ready == "http://127.0.0.1:8501/_stcore/health"
