"""Binned isotonic calibration against scikit-learn's on the rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from driftboard.monitors.isotonic import fit_isotonic

ROWS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=300)


def test_the_curve_is_scikit_learns_on_the_rows():
    """On 20,000 rows within 0.02 on average of the fit that gives every row its own step, and of the truth."""
    rng = np.random.default_rng(1)
    scores = rng.beta(1, 2, 20_000)
    hits = rng.random(20_000) < scores**2
    ours = fit_isotonic(scores, hits)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(scores, hits)
    at = np.linspace(0, 0.95, 100)
    assert np.abs(ours.at(at) - theirs.predict(at)).mean() < 0.02
    assert np.abs(ours.at(at) - at**2).mean() < 0.02


def test_on_scores_with_few_values_it_is_exact():
    """Equal scores share a bin, so that their shares go into the regression as they are."""
    rng = np.random.default_rng(2)
    scores = rng.integers(0, 11, 5000) / 10
    hits = rng.random(5000) < 0.5 + 0.2 * np.sin(scores * 9)
    ours = fit_isotonic(scores, hits).at(np.arange(11) / 10)
    theirs = IsotonicRegression().fit(scores, hits).predict(np.arange(11) / 10)
    assert ours == pytest.approx(theirs, abs=1e-6)


@given(ROWS)
def test_the_curve_never_falls_and_keeps_the_mean(rows):
    """Chances rise with the score, stay in [0, 1], and the bins' mean chance is the share of hits."""
    scores, hits = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    curve = fit_isotonic(scores, hits)
    chances = curve.at(np.linspace(0, 1, 30))
    assert (np.diff(chances) >= -1e-12).all()
    assert 0 <= chances.min() <= chances.max() <= 1
    if len(rows) < 100:
        assert curve.chances.tolist() == pytest.approx([hits.mean()])
