"""Look-back windows."""

import numpy as np
import pytest

from driftboard.monitors import CalibratedPolicy, Detector, Numeric, Sample
from driftboard.monitors.baseline import Baseline
from driftboard.monitors.windows import look_back


def _batch(n, *, seed=0, shift=0.0):
    return Sample(n, {"x": Numeric(np.random.default_rng(seed).normal(shift, 1, n))})


@pytest.mark.parametrize(
    ("batches", "lengths"), [(1, [1]), (2, [1, 2]), (3, [1, 2]), (7, [1, 2, 4]), (16, [1, 2, 4, 8, 16]), (40, None)]
)
def test_windows_are_the_last_batches(batches, lengths):
    """One, two, four, eight, sixteen: as far as there is a history, each the sum of its batches."""
    baseline = Baseline(_batch(500))
    profiles = [baseline.profile(_batch(10 + place), str(place)) for place in range(batches)]
    windows = look_back(profiles)
    lengths = lengths or [1, 2, 4, 8, 16]
    assert windows.batches[:, 0].tolist() == lengths
    for length, profile in zip(lengths, windows.profiles, strict=True):
        assert profile.names == tuple(str(place) for place in range(batches - length, batches))
        assert profile.n == sum(10 + place for place in range(batches - length, batches))
    assert windows.batch is profiles[-1]


def test_a_small_persistent_drift_is_found_by_a_long_window():
    """0.25 deviations in batches of 100 show in none of them and in sixteen; `since` names the first of the window."""
    detector = Detector(_batch(5_000), CalibratedPolicy(alpha=5e-3))
    verdicts, found = [], None
    for place in range(20):
        report = detector.update(_batch(100, seed=100 + place, shift=0.25), f"day {place}").reports["feature"]
        verdicts.append(report.verdict)
        if report.verdict.rank >= 3 and found is None:
            found = (place, report.features[0].evidence)
    assert verdicts[0] not in ("warning", "critical")
    place, evidence = found
    assert evidence.batches > 1
    assert evidence.since == f"day {place - evidence.batches + 1}"
    assert evidence.n == 100 * evidence.batches


def test_a_drift_that_is_over_leaves_the_short_windows_first():
    """After a shifted batch the next healthy ones are still told of it, with the batch it began with."""
    detector = Detector(_batch(5_000))
    for place in range(3):
        detector.update(_batch(400, seed=place + 1), f"calm {place}")
    detector.update(_batch(400, seed=9, shift=1.5), "shifted")
    after = detector.update(_batch(400, seed=10), "after").reports["feature"].features[0]
    assert after.evidence.batches == 2
    assert after.evidence.since == "shifted"


def test_only_sixteen_batches_are_remembered():
    """What is older weighs nothing: judging from the store needs no more than that."""
    detector, fresh = Detector(_batch(2_000)), Detector(_batch(2_000))
    batches = [_batch(60, seed=seed, shift=3.0 * (seed < 10)) for seed in range(26)]
    for batch in batches:
        last = detector.update(batch, "b")
    for batch in batches[10:]:
        again = fresh.update(batch, "b")
    assert last.reports["feature"] == again.reports["feature"]
