"""Makes instruments, and closes them."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from driftboard.errors import StoreError
from driftboard.instrument import Instrument


@pytest.fixture
def make(place: str) -> Iterator[Callable[..., Instrument]]:
    """Makes instruments of the model churn:3; in a file, but for the tests of a meter, which know both engines."""
    made: list[Instrument] = []

    def one(**options: Any) -> Instrument:
        defaults = {"where": place, "model": "churn", "version": "3", "spool": False, "handle_sigterm": False}
        made.append(Instrument(**(defaults | options)))
        return made[-1]

    yield one
    for each in made:
        with contextlib.suppress(StoreError):
            each.close(timeout=0.5)
