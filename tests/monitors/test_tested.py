"""Tests on all windows, and the evidence a decision makes of them."""

import numpy as np
import pytest

from driftboard.monitors import Numeric, Sample, tested
from driftboard.monitors.baseline import Baseline
from driftboard.monitors.decision import decide
from driftboard.monitors.tested import combine, layer
from driftboard.monitors.windows import look_back


def _tested(names, p_value, effect, *, n=(100.0, 200.0), floor=0.15):
    p_value = np.array(p_value)
    shape = p_value.shape
    return tested.Tested(
        names=names,
        p_value=p_value,
        tested=np.ones(shape, dtype=bool),
        effect=np.array(effect),
        measure=np.full(shape, "KS"),
        warning_floor=np.full(shape, 0.1),
        page_floor=np.full(shape, floor),
        noise=np.zeros(shape),
        n=np.broadcast_to(np.array(n)[:, None], shape),
        n_reference=np.full(shape, 1_000.0),
        inflation=np.ones(shape),
        visible=lambda bar: np.full(shape, 0.3),  # noqa: ARG005 - whatever the bar
    )


@pytest.fixture
def windows():
    """Two windows of the batches a and b."""
    sample = Sample(100, {"x": Numeric(np.arange(100.0))})
    baseline = Baseline(sample)
    return look_back([baseline.profile(sample, "a"), baseline.profile(sample, "b")])


def test_evidence_is_of_the_window_that_says_most(windows):
    """Its batches, first batch, rows, effect and corrected p-value."""
    tests = _tested(("x",), [[0.5], [1e-7]], [[0.05], [0.2]])
    (evidence,) = tests.evidence(decide(tests.trials, 1e-4), windows)
    assert (evidence.batches, evidence.since, evidence.n, evidence.effect) == (2, "a", 200, 0.2)
    assert evidence.p_value == pytest.approx(2e-7)
    assert evidence.passes
    assert evidence.needed is None


def test_parts_of_a_layer_get_their_own_evidence_back(windows):
    """In their order, whatever their number; one without subjects has none."""
    first, none, second = (
        _tested(("a", "b"), [[0.5, 0.2], [0.6, 0.3]], [[0.1, 0.2], [0.1, 0.2]]),
        _tested((), np.zeros((2, 0)), np.zeros((2, 0))),
        _tested(("c",), [[0.9], [0.8]], [[0.3], [0.3]]),
    )
    parts = [first, none, second]
    evidence = combine(parts, decide(layer(parts), 1e-4), windows)
    assert [[each.effect for each in part] for part in evidence] == [[0.1, 0.2], [], [0.3]]


def test_what_was_not_tested_has_no_evidence(windows):
    """None, rather than a p-value of 1."""
    tests = _tested(("x",), [[1.0], [1.0]], [[0.0], [0.0]])
    tests.tested[:] = False
    assert tests.evidence(decide(tests.trials, 1e-4), windows) == [None]


def test_rows_needed_grow_with_the_square_of_what_is_missing(windows):
    """Half the effect that shows takes four times the rows, the reference's own noise counted: 1/n + 1/N."""
    tests = _tested(("x",), [[0.01], [1.0]], [[0.15], [0.0]])
    (evidence,) = tests.evidence(decide(tests.trials, 1e-4), windows)
    together = 4 * (100 * 1_000 / 1_100)
    assert evidence.needed == int(np.ceil(1 / (1 / together - 1 / 1_000) - 100))


def test_a_reference_too_small_for_any_number_of_rows_asks_for_none(windows):
    """No number of rows would prove a twentieth of what shows."""
    tests = _tested(("x",), [[0.01], [1.0]], [[0.016], [0.0]], floor=0.015)
    (evidence,) = tests.evidence(decide(tests.trials, 1e-4), windows)
    assert evidence.needed is None


def test_only_some_subjects(windows):
    """The others leave no trace."""
    tests = _tested(("a", "b"), [[0.5, 0.2], [0.6, 0.3]], [[0.1, 0.2], [0.1, 0.2]]).only([1])
    (evidence,) = tests.evidence(decide(tests.trials, 1e-4), windows)
    assert (tests.names, evidence.effect) == (("b",), 0.2)
