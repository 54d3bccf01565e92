"""From requests to counts."""

import subprocess
import sys
from datetime import UTC, datetime

import hypothesis.strategies as st
from hypothesis import given

from driftboard.data.service_counts import LATENCY_BOUNDS, NOTHING, ROWS_BOUNDS, cell
from driftboard.instrument.live import REJECTED, Event
from driftboard.instrument.tallying import tallied

EVENTS = st.lists(
    st.tuples(
        st.floats(0, 7_200),
        st.sampled_from([*LATENCY_BOUNDS, 0.0, 0.0123, 99.0]),
        st.integers(1, 2_000),
        st.sampled_from([None, REJECTED, "ValueError", "HTTP 503"]),
    ),
    max_size=50,
)


@given(EVENTS)
def test_counts_are_those_of_one_at_a_time(events: list[Event]) -> None:
    """Every request is in the minute it ended in, in the cells of its duration and rows; rejected ones in none."""
    counts = tallied(events, ahead=0.0)
    assert [(seconds, start.second) for seconds, start in counts] == [(60, 0)] * len(counts)
    for (_, start), each in counts.items():
        mine = [event for event in events if event[0] // 60 == (start - datetime.fromtimestamp(0, UTC)).seconds // 60]
        judged = [event for event in mine if event[3] != REJECTED]
        assert each.success == sum(event[3] is None for event in mine)
        assert each.rejected == len(mine) - len(judged)
        assert sum(each.errors.values()) == len(judged) - each.success
        for number, count in enumerate(each.latency):
            assert count == sum(cell(LATENCY_BOUNDS, event[1]) == number for event in judged)
        for number, count in enumerate(each.rows):
            assert count == sum(cell(ROWS_BOUNDS, event[2]) == number for event in judged)
        assert each.rows_sum == sum(event[2] for event in judged)
    assert sum(counts.values(), NOTHING).measured == sum(event[3] != REJECTED for event in events)


def test_the_wall_clock_says_which_minute() -> None:
    """Requests are timed by a clock that starts anywhere; the minute is that of the day."""
    noon = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    counts = tallied([(5.0, 0.1, 1, None)], ahead=noon.timestamp())
    assert list(counts) == [(60, noon)]


def test_counting_imports_nothing() -> None:
    """A process that forks while its meter is in the middle of an import has a child that cannot count."""
    program = """
import sys
from driftboard.instrument.tallying import tallied
before = set(sys.modules)
tallied([(0.0, 0.1, 1, None), (61.0, 0.1, 1, "KeyError")], ahead=0.0)
sys.exit(repr(set(sys.modules) - before) if set(sys.modules) - before else 0)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
