"""The streams are what they say: deterministic, stable before the change, changed by as much as stated after it."""

import doctest
from types import ModuleType

import numpy as np
import pytest

from benchmarks import scored, streams, tutorial_rule
from benchmarks.outcomes import false_rate, median_delay, missed, outcome_of
from benchmarks.streams import CHANGING, NULLS, Stream, draw_scored, draw_stream, draw_valued
from benchmarks.tutorial_rule import TutorialRule
from driftboard.demo import synthetic
from driftboard.monitors import Categorical, Floats, Numeric, Sample

SEEDS = range(8)


def _values(samples: list[Sample], feature: str) -> Floats:
    columns = [sample.features[feature] for sample in samples]
    return np.concatenate([column.values for column in columns if isinstance(column, Numeric)])


def _after(name: str, seed: int = 0) -> list[Sample]:
    """The batches of a stream from its change on."""
    stream = draw_stream(name, seed)
    assert stream.change_at is not None
    return list(stream)[stream.change_at :]


def _lost(name: str) -> float:
    """Points of accuracy lost from the reference to the batches after the change, over some seeds."""
    before = [(s.predicted == s.labels).mean() for s in (draw_stream(name, seed).reference for seed in SEEDS)]
    after = [np.mean([(b.predicted == b.labels).mean() for b in _after(name, seed)]) for seed in SEEDS]
    return float(np.mean(before) - np.mean(after))


@pytest.mark.parametrize("name", [name for name in (*CHANGING, *NULLS) if "trivial" not in name])
def test_a_stream_is_the_same_each_time_and_another_for_another_seed(name: str):
    """A stream is determined by its name and seed, and a batch by its number, in whatever order they are drawn."""
    stream, again, other = draw_stream(name, 3), draw_stream(name, 3), draw_stream(name, 4)
    last = stream.n_batches - 1
    np.testing.assert_array_equal(stream.draw(last).scores, again.draw(last).scores)
    np.testing.assert_array_equal(stream.reference.labels, again.reference.labels)
    assert not np.array_equal(stream.draw(last).scores, other.draw(last).scores)
    assert stream.change_at is None or name in CHANGING


@pytest.mark.parametrize("name", ["mean05", "newcat", "season", "abrupt"])
def test_samples_are_complete(name: str):
    """References and batches carry labels, answers, confidence and scores that agree with each other."""
    stream = draw_stream(name, 0)
    for sample in (stream.reference, stream.draw(12)):
        assert sample.scores.shape == (sample.n, len(sample.classes))
        np.testing.assert_allclose(sample.scores.sum(axis=1), 1)
        np.testing.assert_allclose(sample.confidence, sample.scores.max(axis=1))
        assert set(sample.labels) | set(sample.predicted) <= set(range(len(sample.classes)))
        sizes = {
            column.codes.size if isinstance(column, Categorical) else column.values.size
            for column in sample.features.values()
        }
        assert sizes == {sample.n}


def test_a_null_is_not_the_stream_it_belongs_to():
    """A null is drawn independently, so that its false pages are news, and every null is a stream of its own."""
    first = {name: draw_stream(name, 0).draw(0).confidence[:5].tobytes() for name in NULLS}
    assert len(set(first.values())) == len(NULLS)


def test_mean_and_spread_change_as_stated():
    """mean05 moves x0 by half a standard deviation, var15 multiplies its spread by 1.5, trivial moves 0.05."""
    assert _values(_after("mean05"), "x0").mean() == pytest.approx(0.5, abs=0.04)
    assert _values(_after("mean05"), "x4").mean() == pytest.approx(0.0, abs=0.04)
    assert _values(_after("var15"), "x0").std() == pytest.approx(1.5, abs=0.04)
    assert _values([draw_stream("trivial", 0).draw(20)], "x0").mean() == pytest.approx(0.05, abs=0.03)


def test_only_the_correlation_changes():
    """The stream corr leaves the means and spreads alone and raises the correlation of x0 and x1 from 0.3 to 0.8."""
    after = _after("corr")
    x0, x1 = _values(after, "x0"), _values(after, "x1")
    assert np.corrcoef(x0, x1)[0, 1] == pytest.approx(0.8, abs=0.02)
    assert (x0.mean(), x1.std()) == (pytest.approx(0, abs=0.04), pytest.approx(1, abs=0.03))
    reference = [draw_stream("corr", 0).reference]
    assert np.corrcoef(_values(reference, "x0"), _values(reference, "x1"))[0, 1] == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize(("name", "points"), [("concept10", 0.10), ("concept05", 0.05)])
def test_concept_drift_costs_the_stated_points(name: str, points: float):
    """The changed weight of x1 costs ten and five points of accuracy while the inputs stay as they were."""
    assert _lost(name) == pytest.approx(points, abs=0.015)
    assert _values(_after(name), "x1").mean() == pytest.approx(0, abs=0.04)


def test_shares_change_as_stated():
    """labelshift2 has 70 % positives, newcat 5 % of a level the reference lacks, missing 11 % for five batches."""
    labels = np.concatenate([batch.labels for batch in _after("labelshift2")])
    assert labels.mean() == pytest.approx(0.7, abs=0.02)
    kinds = [batch.features["kind"] for batch in _after("newcat")]
    levels = [kind.levels[code] for kind in kinds if isinstance(kind, Categorical) for code in kind.codes]
    assert levels.count("e") / len(levels) == pytest.approx(0.05, abs=0.01)
    gaps = [np.isnan(_values([batch], "x0")).mean() for batch in _after("missing")]
    assert np.mean(gaps[:5]) == pytest.approx(0.11, abs=0.03)
    assert np.mean(gaps[5:]) == pytest.approx(0.01, abs=0.01)


def test_the_season_has_a_week_and_its_reference_two_in_order():
    """The season's reference holds 14 batches in their order, and a batch is like the one a week before."""
    stream = draw_stream("season_null", 0)
    assert stream.reference.n == 14 * 200
    days = _values([stream.reference], "x1").reshape(14, 200).mean(axis=1)
    expected = 0.5 * np.sin(2 * np.pi * np.arange(-14, 0) / 7)
    assert np.abs(days - expected).max() < 0.25
    assert np.corrcoef(days, expected)[0, 1] > 0.9


def test_the_demo_and_the_benchmark_draw_the_same():
    """The tutorial's four are the demo's own, seed for seed."""
    reference, batches = synthetic.draw_stream("gradual")
    stream = draw_stream("gradual", synthetic.SEED)
    np.testing.assert_array_equal(stream.reference.scores, reference.scores)
    np.testing.assert_array_equal(stream.draw(7).labels, batches[7].labels)


def test_an_unknown_stream_is_named():
    """A misspelt name is refused with the list of those there are."""
    with pytest.raises(ValueError, match="no stream is called maen05: choose plain, or one of abrupt"):
        draw_stream("maen05", 0)


def test_the_scored_stream_is_badly_calibrated_and_its_accuracy_moves():
    """The scorer is overconfident by 5 points, and accuracy and error follow the waves of the inputs."""
    reference, stream = draw_scored(1, 10_000)
    accuracy = (reference.predicted == reference.labels).mean()
    assert reference.confidence.mean() - accuracy > 0.05
    waves = (stream.predicted == stream.labels).reshape(-1, 1_000).mean(axis=1)
    assert np.ptp(waves) > 0.05
    valued = draw_valued(1, 10_000)[1]
    assert np.ptp(np.abs(valued.predicted - valued.labels).reshape(-1, 1_000).mean(axis=1)) > 0.5


def _stream(change_at: int | None) -> Stream:
    plain = draw_stream("mean05_null", 0, batches=6)
    return Stream("made", 0, plain.reference, plain.rows, 6, change_at, plain.draw)


def test_flags_before_the_change_are_false_and_the_first_after_it_is_the_delay():
    """A page before the change counts as false, and the delay is that of the first page at or after it."""
    found = outcome_of(_stream(3), [False, True, False, False, True], detector="made")
    assert (found.before, found.n_before, found.first, found.delay) == (1, 3, 4, 1.0)
    never = outcome_of(_stream(3), [False] * 6, detector="made")
    stable = outcome_of(_stream(None), [True, False] * 3, detector="made")
    assert (stable.before, stable.n_before, stable.first) == (3, 6, None)
    assert false_rate([found, stable]) == pytest.approx(4 / 9)
    assert (median_delay([found, never]), missed([found, never])) == (np.inf, 0.5)


def test_the_tutorial_rule_pages_on_its_own_scenarios_and_on_lost_accuracy():
    """The baseline pages on each of its three scenarios at the change, and on ten points of accuracy lost."""
    for name in ("abrupt", "gradual", "label_shift"):
        stream = draw_stream(name, synthetic.SEED)
        pages = list(map(TutorialRule(stream.reference).pages, stream))
        assert pages.index(True) in {5, 6}
    stream = draw_stream("concept10", 0)
    pages = list(map(TutorialRule(stream.reference).pages, stream))
    assert sum(pages[10:]) > 30


@pytest.mark.parametrize("module", [scored, streams, tutorial_rule])
def test_the_examples_in_the_docstrings_hold(module: ModuleType):
    """The figures in the docstrings are those the functions return."""
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
