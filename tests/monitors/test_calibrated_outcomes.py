"""The calibrated policy on performance."""

from dataclasses import replace

import numpy as np
import pytest

from driftboard.monitors import CalibratedPolicy, Categorical, Detector, Sample
from tests.monitors.samples import TOWNS, classified, kinds, regressed


def _report(reference, *batches: Sample, policy=None):
    detector = Detector(reference, policy)
    return [detector.update(batch, f"day {place}").reports["performance"] for place, batch in enumerate(batches)][-1]


def test_more_errors_page_and_say_by_how_much():
    """Twenty points on 400 labels: points, chance, labels on both sides, and the batch's own accuracy."""
    report = _report(classified(3_000), classified(400, seed=1, right=0.75))
    assert kinds(report)["performance_decay"] == "critical"
    assert report.message.startswith("performance decayed: errors +20.0 points (severe), ")
    assert "by luck, in 400 labels against 3,000; this batch accuracy 7" in report.message
    assert report.message.endswith("400 of 400 predictions labelled.")
    assert report.error.passes


def test_five_points_are_found_by_the_long_windows():
    """No batch of 200 proves five points; a few together do, and it is told since when."""
    batches = [classified(200, seed=seed, right=0.84) for seed in range(1, 13)]
    report = _report(classified(5_000), *batches)
    assert report.verdict == "critical"
    assert report.error.batches >= 4
    assert report.error.since == f"day {12 - report.error.batches}"


def test_a_small_batch_does_not_page_by_its_noise():
    """Forty labels lose five points in many stable batches; none of 150 pages (C11)."""
    detector = Detector(classified(5_000))
    profiles = [detector.profile(classified(40, seed=seed), str(seed)) for seed in range(1, 151)]
    reports = [detector.judge([profile]).reports["performance"] for profile in profiles]
    assert sum(report.accuracy <= report.reference_accuracy - 0.05 for report in reports) > 15
    assert "critical" not in {report.verdict.value for report in reports}


def test_a_class_that_is_found_less_often_pages_by_itself():
    """The rare class loses a third of its recall; the error rate moves by less than its floor."""

    def sample(n, found, seed):
        rng = np.random.default_rng(seed)
        labels = (rng.random(n) < 0.06) * 1.0
        predicted = np.where((labels == 1) & (rng.random(n) > found), 0.0, labels)
        return Sample(n, {}, "classification", ("fine", "fraud"), predicted, labels=labels)

    report = _report(sample(10_000, 0.95, 0), sample(2_000, 0.6, 1))
    assert kinds(report)["recall_decay"] == "critical"
    assert "class `fraud` is found less often: recall -3" in report.message
    assert kinds(report).get("performance_decay") != "critical"
    assert [each.verdict.value for each in report.by_class] == ["ok", "critical"]


def _in_towns(n, *, seed, bad=None, towns=TOWNS):
    """A classified sample whose segment has many levels, one of which may be wrong half the time."""
    rng = np.random.default_rng(seed + 1_000)
    sample, codes = classified(n, seed=seed), rng.integers(0, len(towns), n)
    wrong = (codes == bad) & (rng.random(n) < 0.5)
    labels = np.where(wrong, (sample.predicted + 1) % 3, sample.labels)
    return replace(sample, labels=labels, segments={"town": Categorical(codes, towns)})


def test_a_segment_where_the_model_fails_is_named():
    """One town of twenty, hidden in the average, with the number of segments that were looked at."""
    towns = tuple(f"town {place}" for place in range(20))
    report = _report(_in_towns(10_000, seed=0, towns=towns), _in_towns(2_000, seed=1, bad=7, towns=towns))
    found = [each for each in report.findings if each.kind == "segment_decay"]
    assert [(each.subject, each.verdict.value) for each in found] == [("town = town 7", "critical")]
    assert found[0].text.endswith("one of 21 segments looked at")
    assert (report.segments[0].level, report.segments[0].verdict.value) == ("town 7", "critical")


def test_many_segments_have_their_price():
    """The p-value of a segment is larger by the number of those beside it."""
    two, fifty = ("Oslo", "Bonn"), ("Oslo", *(f"town {place}" for place in range(49)))
    p_values = []
    for towns in (two, fifty):
        reference, batch = _in_towns(10_000, seed=0, towns=two), _in_towns(600, seed=1, bad=0, towns=two)
        reference, batch = (_declared(each, towns) for each in (reference, batch))
        report = _report(reference, batch, policy=CalibratedPolicy(alpha=0.5))
        p_values.append(report.segments[0].evidence.p_value)
    assert p_values[1] > p_values[0]


def _declared(sample, towns):
    """The sample with a single row in each other town."""
    column = sample.segments["town"]
    codes = column.codes.copy()
    codes[: len(towns)] = np.arange(len(towns))
    return replace(sample, segments={"town": Categorical(codes, towns)})


def test_regression_pages_by_growth_of_the_error():
    """Mean absolute error up by half; ranks are the evidence, the mean is the magnitude."""
    report = _report(regressed(3_000), regressed(300, seed=3, noise=1.5))
    assert kinds(report) == {"performance_decay": "critical"}
    assert report.error.measure == "growth"
    assert report.message.startswith("performance decayed: mean absolute error +")
    assert _report(regressed(3_000), regressed(300, seed=3)).verdict == "ok"


def test_errors_that_grew_by_a_twentieth_never_page():
    """Sure and small: information at most."""
    report = _report(regressed(30_000), regressed(20_000, seed=3, noise=1.06))
    assert report.verdict == "info"


@pytest.mark.parametrize(
    ("labels", "verdict", "message"),
    [
        (0, "no_data", "No labels have arrived."),
        (10, "insufficient", "10 labels cannot be judged: 20 more needed."),
    ],
)
def test_too_few_labels_are_not_ok(labels, verdict, message):
    """Nothing has arrived: no exception, no zero, no ok (C13, C14)."""
    batch = classified(300, seed=1)
    batch.labels[labels:] = -1
    report = _report(classified(3_000), batch)
    assert (report.verdict.value, report.message) == (verdict, message)
    assert (report.accuracy is None) == (labels == 0)


def test_a_reference_without_labels_still_reports_scores():
    """The comparison has no data; the batch's own accuracy stands."""
    report = _report(replace(classified(3_000), labels=np.empty(0)), classified(300, seed=1))
    assert report.verdict == "no_data"
    assert "The reference has too few labels to compare with; here accuracy " in report.message


def test_reports_are_final_unless_somebody_says_otherwise():
    """Whether labels are still to come is not for the detector to know."""
    report = _report(classified(3_000), classified(300, seed=1))
    assert (report.provisional, report.maturity, report.label_bias) == (False, "", "")


def test_performance_keeps_its_word_when_only_it_may_page():
    """`page_on = performance` changes nothing here."""
    policy = CalibratedPolicy(page_on="performance")
    assert _report(classified(3_000), classified(400, seed=1, right=0.75), policy=policy).verdict == "critical"
