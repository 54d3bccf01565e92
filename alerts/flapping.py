"""Flapping: a problem that opens and closes all the time is one problem, told once. Pure.

A switch is a window after which the problem fires and before did not, or the reverse. With the fourth switch within 20
windows (of those that could tell) it flaps. While it flaps, its incident is not resolved: it is recovering whenever
nothing fires. Ten windows after the last switch it is steady, the switches are forgotten, and the incident is resolved
if nothing fires.
"""

from driftboard.alerts.memory import Memory

SWITCHES = 4
AMONG = 20
STEADY_AFTER = 10


def watch(before: Memory, *, fires: bool, seen: int) -> tuple[tuple[int, ...], bool]:
    """Return the switches after one window more, and whether it flaps.

    Parameters
    ----------
    fires, seen
        Whether it fires now, and how many windows could tell by now.
    """
    switches = (*before.switches, seen) if before.fires != fires else before.switches
    if before.flapping and seen - switches[-1] >= STEADY_AFTER:
        return (), False
    recent = tuple(each for each in switches if each > seen - AMONG)
    return recent, before.flapping or len(recent) >= SWITCHES
