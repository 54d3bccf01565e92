"""BentoML: its own monitor context, writing to the log."""

from collections.abc import Callable
from typing import Any

import pytest

from driftboard.instrument import Instrument
from tests.instrument.seen import seen

bentoml = pytest.importorskip("bentoml", reason="BentoML is not installed")


@pytest.fixture
def place(path: Any) -> str:
    """In a file."""
    return str(path)


def test_a_record_is_logged_by_its_roles(make: Callable[..., Instrument], place: str) -> None:
    """Features, prediction and id of each row of a record; a target is no feature."""
    from driftboard.instrument.bentoml import DriftboardMonitor  # noqa: PLC0415 - it needs BentoML

    watched = make()
    for _ in range(2):  # the schema comes with the first record only
        with bentoml.monitor("churn", DriftboardMonitor, {"watched": watched}) as monitor:
            monitor.log_batch([30, 50], "age", "feature", "numerical")
            monitor.log_batch(["a", "b"], "plan", "feature", "categorical")
            monitor.log_batch(["no", "yes"], "leaves", "prediction", "categorical")
            monitor.log_batch(["no", "no"], "left", "target", "categorical")
    watched.flush()
    rows = [(row["f:age"], row["f:plan"], row["predicted"], "f:left" in row) for row in seen(place).table]
    assert rows == [(30, "a", "no", False), (50, "b", "yes", False)] * 2
