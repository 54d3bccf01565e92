"""Detectors of an error rate that rises."""

import time

import numpy as np
import pytest
from river.drift import ADWIN

from driftboard.monitors.detectors import DETECTORS, ddm

WINDOW = 16 * 200


def stream(rng, *stretches: tuple[int, float]):
    """Outcomes of stretches of (rows, error rate)."""
    return np.concatenate([rng.random(rows) < rate for rows, rate in stretches]).astype(int).tolist()


def alarms(detect, outcomes):
    """Run one detector as the report does."""
    return detect(outcomes, sum(outcomes) / len(outcomes))


@pytest.mark.parametrize("detector", DETECTORS)
def test_a_rise_of_twenty_points_is_found_where_it_is(detector):
    """Within 500 rows of it, and never before it."""
    rng = np.random.default_rng(1)
    found = [alarms(DETECTORS[detector], stream(rng, (1600, 0.1), (1600, 0.3))) for _ in range(10)]
    assert all(row is not None and 1600 < row <= 2100 for row in found), found


@pytest.mark.parametrize("detector", DETECTORS)
def test_a_fall_is_no_alarm(detector):
    """A model that gets better asks for nobody's attention."""
    rng = np.random.default_rng(2)
    assert not any(alarms(DETECTORS[detector], stream(rng, (1600, 0.4), (1600, 0.1))) for _ in range(10))


def test_a_few_rows_are_not_a_drift():
    """Without its warm-up DDM takes 0, 0, 0, 1 for one."""
    assert ddm([0, 0, 0, 1], 0.25) is None
    assert ddm([0] * 20 + [1] * 9, 9 / 29) is None


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3, 0.5])
@pytest.mark.parametrize("detector", DETECTORS)
def test_each_is_quiet_at_any_rate(detector, rate):
    """Less than 1 stable window of 100, over 600 of them."""
    rng = np.random.default_rng(3)
    assert sum(alarms(DETECTORS[detector], stream(rng, (WINDOW, rate))) is not None for _ in range(600)) <= 6


@pytest.mark.slow
def test_a_million_updates_of_adwin_take_seconds():
    """Its buckets keep it from growing with the square of the stream."""
    outcomes = (np.random.default_rng(4).random(1_000_000) < 0.1).astype(int).tolist()
    detector = ADWIN(delta=0.01)
    start = time.perf_counter()
    for wrong in outcomes:
        detector.update(wrong)
    assert time.perf_counter() - start < 10
