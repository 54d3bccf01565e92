"""The reconstruction error."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from driftboard.monitors.reconstruction import fit_reconstruction


def cloud(rng, n, d=6):
    """Correlated normals."""
    return rng.normal(size=(n, d)) @ np.linalg.cholesky(0.6 ** np.abs(np.subtract.outer(range(d), range(d)))).T


def test_components_and_errors_are_those_of_scikit_learn():
    """PCA(0.65), inverse transform, Euclidean distance of each row: NannyML's recipe."""
    rng = np.random.default_rng(3)
    fitted, held_out, batch = cloud(rng, 400), cloud(rng, 300), cloud(rng, 100)
    ours = fit_reconstruction(fitted, held_out)
    pca = PCA(0.65, svd_solver="full").fit(fitted)

    def errors(points):
        return np.linalg.norm(points - pca.inverse_transform(pca.transform(points)), axis=1)

    assert ours.components == pca.n_components_
    assert ours.mean == pytest.approx(errors(held_out).mean())
    assert ours.spread == pytest.approx(errors(held_out).std(ddof=1))
    assert ours.compare(batch).error == pytest.approx(errors(batch).mean())


@pytest.mark.parametrize(("d", "n_reference"), [(6, 600), (50, 120)])
def test_a_stable_batch_stays_in_the_band(d, n_reference):
    """1 in 1,000 leaves it, also where the reference has hardly more rows than features and would flatter itself."""
    rng = np.random.default_rng(5)
    outside = 0
    for _ in range(20):
        fit = fit_reconstruction(cloud(rng, n_reference, d), cloud(rng, n_reference, d))
        outside += sum(fit.compare(cloud(rng, 60, d)).outside for _ in range(50))
    assert outside <= 6


def test_broken_correlation_leaves_the_band():
    """Each feature by itself is as it was."""
    rng = np.random.default_rng(7)
    fit = fit_reconstruction(cloud(rng, 500), cloud(rng, 500))
    assert fit.compare(rng.normal(size=(200, 6))).outside


def test_one_component_is_always_left_out():
    """With two unrelated features 65 % needs both, and nothing would be left to measure."""
    rng = np.random.default_rng(9)
    fit = fit_reconstruction(rng.normal(size=(400, 2)), rng.normal(size=(400, 2)))
    assert fit.components == 1
    assert fit.mean > 0


def test_a_single_feature_has_no_reconstruction():
    """There is no direction to leave out."""
    assert fit_reconstruction(np.zeros((10, 1)), np.zeros((10, 1))) is None


def test_rows_exactly_on_the_components_are_inside():
    """Rounding is no drift where the band has no width."""
    rng = np.random.default_rng(11)
    line = rng.normal(size=(300, 1)) * np.ones(3)
    fit = fit_reconstruction(line[:100], line[100:200])
    assert not fit.compare(line[200:]).outside
