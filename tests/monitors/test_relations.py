"""Rank correlations from moments that add up."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from driftboard.monitors.numeric import NumericColumns
from driftboard.monitors.relations import Relations, fisher_z


def _relations(columns):
    return Relations(NumericColumns(columns), columns)


def _pair(rng, n, r=0.6):
    x = rng.normal(size=n)
    return {"x": x, "y": r * x + np.sqrt(1 - r**2) * rng.normal(size=n)}


def test_correlation_is_nearly_that_of_the_normal_scores():
    """A hundred cells lose little: within 0.02 of the true correlation of normal data, and near Spearman's."""
    rng = np.random.default_rng(0)
    columns = _pair(rng, 20_000)
    found = float(_relations(columns).moments.correlation[0])
    assert found == pytest.approx(0.6, abs=0.02)
    assert found == pytest.approx(2 * np.sin(np.pi / 6 * spearmanr(columns["x"], columns["y"]).statistic), abs=0.02)


def test_moments_of_two_batches_add_up_to_the_moments_of_both():
    """Any window is a sum; single precision is all that is lost."""
    rng = np.random.default_rng(1)
    relations, batch = _relations(_pair(rng, 2_000)), _pair(rng, 400, 0.2)
    parts = [relations.measure({name: values[rows] for name, values in batch.items()}) for rows in _halves(400)]
    both = relations.measure(batch)
    assert (parts[0] + parts[1]).sums == pytest.approx(both.sums, rel=1e-6, abs=1e-4)


def _halves(n):
    return np.arange(0, n, 2), np.arange(1, n, 2)


def test_rows_in_which_one_of_the_two_is_missing_do_not_count():
    """Each pair has its own rows."""
    rng = np.random.default_rng(2)
    relations, batch = _relations(_pair(rng, 2_000)), _pair(rng, 300)
    holes = {"x": np.where(np.arange(300) < 100, np.nan, batch["x"]), "y": batch["y"]}
    kept = relations.measure({name: values[100:] for name, values in batch.items()})
    assert relations.measure(holes).rows.tolist() == [200]
    assert relations.measure(holes).correlation == pytest.approx(kept.correlation)


def _normal(rng, n):
    return _pair(rng, n)


def _heavy(rng, n):
    return {name: values / np.sqrt(rng.chisquare(2, n) / 2) for name, values in _pair(rng, n).items()}


def _dependent_in_scale(rng, n):
    scale = np.sqrt(rng.chisquare(2, n) / 2)
    return {name: values / scale for name, values in _pair(rng, n).items()}


def _tied(rng, n):
    return {name: np.floor(2.5 * values) for name, values in _pair(rng, n).items()}


def _skewed(rng, n):
    return {name: np.exp(2 * values) for name, values in _pair(rng, n).items()}


@pytest.mark.parametrize("draw", [_normal, _heavy, _dependent_in_scale, _tied, _skewed])
def test_z_has_a_variance_of_one_when_nothing_changes(draw):
    """Whatever the shape of the data: otherwise pairs would page by themselves."""
    rng = np.random.default_rng(3)
    z = []
    for _ in range(60):
        reference = draw(rng, 2_000)
        relations = _relations(reference)
        assert len(relations.pairs) == 1
        batches = [relations.measure(draw(rng, 200)) for _ in range(5)]
        z += [float(fisher_z(each, relations.moments, relations.kurtosis)[0]) for each in batches]
    assert np.mean(z) == pytest.approx(0.0, abs=0.25)
    assert np.var(z) == pytest.approx(1.0, abs=0.33)


@pytest.mark.parametrize(
    ("values", "watched"),
    [
        (np.arange(1_000.0), True),
        (np.arange(400.0), False),
        (np.where(np.arange(1_000) < 300, 0.0, np.arange(1_000.0)), False),
        (np.arange(1_000.0) % 9, False),
        (np.where(np.arange(1_000) < 600, np.nan, np.arange(1_000.0)), False),
    ],
)
def test_columns_with_no_trustworthy_tail_are_left_out(values, watched):
    """Short references, a dominating value, few distinct ones, mostly missing: scikit-learn's digits paged by these."""
    assert (_relations({"x": values}).names == ("x",)) is watched


def test_at_most_two_hundred_columns_are_paired():
    """Pairs grow with the square of the columns: the first two hundred, 19,900 pairs (T8)."""
    rng = np.random.default_rng(4)
    wide = {f"x{place}": rng.normal(size=500) for place in range(230)}
    assert len(_relations(wide).pairs) == 19_900


def test_fewer_than_fifty_rows_say_nothing():
    """No evidence, rather than a large one."""
    rng = np.random.default_rng(5)
    relations = _relations(_pair(rng, 2_000))
    few = relations.measure(_pair(rng, 49, -0.9))
    assert fisher_z(few, relations.moments, relations.kurtosis).tolist() == [0.0]
