"""Outcomes by segment: over frozen levels, by name, and additive."""

from dataclasses import replace

import numpy as np
import pytest

from driftboard.monitors.sample import Categorical, Sample
from driftboard.monitors.segment_outcomes import MOST_LEVELS, segment_levels, segment_outcomes

TOWNS = ("Oslo", "Bonn", "Nice")


def classified(n, seed):
    """Two classes, a town for most rows, a label for most."""
    rng = np.random.default_rng(seed)
    town = Categorical(rng.integers(-1, 3, n), TOWNS)
    predicted, labels = rng.integers(0, 2, (2, n)).astype(float)
    labels[::7] = -1
    return Sample(n, {}, "classification", ("no", "yes"), predicted, labels=labels, segments={"town": town})


def test_counts_are_those_of_the_rows_of_each_level():
    """Labelled rows and wrong predictions, counted one level at a time."""
    sample = classified(500, 1)
    counted = segment_outcomes(sample, {"town": TOWNS}, sample.classes)["town"]
    for place in range(3):
        rows = (sample.segments["town"].codes == place) & (sample.labels >= 0)
        assert counted.n[place] == rows.sum()
        assert counted.errors[place] == (sample.labels != sample.predicted)[rows].sum()
    assert counted.n[3] == 0
    assert counted.squares.tolist() == counted.errors.tolist()


def test_two_samples_add_up():
    """Level by level, with the level lists in different orders."""
    one, other = classified(300, 2), classified(200, 3)
    column = other.segments["town"]
    turned = replace(
        other, segments={"town": Categorical(np.where(column.codes >= 0, 2 - column.codes, -1), TOWNS[::-1])}
    )
    levels = {"town": ("Nice", "Oslo")}
    parts = [segment_outcomes(each, levels, one.classes)["town"] for each in (one, other, turned)]
    assert parts[1].errors.tolist() == parts[2].errors.tolist()
    assert (parts[0] + parts[1]).n.sum() == parts[0].n.sum() + parts[1].n.sum()
    assert parts[0].n[2] == ((one.segments["town"].codes == 1) & (one.labels >= 0)).sum()


def test_absolute_errors_and_squares_of_values():
    """For regression the sums of |e| and e² from which a mean and its noise are made."""
    rng = np.random.default_rng(4)
    predicted, labels = rng.normal(size=(2, 100))
    labels[:5] = np.nan
    town = Categorical(rng.integers(0, 2, 100), ("a", "b"))
    sample = Sample(100, {}, "regression", (), predicted, labels=labels, segments={"town": town})
    counted = segment_outcomes(sample, {"town": ("a", "b")})["town"]
    rows = (town.codes == 1) & ~np.isnan(labels)
    assert counted.errors[1] == pytest.approx(np.abs(predicted - labels)[rows].sum())
    assert counted.squares[1] == pytest.approx(((predicted - labels)[rows] ** 2).sum())


def test_only_the_most_frequent_levels_are_counted_apart():
    """Of 80 levels the 50 with most rows; one that never occurs is not among them."""
    codes = np.repeat(np.arange(80), np.arange(80))
    levels = tuple(f"level {each}" for each in range(80))
    sample = Sample(
        codes.size, segments={"plan": Categorical(codes, levels), "none": Categorical(codes * 0 - 1, ("x",))}
    )
    chosen = segment_levels(sample)
    assert chosen["plan"] == levels[80 - MOST_LEVELS :]
    assert chosen["none"] == ()


@pytest.mark.parametrize(
    "sample",
    [
        Sample(0),
        Sample(4),
        Sample(4, {}, "regression", (), np.ones(4)),
        Sample(2, {}, "classification", ("no",), np.zeros(2), labels=np.zeros(2)),
    ],
)
def test_a_sample_without_the_segment_counts_nothing(sample):
    """No labels, no rows or no such segment: zeros of the frozen shape."""
    counted = segment_outcomes(sample, {"town": TOWNS}, ("no",))["town"]
    assert counted.n.tolist() == [0, 0, 0, 0]
    assert counted.errors.tolist() == [0.0] * 4
