"""Flapping: a problem that opens and closes all the time is one problem, told once. Pure.

A switch is a window after which the problem fires and before did not, or the reverse. With the fourth switch within 20
windows (of those that could tell) it flaps. While it flaps, its incident is not resolved: it is recovering whenever
nothing fires. Ten windows after the last switch it is steady, the switches are forgotten, and the incident is resolved
if nothing fires.
"""

from dataclasses import replace

from driftboard.alerts.memory import Memory

SWITCHES = 4
AMONG = 20
STEADY_AFTER = 10


def watch(before: Memory, after: Memory) -> Memory:
    """Return the memory after a window with its switches, and whether it flaps."""
    switched = bool(before.firing) != bool(after.firing)
    switches = (*before.switches, after.seen) if switched else before.switches
    if before.flapping and after.seen - switches[-1] >= STEADY_AFTER:
        return replace(after, switches=(), flapping=False)
    recent = tuple(each for each in switches if each > after.seen - AMONG)
    return replace(after, switches=recent, flapping=before.flapping or len(recent) >= SWITCHES)
