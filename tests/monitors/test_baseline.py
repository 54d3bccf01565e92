"""The reference, frozen once."""

from dataclasses import replace

import numpy as np
import pytest

from driftboard.monitors import Categorical, Numeric, Sample
from driftboard.monitors.baseline import Baseline, row_slice
from tests.monitors.degenerate_samples import healthy, healthy_values
from tests.monitors.samples import classified, predictions


def test_a_profile_says_what_is_retyped_and_unexpected():
    """By name, in order of name."""
    batch = classified(50)
    features = {"temp": batch.features["town"], "b": batch.features["load"], "a": batch.features["load"]}
    profile = Baseline(classified(500)).profile(replace(batch, features=features), "x")
    assert (profile.retyped, profile.unexpected) == (("temp",), ("a", "b"))


def test_unexpected_features_are_a_hundred_at_most():
    """Somebody who logs a new column an hour does not fill the store."""
    column = Numeric(np.arange(5.0))
    profile = Baseline(Sample(0)).profile(Sample(5, {f"x{place:04}": column for place in range(900)}), "x")
    assert len(profile.unexpected) == len((profile + profile).unexpected) == 100


@pytest.mark.parametrize(
    ("codes", "failed"),
    [([0.0, 1.0, 2.0], 0), ([-1.0, np.nan, 0.0], 2), ([9.0, 1e300, np.inf], 0), ([], 3)],
)
def test_failed_requests_have_no_class(codes, failed):
    """Missing, negative or not given at all; a class beyond the list is a class."""
    sample = replace(predictions(3, (1.0,)), predicted=np.array(codes))
    profile = Baseline(predictions(100, (0.5, 0.5))).profile(sample, "x")
    assert profile.failed == failed
    assert profile.predicted.present[0] == 3 - failed


def test_a_confidence_outside_zero_to_one_is_missing():
    """It is not a probability, and moves nothing."""
    reference = replace(predictions(100, (1.0,)), confidence=np.full(100, 0.5))
    batch = replace(predictions(4, (1.0,)), confidence=np.array([0.5, 1.5, -0.1, np.inf]))
    counts = Baseline(reference).profile(batch, "x").outputs
    assert (counts.present[0], counts.missing[0]) == (1, 3)


def test_another_task_has_no_outputs_errors_or_segments():
    """A class code is not a value: nothing of it is compared, the features are."""
    profile = Baseline(healthy(500)).profile(healthy_values(60), "x")
    assert (profile.outputs.rows.sum(), profile.predicted.rows.sum(), profile.outcomes.n) == (0, 0, 0)
    assert (profile.errors[0].size, profile.segments[0].n.sum()) == (0, 0)
    assert profile.inputs.rows.tolist() == [60, 60, 60]


def test_errors_are_kept_in_order_up_to_a_thousand():
    """The sequential monitor's food: 0 or 1, of labelled rows only."""
    sample = classified(3_000)
    sample.labels[::2] = -1
    errors = Baseline(classified(500)).profile(sample, "x").errors[0]
    rows = np.flatnonzero(sample.labels >= 0)[:1_000]
    assert errors.tolist() == (sample.labels[rows] != sample.predicted[rows]).astype(float).tolist()


def test_rows_are_cut_from_every_array():
    """Features, levels, segments, scores; what was not given stays so."""
    part = row_slice(replace(healthy(20), confidence=np.empty(0)), np.array([3, 1]))
    assert part.n == part.predicted.size == part.scores.shape[0] == part.segments["town"].codes.size == 2
    assert part.confidence.size == 0
    assert part.features["temp"].values.tolist() == healthy(20).features["temp"].values[[3, 1]].tolist()
    assert isinstance(part.features["town"], Categorical)
