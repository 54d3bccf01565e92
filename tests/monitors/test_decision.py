"""Two keys: evidence inside the budget, and magnitude."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from driftboard.monitors.calibrated import SHARES, CalibratedPolicy
from driftboard.monitors.decision import Trials, benjamini_hochberg, decide

LEVEL = 1e-3
P_VALUES = st.lists(st.floats(1e-12, 1), min_size=1, max_size=50).map(np.array)


def _trials(p_value, size, *, noise=0.0, tested=True):
    p_value, size = np.atleast_2d(p_value).astype(float), np.atleast_2d(size).astype(float)
    shape = p_value.shape
    return Trials(p_value, size, np.full(shape, 0.5), np.full(shape, noise), np.broadcast_to(tested, shape))


@given(P_VALUES)
def test_adjusted_p_values_are_scipys(p_values):
    """Benjamini and Hochberg's step-up procedure."""
    adjusted, _ = benjamini_hochberg(p_values, 0.05)
    assert adjusted == pytest.approx(false_discovery_control(p_values, method="bh"))


@given(P_VALUES, st.sampled_from([0.5, 0.05, 1e-3]))
def test_the_cut_rejects_what_the_adjusted_p_values_reject(p_values, level):
    """Below the cut, and nothing else, lies what passes."""
    adjusted, cut = benjamini_hochberg(p_values, level)
    assert ((p_values <= cut) == (adjusted <= level)).all()


@pytest.mark.parametrize(
    ("p_value", "size", "verdict"),
    [
        (1e-6, 1.0, "critical"),
        (1e-6, 0.6, "warning"),
        (1e-6, 0.1, "info"),
        (5e-3, 0.6, "info"),
        (5e-3, 0.1, "ok"),
        (0.02, 1.5, "insufficient"),
        (0.2, 9.0, "ok"),
        (0.2, 0.0, "ok"),
    ],
)
def test_a_page_takes_evidence_and_magnitude(p_value, size, verdict):
    """Either key alone is less: info for evidence, insufficient for magnitude."""
    assert decide(_trials([[p_value]], [[size]]), LEVEL).verdict == (verdict,)


@given(P_VALUES)
def test_magnitude_without_evidence_never_warns(p_values):
    """However large the effects: no verdict above info unless one of the p-values lies within the budget."""
    decisions = decide(_trials([p_values], [np.full(p_values.size, 100.0)]), LEVEL)
    grave = [each.value for each in decisions.verdict if each.rank > 3]
    assert not grave or p_values.min() <= LEVEL


@given(P_VALUES)
def test_evidence_without_magnitude_never_warns(p_values):
    """However sure: below the warning floor it is information at most."""
    decisions = decide(_trials([p_values * 1e-9], [np.full(p_values.size, 0.49)]), LEVEL)
    assert set(decisions.verdict) == {"info"}


def test_what_noise_alone_would_show_is_not_insufficient():
    """A floor's size of effect that so few rows show anyhow says nothing."""
    assert decide(_trials([[0.02]], [[1.5]], noise=1.0), LEVEL).verdict == ("ok",)


def test_untested_is_insufficient():
    """Too few rows in all windows: never ok."""
    assert decide(_trials([[1.0]], [[0.0]], tested=False), LEVEL).verdict == ("insufficient",)


def test_looking_at_more_windows_and_subjects_has_its_price():
    """One p-value of 4e-4 passes at 1e-3 alone, not as the best of five windows, nor of twenty subjects."""
    alone = decide(_trials([[4e-4]], [[2.0]]), LEVEL)
    windows = decide(_trials([[4e-4], *[[1.0]] * 4], [[2.0]] * 5), LEVEL)
    subjects = decide(_trials([[4e-4, *[0.9] * 19]], [[2.0] * 20]), LEVEL)
    assert [each.verdict[0].value for each in (alone, windows, subjects)] == ["critical", "info", "info"]
    assert windows.p_value[0] == pytest.approx(5 * 4e-4)
    assert subjects.bar == pytest.approx(LEVEL / 20)


def test_the_window_that_says_most_is_told():
    """A window that reaches the page floor comes before one with more evidence and less effect."""
    decisions = decide(_trials([[1e-5], [1e-9]], [[1.2], [0.7]]), LEVEL)
    assert (decisions.verdict[0].value, decisions.window.tolist()) == ("critical", [0])
    calm = decide(_trials([[0.5], [0.3]], [[0.1], [0.1]]), LEVEL)
    assert calm.window.tolist() == [1]


def test_no_subjects_have_no_verdicts():
    """A reference without features is nobody's fault."""
    empty = _trials(np.zeros((1, 0)), np.zeros((1, 0)))
    assert decide(empty, LEVEL).verdict == ()


@pytest.mark.parametrize(
    ("page_on", "layer", "verdict"),
    [
        ("all", "inputs", "critical"),
        ("performance", "inputs", "warning"),
        ("performance", "performance", "critical"),
        ("performance", "outputs", "warning"),
        ("performance+outputs", "outputs", "critical"),
        ("performance+outputs", "quality", "warning"),
    ],
)
def test_layers_that_may_not_page_warn(page_on, layer, verdict):
    """`page_on` caps the others, and changes nothing else."""
    trials = _trials([[1e-9, 1e-9, 0.5]], [[2.0, 0.7, 0.0]])
    decided = CalibratedPolicy(page_on=page_on).decide(layer, trials)
    assert [each.value for each in decided.verdict] == [verdict, "warning", "ok"]
    assert decided.p_value.tolist() == CalibratedPolicy().decide(layer, trials).p_value.tolist()


def test_the_shares_of_the_budget_are_the_whole_budget():
    """No more pages than were asked for, whatever the layer they come from."""
    policy = CalibratedPolicy(alpha=0.01)
    assert sum(policy.level(layer) for layer in SHARES) == pytest.approx(0.01)
    assert policy.level("performance") + policy.level("parts") == pytest.approx(0.006)


def test_layers_side_by_side_are_one_family():
    """Numeric and categorical features share their correction."""
    one, other = _trials([[4e-4]], [[2.0]]), _trials([[0.9] * 9], [[0.0] * 9])
    both = one.beside(other)
    assert both.p_value.shape == (1, 10)
    assert decide(replace(both), LEVEL).verdict[0] == "info"
