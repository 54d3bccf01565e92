"""How long the peers take, kept in `results/speed.csv`: one line for each peer and task."""

import csv
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.peers.environments import RESULTS, version

SPEEDS = RESULTS / "speed.csv"


@dataclass(frozen=True, slots=True)
class Speed:
    """Median seconds of one task.

    Attributes
    ----------
    peer, task
        Who did what.
    rows, features, runs
        Rows given, features in each, and how many runs the median is of.
    seconds
        Wall time on one core.
    """

    peer: str
    task: str
    rows: int
    features: int
    runs: int
    seconds: float


def record(speed: Speed, path: Path = SPEEDS) -> None:
    """Put a line into the file, in place of an older one of the same peer and task."""
    line = {key: str(value) for key, value in asdict(speed).items()}
    line |= {"seconds": f"{speed.seconds:.3f}", "version": version(speed.peer), "python": platform.python_version()}
    others = [old for old in read(path) if (old["peer"], old["task"]) != (speed.peer, speed.task)]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(line), lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted([*others, line], key=lambda old: (old["peer"], old["task"])))


def read(path: Path = SPEEDS) -> list[dict[str, str]]:
    """Return the lines of the file, none when there is no file."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
