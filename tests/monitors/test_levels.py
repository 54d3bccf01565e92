"""Categorical columns, counted batch by batch."""

from dataclasses import fields

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.levels import LevelColumns, LevelCounts
from driftboard.monitors.sample import Categorical

REFERENCE = Categorical(np.tile([0, 0, 1, 2, -1], 10), ("a", "b", "c"))
CODES = st.lists(st.integers(-1, 9), max_size=50).map(lambda codes: np.array(codes, dtype=np.int64))
NAMES = st.permutations(["a", "b", "c", "d", "e", "f", "g"]).map(tuple)


def _columns():
    return LevelColumns({"town": REFERENCE, "plan": REFERENCE})


@given(CODES, CODES, NAMES)
def test_counts_of_two_batches_add_up_to_the_counts_of_both(first, second, names):
    """Every field, with unknown levels, nameless codes and levels in any order."""
    columns = _columns()

    def count(codes):
        return columns.count({"town": Categorical(codes, names)})

    added, together = count(first) + count(second), count(np.append(first, second))
    for field in fields(LevelCounts):
        ours, theirs = getattr(added, field.name), getattr(together, field.name)
        assert (ours == theirs) if field.name == "unseen" else (ours == theirs).all(), field.name


@given(CODES, NAMES)
def test_a_level_is_its_name(codes, names):
    """Counts are those of the names, however the batch numbers them."""
    columns = _columns()
    counts = columns.part(0, columns.count({"town": Categorical(codes, names)}).cells).tolist()
    held = [names[code] for code in codes if 0 <= code < len(names)]
    labels = columns.cells_of(0).labels
    assert counts[:-1] == [held.count(label) for label in labels[:-1]]
    assert counts[-1] == sum(code >= 0 for code in codes) - sum(counts[:-1])


def test_columns_keep_apart():
    """One that is absent has no rows, new levels belong to their own column."""
    columns = _columns()
    counts = columns.count({"plan": Categorical(np.array([0, 0, -1]), ("unheard",))})
    assert (counts.rows.tolist(), counts.missing.tolist()) == ([0, 3], [0, 1])
    assert columns.new(counts.cells).tolist() == [0, 2]
    assert counts.unseen == ((), ("unheard",))
    assert counts.present.tolist() == [0, 2]


def test_names_put_first_keep_their_places():
    """The class list is fixed, whichever class is most frequent or absent."""
    columns = LevelColumns({"class": REFERENCE}, first=("c", "lost", "a"))
    assert columns.cells_of(0).labels == ("c", "lost", "a", "b", "new")
