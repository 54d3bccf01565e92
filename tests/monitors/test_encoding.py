"""Features as points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from driftboard.monitors import Categorical, Numeric, Sample
from driftboard.monitors.encoding import MOST_FEATURES, fit_encoding


def rows_of(sample):
    """All rows."""
    return np.arange(sample.n)


def test_numbers_are_standardised_as_scikit_learn_does(classification_sample):
    """On the reference's mean and standard deviation, not on the batch's."""
    reference, batch = classification_sample(500), classification_sample(80, seed=1, shift=3)
    encoding = fit_encoding(reference, rows_of(reference))
    columns = [[sample.features[name].values for name in ("temp", "load")] for sample in (reference, batch)]
    expected = StandardScaler().fit(np.transpose(columns[0])).transform(np.transpose(columns[1]))
    np.testing.assert_allclose(encoding.encode(batch, rows_of(batch))[:, :2], expected, rtol=1e-12)


def test_levels_count_as_their_share_and_are_matched_by_name():
    """A batch may number its levels in another order and bring new ones."""
    reference = Sample(4, {"town": Categorical(np.array([0, 0, 0, 1]), ("Oslo", "Bonn"))})
    batch = Sample(4, {"town": Categorical(np.array([0, 1, 2, -1]), ("Bonn", "Rome", "Oslo"))})
    encoding = fit_encoding(reference, rows_of(reference))
    shares = np.array([0.75, 0.75, 0.75, 0.25])
    expected = (np.array([0.25, 0.0, 0.75, shares.mean()]) - shares.mean()) / shares.std()
    np.testing.assert_allclose(encoding.encode(batch, rows_of(batch))[:, 0], expected)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=20))
def test_points_are_finite_for_any_values(values):
    """NaN lies at the mean; infinities and values whose squares overflow at most ten deviations away."""
    sample = Sample(len(values), {"x": Numeric(np.array(values)), "y": Numeric(np.arange(float(len(values))))})
    points = fit_encoding(sample, rows_of(sample)).encode(sample, rows_of(sample))
    assert np.isfinite(points).all()
    assert (np.abs(points) <= 10).all()


def test_what_a_batch_lacks_or_has_in_the_other_kind_lies_at_the_mean():
    """It says nothing here, and the feature monitor says it."""
    reference = Sample(4, {"x": Numeric(np.arange(4.0)), "y": Numeric(np.arange(4.0))})
    batch = Sample(2, {"x": Categorical(np.array([0, 1]), ("a", "b"))})
    encoding = fit_encoding(reference, rows_of(reference))
    assert encoding.encode(batch, rows_of(batch)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e300, np.nan, np.inf])
def test_a_constant_is_left_out(constant):
    """Dividing by its spread would make rounding noise a direction."""
    reference = Sample(7, {"x": Numeric(np.full(7, constant)), "y": Numeric(np.arange(7.0))})
    encoding = fit_encoding(reference, rows_of(reference))
    assert (encoding.features, encoding.left_out) == (("y",), 1)


def test_of_thousands_of_features_the_fullest_are_kept():
    """The matrix stays bounded whatever a model takes; the order is the reference's."""
    rng = np.random.default_rng(0)
    holed = {f"holed {i}": Numeric(np.where(rng.random(60) < 0.5, np.nan, rng.random(60))) for i in range(1000)}
    full = {f"full {i}": Numeric(rng.random(60)) for i in range(MOST_FEATURES)}
    reference = Sample(60, holed | full)
    encoding = fit_encoding(reference, rows_of(reference))
    assert (encoding.features, encoding.left_out) == (tuple(full), 1000)
