"""The verdict rules of the classic policy, one table each."""

import dataclasses

import pytest

from driftboard.monitor_settings import MonitorSettings
from driftboard.monitors import ClassicPolicy, Test, Verdict

POLICY = ClassicPolicy()
YES, NO = Test(0.3, 0.001, 0.01), Test(0.05, 0.4, 0.01)


def test_limits_are_those_of_the_settings():
    """Every limit can be configured, and both places have the same defaults."""
    assert dataclasses.asdict(POLICY) == MonitorSettings().classic.model_dump()


@pytest.mark.parametrize(
    ("psi", "test", "verdict"),
    [
        (0.25, YES, "critical"),
        (0.20, YES, "critical"),
        (0.25, NO, "warning"),
        (0.15, YES, "warning"),
        (0.10, NO, "warning"),
        (0.05, YES, "info"),
        (0.05, NO, "ok"),
    ],
)
def test_shift_needs_two_witnesses_to_be_critical(psi, test, verdict):
    """PSI and the test have to agree; alone, either is less."""
    assert POLICY.shift(psi, test) == verdict


@pytest.mark.parametrize(
    ("share", "p_value", "verdict"), [(0.12, 0.001, "warning"), (0.12, 0.2, "ok"), (0.04, 0.001, "ok")]
)
def test_rise_needs_points_and_evidence(share, p_value, verdict):
    """A rise of the missing share warns when it is both large and beyond luck."""
    assert POLICY.rise(share, 0.01, p_value) == verdict


@pytest.mark.parametrize(
    ("accuracy_lost", "f1_lost", "accuracy_below", "error_p", "recall_p", "verdict"),
    [
        (0.06, 0.06, True, 0.001, 0.001, "critical"),
        (0.02, 0.06, True, 0.001, 0.001, "critical"),
        (0.06, 0.00, True, 0.02, 0.02, "info"),
        (0.06, 0.00, False, 0.001, 0.5, "info"),
        (0.01, 0.06, False, 0.2, 0.001, "warning"),
        (0.01, 0.06, False, 0.2, 0.2, "info"),
        (0.04, 0.04, True, 0.001, 0.001, "ok"),
        (-0.1, -0.1, False, 1.0, 1.0, "ok"),
    ],
)
def test_decay_needs_points_and_an_interval(accuracy_lost, f1_lost, accuracy_below, error_p, recall_p, verdict):
    """Points lost page only when accuracy's interval lies below the reference and the errors are no luck."""
    judged = POLICY.decayed(
        accuracy_lost=accuracy_lost,
        f1_lost=f1_lost,
        accuracy_is_below=accuracy_below,
        error_p=error_p,
        recall_p=recall_p,
    )
    assert judged == verdict


@pytest.mark.parametrize(
    ("mae", "z", "verdict"), [(1.2, 3.0, "critical"), (1.2, 1.0, "info"), (1.04, 9.0, "ok"), (0.5, -9.0, "ok")]
)
def test_error_growth_needs_size_and_evidence(mae, z, verdict):
    """MAE up by the share `decay`, and beyond the noise of both samples."""
    assert POLICY.error_grew(mae, 1.0, z) == verdict


@pytest.mark.parametrize(("test", "shift", "verdict"), [(YES, -0.06, "warning"), (YES, 0.01, "info"), (NO, 0.2, "ok")])
def test_confidence_needs_a_shift_of_its_mean(test, shift, verdict):
    """Evidence without magnitude is information."""
    assert POLICY.confidence(test, shift) is Verdict(verdict)
