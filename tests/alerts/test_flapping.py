"""When a problem flaps, and when it is steady again."""

from driftboard.alerts.flapping import watch
from driftboard.alerts.memory import Memory, Run, Track
from driftboard.alerts.severity import Severity

FIRES = {"age": Track(runs={Severity.INFO: Run(active=True, windows=1)})}


def memory(*, fires: bool, switches=(), flapping=False) -> Memory:
    """A memory that fires, or does not."""
    return Memory(tracks=FIRES if fires else {}, switches=switches, flapping=flapping)


def test_the_fourth_switch_within_twenty_windows_flaps():
    """A switch twenty windows ago no longer counts."""
    assert watch(memory(fires=False, switches=(2, 5, 9)), fires=True, seen=21) == ((2, 5, 9, 21), True)
    assert watch(memory(fires=False, switches=(1, 5, 9)), fires=True, seen=21) == ((5, 9, 21), False)


def test_it_is_steady_ten_windows_after_the_last_switch():
    """Then the switches are forgotten, so that the next one is the first."""
    flaps = memory(fires=False, switches=(2, 5, 9, 11), flapping=True)
    assert watch(flaps, fires=False, seen=20) == ((2, 5, 9, 11), True)
    assert watch(flaps, fires=False, seen=21) == ((), False)


def test_a_switch_keeps_it_flapping():
    """The ten windows begin anew."""
    flaps = memory(fires=False, switches=(2, 5, 9, 11), flapping=True)
    assert watch(flaps, fires=True, seen=21) == ((2, 5, 9, 11, 21), True)


def test_windows_that_cannot_tell_do_not_make_it_steady():
    """They are not counted in `seen`."""
    flaps = memory(fires=False, switches=(2, 5, 9, 11), flapping=True)
    assert watch(flaps, fires=False, seen=11)[1]
