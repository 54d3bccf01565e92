"""Wide and long batches in bounded time and memory (T8)."""

import json
import resource
import sys
import time

import numpy as np
import pytest

from driftboard.monitors import (
    CalibratedPolicy,
    Categorical,
    ClassicPolicy,
    Detector,
    Numeric,
    Sample,
    profile_to_bytes,
    report_to_json,
)
from driftboard.monitors.inputs import MOST_FEATURES

WIDE = 10_000


def _wide(rows, seed, *, columns=WIDE):
    rng = np.random.default_rng(seed)
    return Sample(rows, {f"x{place}": Numeric(rng.normal(size=rows)) for place in range(columns)})


@pytest.mark.slow
def test_ten_thousand_features_are_judged_in_half_a_minute():
    """1,000 rows against 2,000: profile, judge and JSON, in less than 30 s and 1.5 GB, and nobody is paged."""
    detector, batch = Detector(_wide(2_000, 0)), _wide(1_000, 1)
    start = time.perf_counter()
    judgement = detector.update(batch, "wide")
    text = report_to_json("feature", judgement.reports["feature"])
    assert time.perf_counter() - start < 30
    assert judgement.verdict != "critical"
    assert len(json.loads(text)["features"]) == MOST_FEATURES
    assert json.loads(text)["n_features"] == WIDE
    assert len(text) < 5_000_000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1_024) / 1_024
    assert peak < 1_500 if sys.platform != "darwin" else True


@pytest.mark.parametrize("policy", [CalibratedPolicy(), ClassicPolicy()])
def test_the_features_that_ask_for_most_attention_are_listed(policy):
    """Of more than two thousand, in the reference's order, with the one that drifted."""
    columns = MOST_FEATURES + 50
    detector, batch = Detector(_wide(200, 0, columns=columns), policy), _wide(100, 1, columns=columns)
    last = f"x{columns - 1}"
    batch.features[last].values[:] += 3.0
    report = detector.update(batch).reports["feature"]
    listed = [each.feature for each in report.features]
    assert len(listed) == MOST_FEATURES
    assert report.feature_count == columns
    assert last in listed
    assert listed == sorted(listed, key=lambda name: int(name[1:]))


def test_one_drifted_feature_of_five_hundred_is_named():
    """The correction for looking at all of them leaves a clear shift clear."""
    detector, batch = Detector(_wide(2_000, 0, columns=500)), _wide(1_000, 1, columns=500)
    batch.features["x321"].values[:] += 0.8
    report = detector.update(batch).reports["feature"]
    assert [each.subject for each in report.findings if each.verdict == "critical"] == ["x321"]
    assert report.message.startswith("`x321` moved: ")


def test_a_hundred_thousand_levels_are_a_thousand_and_others():
    """Memory and report stay those of a thousand; the levels beyond share a cell and cry no wolf."""
    rng = np.random.default_rng(2)
    levels = tuple(f"level {place}" for place in range(100_000))
    shares = np.cumsum(1 / np.arange(1, 100_001))
    draw = np.searchsorted(shares / shares[-1], rng.random((5, 50_000))).clip(max=99_999)
    detector = Detector(_ids(draw[0], levels))
    for rows, codes in zip((50_000, 10_000, 1_000, 200), draw[1:], strict=True):
        profile = detector.profile(_ids(codes[:rows], levels), "b")
        reports = detector.judge([profile]).reports
        assert len(profile_to_bytes(profile)) < 30_000
        assert len(reports["feature"].features[0].cells) == 1_002
        assert reports["feature"].verdict.rank < 4, reports["feature"].message
        assert reports["quality"].verdict.rank < 4, reports["quality"].message


def _ids(codes, levels):
    return Sample(codes.size, {"id": Categorical(codes, levels)})


def test_new_levels_beyond_those_to_be_expected_still_page():
    """An id of which some are new in every batch, and suddenly a third more."""
    rng = np.random.default_rng(4)
    levels = (*(f"level {place}" for place in range(3_000)), "unheard")
    detector = Detector(_ids(np.minimum(rng.geometric(0.002, 5_000), 2_999), levels))
    usual, odd = (np.minimum(rng.geometric(0.002, 500), 2_999) for _ in range(2))
    odd[:150] = 3_000
    assert detector.judge([detector.profile(_ids(usual, levels), "b")]).verdict.rank < 4
    reports = detector.judge([detector.profile(_ids(odd, levels), "b")]).reports
    assert (reports["feature"].verdict.value, reports["quality"].verdict.value) == ("critical", "critical")


def test_a_million_rows_take_seconds():
    """Six columns; sorting is nearly all of it."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(6, 1_000_000))
    detector = Detector(Sample(5_000, {f"x{place}": Numeric(rng.normal(size=5_000)) for place in range(6)}))
    start = time.perf_counter()
    report = detector.update(Sample(1_000_000, {f"x{place}": Numeric(each) for place, each in enumerate(values)}))
    assert time.perf_counter() - start < 10
    assert report.verdict != "critical"
