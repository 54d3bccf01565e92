"""Fixtures that more than one room's tests use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from driftboard.data import Store, open_store

settings.register_profile("driftboard", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("driftboard")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test's database goes."""
    return tmp_path / "log.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """An empty log."""
    with open_store(path) as store:
        yield store
