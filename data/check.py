"""One thing that `driftboard doctor` looked at."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is; in order."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was found, and what to do about it (empty where nothing is to be done)."""

    name: str
    state: State
    finding: str
    advice: str = ""


def ok(name: str, finding: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(name, State.OK, finding)


def warning(name: str, finding: str, advice: str) -> Check:
    """Return a check that found what should be looked after."""
    return Check(name, State.WARNING, finding, advice)


def critical(name: str, finding: str, advice: str) -> Check:
    """Return a check that found what must not stay so."""
    return Check(name, State.CRITICAL, finding, advice)


def worst(checks: "tuple[Check, ...]") -> State:
    """Return the worst state.

    >>> worst((ok("a", ""), warning("b", "", "")))
    <State.WARNING: 'warning'>
    """
    return max((check.state for check in checks), key=list(State).index, default=State.OK)


def size(n_bytes: float) -> str:
    """Return a number of bytes as a person reads it.

    >>> size(5 * 2**20)
    '5.0 MiB'
    """
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if n_bytes < 1024:  # noqa: PLR2004 - the next unit
            return f"{n_bytes:.0f} {unit}" if unit == "bytes" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1024
    return f"{n_bytes:.1f} TiB"
