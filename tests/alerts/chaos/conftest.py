"""Where the programs that are killed run."""

from pathlib import Path

import pytest
import trustme

from tests.alerts.chaos.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A folder of its own, and an authority that the programs trust."""
    return World(tmp_path, trustme.CA())
