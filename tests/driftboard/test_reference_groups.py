"""The groups of a reference: as long as batches are, cut where batches are cut, or none."""

import numpy as np
import pytest

from driftboard.reference_groups import Rhythm, reference_groups, rhythm_of

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
WEEK = 7 * DAY


@pytest.mark.parametrize(
    ("span", "unit"),
    [
        (0, MINUTE),
        (MINUTE, MINUTE),
        (MINUTE + 1, HOUR),
        (15 * MINUTE, HOUR),
        (HOUR + 1, DAY),
        (23 * HOUR, DAY),
        (DAY + 1, WEEK),
        (WEEK + 1, 2 * WEEK),
        (30 * DAY, 5 * WEEK),
    ],
)
def test_the_unit_is_the_length_of_a_batch_rounded_up(span, unit):
    """To a minute, an hour, a day, whole weeks."""
    assert rhythm_of([(0, span)]).unit == unit


def test_the_unit_is_the_median_of_the_first_eight_batches():
    """One long first batch, or a change of habit later, does not make the unit."""
    batches = [(0, 3 * DAY), *((day * DAY, day * DAY + 20 * HOUR) for day in range(3, 10)), *[(0, 9 * WEEK)] * 90]
    assert rhythm_of(batches).unit == DAY
    assert rhythm_of([]) is None


def test_days_are_cut_where_they_pause():
    """Days of another time zone, from 10:00 to 04:00 UTC, are one group each; cut at midnight they would be two."""
    starts = np.arange(10) * DAY + 10 * HOUR
    rows = np.concatenate([start + np.linspace(0, 18 * HOUR, 40).astype(np.int64) for start in starts])
    rhythm = rhythm_of([(40 * DAY + 10 * HOUR, 41 * DAY + 4 * HOUR)])
    groups = reference_groups(rows, rhythm)
    assert np.array_equal(groups, np.repeat(np.arange(10), 40))
    assert len(np.unique(reference_groups(rows, Rhythm(DAY, 0)))) == 11


def test_whole_hours_are_cut_on_the_hour():
    """Batches that fill their unit are cut where it ends, to within the pause of their rows."""
    rhythm = rhythm_of([(5 * HOUR + SECOND, 6 * HOUR - SECOND)] * 8)
    assert rhythm.phase in range(HOUR - 2 * SECOND, HOUR) or rhythm.phase < 2 * SECOND


def test_jobs_that_score_at_one_moment_are_told_apart():
    """Each run is a group, days apart as the runs may be."""
    rows = np.repeat(np.arange(9) * DAY + 7 * HOUR, 30)
    groups = reference_groups(rows, rhythm_of([(50 * DAY, 50 * DAY)]))
    assert np.array_equal(groups, np.repeat(np.arange(9), 30))


@pytest.mark.parametrize(
    "rows",
    [
        np.repeat(np.arange(7) * DAY, 40),
        np.repeat(np.arange(10) * DAY, 19),
        np.repeat(np.arange(10) * DAY, 40)[::-1],
        np.zeros(1_000, dtype=np.int64),
        np.empty(0, dtype=np.int64),
    ],
    ids=["seven days", "19 rows a day", "backwards", "one moment", "empty"],
)
def test_a_reference_that_tells_nothing_has_no_groups(rows):
    """Too few groups, too few rows in them, or no order of time."""
    assert reference_groups(rows, Rhythm(DAY, 0)) is None


def test_gaps_do_not_count():
    """Every third day, as in the demo: groups are numbered without holes."""
    rows = np.repeat(np.arange(0, 57, 3) * DAY, 100)
    assert np.array_equal(np.unique(reference_groups(rows, Rhythm(DAY, 0))), np.arange(19))
