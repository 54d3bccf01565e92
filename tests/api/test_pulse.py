"""Signs of life of the API, and what becomes of them when the log takes none."""

import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Self

import pytest

from driftboard.api import pulse as pulse_module
from driftboard.api.pulse import Pulse
from driftboard.data.process_samples import read_samples
from driftboard.errors import StoreError


def wait_for(condition):
    """Wait until it holds; fail after ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def quick(monkeypatch):
    """Let signs of life come every few milliseconds, and a sample with each."""
    for name in ("BEAT_SECONDS", "_AGAIN_SECONDS", "_MINUTE"):
        monkeypatch.setattr(pulse_module, name, 0.01)


@pytest.mark.usefixtures("quick")
def test_what_the_process_uses_is_sampled(store):
    """Its samples are in the log, as those of the component `api`, of no model."""
    pulse = Pulse(store)
    pulse.start()
    now = datetime.now(UTC)

    def sampled():
        with store.read() as connection:
            return read_samples(connection, since=now - timedelta(hours=1), until=now + timedelta(hours=1))

    wait_for(sampled)
    pulse.stop()
    assert {(each.component, each.model_id) for each in sampled()} == {("api", None)}
    assert sampled()[0].memory > 2**20


class Refusing:
    """A log that refuses to be written until it is mended."""

    def __init__(self, store) -> None:
        self.store = store
        self.mended = False

    def again(self):
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Stay open: it is the test's."""

    @contextmanager
    def write(self):
        if not self.mended:
            raise StoreError("the database x cannot grow (the disk is full): make room and try again")
        with self.store.write() as connection:
            yield connection


@pytest.mark.usefixtures("quick", "path")
def test_a_full_disk_is_noticed_told_once_and_over_when_there_is_room(store, caplog):
    """Trouble lasts as long as the log takes nothing; one line tells of it, not one for every try."""
    refusing = Refusing(store)
    pulse = Pulse(refusing)
    pulse.start()
    wait_for(lambda: pulse.is_full)
    time.sleep(0.1)
    assert caplog.text.count("no sign of life") == 1
    refusing.mended = True
    wait_for(lambda: pulse.trouble is None)
    assert not pulse.is_full
    pulse.stop()
