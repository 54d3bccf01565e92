"""The peers' virtual environments: one each, because they disagree about numpy and pandas.

`python -m benchmarks.peers.environments [NAME ...]` makes them (some 5 GB together) under `.peers/` or the folder that
DRIFTBOARD_PEERS names. Nothing else in the repository needs them: their results are kept in `results/`.
"""

import os
import subprocess
import sys
from pathlib import Path

PINS = {
    "nannyml": ("nannyml==0.13.1", "statsmodels"),  # it imports statsmodels without asking for it
    "evidently": ("evidently==0.7.23", "pandas==2.3.3"),
    "alibi-detect": ("alibi-detect==0.13.0",),
    "frouros": ("frouros==0.9.0",),
    "whylogs": ("whylogs[viz]==1.6.4", "pandas==2.3.3"),
}
NAMES = tuple(PINS)
RESULTS = Path(__file__).parent / "results"
_ROOT = Path(__file__).parents[2]
_LIMIT_S = 1800
_QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "OMP_NUM_THREADS": "1",
    "WHYLOGS_NO_ANALYTICS": "True",
    "NML_DISABLE_USAGE_LOGGING": "1",
}


def folder() -> Path:
    """Return where the environments are."""
    return Path(os.environ.get("DRIFTBOARD_PEERS", _ROOT / ".peers")).absolute()


def version(peer: str) -> str:
    """Return the pinned version of a peer.

    >>> version("alibi-detect")
    '0.13.0'
    """
    return PINS[peer][0].partition("==")[2]


def run(peer: str, runner: str, *arguments: str | Path) -> str:
    """Run one of the runners with a peer's Python; return what it printed.

    Raises
    ------
    FileNotFoundError
        When the environment has not been made.
    subprocess.CalledProcessError
        When the runner fails.
    """
    python = folder() / peer / "bin" / "python"
    if not python.exists():
        raise FileNotFoundError(f"no environment for {peer}: python -m benchmarks.peers.environments {peer}")
    command = [python, "-m", f"benchmarks.peers.runners.{runner}", *arguments]
    environment = {**os.environ, **_QUIET, "DO_NOT_TRACK": "1"}
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=environment, cwd=_ROOT, timeout=_LIMIT_S
    )
    return done.stdout


def make(peer: str) -> None:
    """Make a peer's environment."""
    home = folder() / peer
    subprocess.run([sys.executable, "-m", "venv", home], check=True, timeout=_LIMIT_S)
    install = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", *PINS[peer]]
    subprocess.run(install, check=True, timeout=_LIMIT_S)


if __name__ == "__main__":
    for name in sys.argv[1:] or NAMES:
        make(name)
