"""The calibrated policy on relations."""

import numpy as np

from driftboard.monitors import Detector, Numeric, Sample
from tests.monitors.samples import kinds


def _pair(n, r, *, seed):
    rng = np.random.default_rng(seed)
    x, other = rng.normal(size=(2, n))
    y = r * x + np.sqrt(1 - r**2) * rng.normal(size=n)
    return Sample(n, {"x": Numeric(x), "y": Numeric(y), "z": Numeric(other)})


def test_a_changed_correlation_pages_though_no_feature_moved():
    """What the features say one by one cannot show it; the pair is named, with both correlations."""
    reports = Detector(_pair(3_000, 0.2, seed=0)).update(_pair(400, 0.8, seed=1)).reports
    relations = reports["relations"]
    assert kinds(relations) == {"relation_change": "critical"}
    assert relations.message.startswith("`x` and `y` changed: correlation +0.2")
    assert relations.findings[0].subject == "x / y"
    assert (relations.n_pairs, len(relations.pairs)) == (3, 3)
    assert reports["feature"].verdict == "ok"


def test_stable_correlations_are_steady():
    """Forty batches: none above info."""
    detector = Detector(_pair(3_000, 0.6, seed=0))
    found = {detector.update(_pair(200, 0.6, seed=seed)).reports["relations"].verdict for seed in range(1, 41)}
    assert found <= {"ok", "info"}


def test_nothing_to_watch_is_said():
    """Without pairs of varied features there is no data, which is not ok."""
    reference = Sample(600, {"x": Numeric(np.arange(600.0) % 2), "y": Numeric(np.arange(600.0))})
    report = Detector(reference).update(reference).reports["relations"]
    assert report.verdict == "no_data"
    assert report.message == "No pair of numeric features is varied enough to watch its correlation."


def test_a_small_batch_cannot_tell():
    """Fewer than fifty rows are insufficient, not ok."""
    assert Detector(_pair(3_000, 0.6, seed=0)).update(_pair(40, -0.6, seed=1)).reports["relations"].verdict == (
        "insufficient"
    )
