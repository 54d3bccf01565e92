"""Errors in the order they happened."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.monitors.sequential import sequential_report
from driftboard.monitors.verdict import Verdict

NAMES = [f"day {day}" for day in range(1, 17)]


def window(rng, *, rate=0.1, rate_from_12=None, n=200):
    """16 batches of n outcomes; the error rate may change with batch 12."""
    rates = [rate if day < 11 or rate_from_12 is None else rate_from_12 for day in range(16)]
    return [(rng.random(n) < each).astype(float) for each in rates]


def test_a_rise_is_dated():
    """All three alarm in one of the batches after it, and the sentence says which and after how many rows."""
    report = sequential_report(window(np.random.default_rng(0), rate_from_12=0.3), NAMES)
    assert report.verdict is Verdict.INFO
    assert [result.detector for result in report.results] == ["ADWIN", "DDM", "Page-Hinkley"]
    for result in report.results:
        assert result.batch_id in NAMES[11:14]
        assert NAMES[(result.rows - 1) // 200] == result.batch_id
        assert f"{result.detector} in batch `{result.batch_id}` after {result.rows:,} rows" in report.message


def test_stable_windows_are_quiet():
    """16 batches of 200 at an error rate of 0.1: at most 1 window in 100 has an alarm of any detector."""
    rng = np.random.default_rng(1)
    assert sum(sequential_report(window(rng), NAMES).verdict is Verdict.INFO for _ in range(150)) <= 1


@pytest.mark.slow
def test_stable_windows_are_quiet_over_two_thousand_of_them():
    """The rate itself: at most 1 % over 2,000 (measured: 0.3 %)."""
    rng = np.random.default_rng(2)
    assert sum(sequential_report(window(rng), NAMES).verdict is Verdict.INFO for _ in range(2000)) <= 20


def test_larger_errors_of_a_regression_are_found_on_any_scale():
    """Their own 80 % point cuts them: heavy tails, infinities and units do not matter."""
    rng = np.random.default_rng(3)
    errors = [np.abs(rng.standard_cauchy(200)) * (1e6 if day < 11 else 2e6) for day in range(16)]
    errors[0][0] = np.inf
    report = sequential_report(errors, NAMES, task="regression")
    assert report.verdict is Verdict.INFO
    assert any(result.batch_id in NAMES[11:15] for result in report.results)
    assert report.large_error == np.quantile(np.concatenate(errors), 0.8, method="lower")


def test_stable_errors_of_a_regression_are_quiet():
    """Heavy tails alone are no rise."""
    rng = np.random.default_rng(4)
    windows = [[np.abs(rng.standard_cauchy(200)) for _ in NAMES] for _ in range(30)]
    assert not any(sequential_report(each, NAMES, task="regression").verdict is Verdict.INFO for each in windows)


def test_only_the_newest_sixteen_batches_and_their_first_thousand_rows_count():
    """What lies before the window, or beyond a batch's bound, changes nothing."""
    rng = np.random.default_rng(5)
    batches = [(rng.random(1500) < 0.1).astype(float) for _ in range(18)]
    names = [str(day) for day in range(18)]
    report = sequential_report(batches, names)
    assert report == sequential_report([each[:1000] for each in batches[2:]], names[2:])
    assert (report.n, report.batches) == (16_000, 16)


def test_the_state_is_what_is_stored():
    """The same window gives the same report, whatever was looked at before."""
    rng = np.random.default_rng(6)
    first, other = window(rng, rate_from_12=0.3), window(rng, rate=0.4)
    report = sequential_report(first, NAMES)
    sequential_report(other, NAMES)
    assert sequential_report(first, NAMES) == report


@pytest.mark.parametrize(
    ("batches", "verdict", "words"),
    [
        ([], Verdict.NO_DATA, "no labels"),
        ([np.full(50, np.nan)], Verdict.NO_DATA, "no labels"),
        ([np.zeros(29)], Verdict.INSUFFICIENT, "29 labelled rows are too few"),
        ([np.zeros(1)], Verdict.INSUFFICIENT, "1 labelled row is too few"),
        ([np.zeros(30)], Verdict.OK, "did not rise over 30 labelled rows of 1 batch."),
        ([np.ones(300)], Verdict.OK, "did not rise"),
    ],
)
def test_what_cannot_be_followed_is_said(batches, verdict, words):
    """Never raised; without labels never `ok`."""
    report = sequential_report(batches, NAMES)
    assert report.verdict is verdict
    assert words in report.message


@given(st.lists(st.lists(st.floats(0) | st.just(np.nan), max_size=60), max_size=4), st.booleans())
def test_any_errors_give_a_report(batches, regression):
    """Infinite, constant and missing errors among them."""
    task = "regression" if regression else "classification"
    report = sequential_report([np.array(each, dtype=float) for each in batches], NAMES, task=task)
    assert report.large_error is None or np.isfinite(report.large_error)


def test_the_longest_window_takes_milliseconds():
    """16 batches of 1,000 in 35 ms, all three detectors; twice that and more for a machine that is shared."""
    batches = window(np.random.default_rng(7), n=1000)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        sequential_report(batches, NAMES)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.1
