"""The inputs of one batch as numbers."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from driftboard.monitors import Categorical, Numeric, Sample
from driftboard.monitors.baseline import Baseline
from driftboard.monitors.inputs import measure_inputs, widest_change
from tests.monitors.samples import TOWNS, only


def _measured(reference, batch):
    baseline = Baseline(reference)
    return measure_inputs(baseline, baseline.profile(batch, "b"), alpha=0.01)


def test_numbers_are_numpys_and_scipys():
    """Rows, missing share, means, D and the shares of the cells."""
    rng = np.random.default_rng(0)
    before, now = rng.normal(size=2_000), np.append(rng.normal(0.5, 1, 300), [np.nan] * 100)
    result = _measured(only(Numeric(before)), only(Numeric(now)))["x"]
    theirs = ks_2samp(before, now[:300])
    assert (result.n, result.n_reference, result.missing_rate) == (300, 2_000, 0.25)
    assert (result.mean, result.reference_mean) == (pytest.approx(now[:300].mean()), pytest.approx(before.mean()))
    assert result.ks.statistic == pytest.approx(theirs.statistic)
    assert result.ks.p_value == pytest.approx(theirs.pvalue, rel=0.15)
    assert (sum(result.share), sum(result.reference_share)) == (pytest.approx(1), pytest.approx(1))
    assert len(result.cells) == len(result.share) == 10


def test_features_keep_the_references_order():
    """Whatever their kind, and however the batch orders them."""
    town, number = Categorical(np.zeros(50, dtype=np.int64), TOWNS), Numeric(np.arange(50.0))
    reference = Sample(50, {"b": town, "a": number, "c": town})
    assert list(_measured(reference, Sample(50, {"c": town, "a": number}))) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("reference", "batch", "message"),
    [
        (np.full(9, np.nan), np.arange(9.0), "`x` has no values in the reference to compare with"),
        (np.arange(9.0), np.full(9, np.nan), "`x` is missing in all 9 rows"),
        (np.arange(9.0), None, "`x` is not in the batch"),
    ],
)
def test_what_cannot_be_compared_says_why(reference, batch, message):
    """And has no numbers that could be taken for a comparison."""
    sample = Sample(9) if batch is None else only(Numeric(batch))
    result = _measured(only(Numeric(reference)), sample)["x"]
    assert (result.message, result.verdict.value) == (message, "no_data")
    assert (result.psi, result.ks, result.share) == (None, None, ())


def test_the_widest_change_is_named():
    """A level by its name; those never seen before by what they are."""
    reference = only(Categorical(np.repeat([0, 1], [60, 40]), TOWNS[:2]))
    moved = _measured(reference, only(Categorical(np.repeat([0, 1], [30, 70]), TOWNS[:2])))["x"]
    assert widest_change(moved) == "`Oslo` 60 % → 30 %"
    new = _measured(reference, only(Categorical(np.repeat([0, 1, 2], [35, 30, 35]), TOWNS)))["x"]
    assert widest_change(new) == "levels that the reference never had 0 % → 35 %"
