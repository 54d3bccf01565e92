"""What is remembered, and how it is kept."""

from hypothesis import given
from hypothesis import strategies as st

from driftboard.alert_settings import RulePolicy
from driftboard.alerts.lifecycle import advance
from driftboard.alerts.memory import Memory, memory_from_json, memory_to_json
from tests.alerts.batches import window
from tests.alerts.test_lifecycle import read


@given(st.lists(st.sampled_from("cwi.hb-"), max_size=8), st.text(max_size=5).filter(str.isprintable))
def test_a_memory_is_read_as_it_was_written(letters, subject):
    """Every field, and the memory without the newest window, comes back."""
    memory = Memory(rule="feature_drift", subject=subject, group="subject", episode=3)
    for number, letter in enumerate(letters):
        memory = advance(memory, read(letter, number), window(number), RulePolicy())
    again = memory_from_json(memory_to_json(memory))
    assert again == memory
    assert again.before == memory.before
    assert again.last is None or (again.last.batch_id, again.last.rows) == (memory.last.batch_id, 1000)


def test_it_does_not_grow_with_the_windows():
    """A thousand windows are as long as ten."""
    lengths = []
    memory = Memory(rule="feature_drift")
    for number in range(1000):
        memory = advance(memory, read("c" if number % 7 == 0 else ".", number), window(number), RulePolicy())
        lengths.append(len(memory_to_json(memory)))
    assert max(lengths[500:]) < max(lengths[:100]) + 100


def test_windows_are_ordered_by_their_first_prediction_then_by_key():
    """Name and rows do not matter."""
    assert window(1) < window(2)
    assert window(1, rows=5) == window(1, rows=6)


def test_a_memory_of_an_earlier_version_is_read():
    """Fields it did not know have their defaults, fields that are gone are left alone."""
    assert memory_from_json('{"tracks": {}, "seen": 3, "bygone": 1}') == Memory(seen=3)
