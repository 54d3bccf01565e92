"""The package: what a service has to install and to wait for."""

import doctest
import subprocess
import sys
from importlib import import_module

import pytest

HEAVY = ("fastapi", "starlette", "psutil", "prometheus_client", "streamlit", "scipy", "sklearn", "flask", "mlflow")


def test_importing_it_needs_only_what_logging_needs() -> None:
    """`import driftboard.instrument`, middleware and scikit-learn wrapper included, imports nothing of the server."""
    program = f"""
import sys
import driftboard.instrument, driftboard.instrument.asgi, driftboard.instrument.sklearn
heavy = [name for name in {HEAVY!r} if name in sys.modules]
sys.exit(repr(heavy) if heavy else 0)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("name", ["answers", "inputs", "paths", "tallying"])
def test_examples(name: str) -> None:
    """The examples in the docstrings are true."""
    found = doctest.testmod(import_module(f"driftboard.instrument.{name}"))
    assert (found.failed, found.attempted > 0) == (0, True)
