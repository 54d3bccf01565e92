"""The room's public names: found when asked for, and nothing heavy before."""

import subprocess
import sys

import pytest

from driftboard import monitors

HEAVY = ("scipy.stats", "scipy.optimize", "sklearn", "river", "pandas")


def test_every_public_name_is_found():
    """All that `__all__` promises, and no more than it."""
    assert set(monitors._PLACES) == set(monitors.__all__) == set(dir(monitors))
    for name in monitors.__all__:
        assert getattr(monitors, name) is not None


def test_another_name_is_an_attribute_error():
    """As of any module."""
    with pytest.raises(AttributeError, match="no attribute 'Detektor'"):
        _ = monitors.Detektor


@pytest.mark.parametrize("module", ["driftboard.monitors.report", "driftboard.alerts.rules", "driftboard.api.app"])
def test_what_computes_nothing_imports_no_science(module):
    """The API and the commands about alerts start without SciPy."""
    code = f"import sys, {module}; print([each for each in {HEAVY!r} if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
