"""Labels that are not all in: provisional reports, alerts that wait, and rows that are labelled for a reason."""

import numpy as np
import pytest

from driftboard.data import Store, label_predictions, log_predictions
from driftboard.label_wait import NO_LABELS, with_label_bias
from driftboard.monitors import PerformanceReport, Verdict
from driftboard.monitors.sample import Numeric, Sample
from driftboard.worker import evaluate_due
from tests.driftboard.streams import DAY, HOUR, START, batch, register, report_on, rules, truth, with_monitors

SETTINGS = with_monitors()


def performance(store: Store, batch_id: str = "b0") -> PerformanceReport:
    """The newest report of the outcomes."""
    report = report_on(store, batch_id, "performance")
    assert isinstance(report, PerformanceReport)
    return report


def log_with_wrong_labels(store: Store, n_labels: int) -> None:
    """One batch whose first labels all say that it was wrong."""
    register(store)
    given = batch("b0")
    log_predictions(store, given, now=START)
    labels = {f"b0-{row}": 1 - int(given.predicted[row]) for row in range(n_labels)}
    label_predictions(store, labels, now=START + HOUR)


def test_an_alert_waits_until_the_labels_are_mature(store: Store) -> None:
    """While the usual delay is not known: for thirty days, looked at daily, and said once."""
    log_with_wrong_labels(store, 60)
    evaluate_due(store, SETTINGS, now=START + 2 * HOUR)
    report = performance(store)
    assert report.provisional
    assert report.maturity.startswith("provisional: the usual label delay is not known yet")
    assert report.verdict is Verdict.CRITICAL
    assert "performance_decay" not in rules(store)
    assert evaluate_due(store, SETTINGS, now=START + 3 * HOUR) == ()
    assert len(evaluate_due(store, SETTINGS, now=START + 2 * DAY)) == 1
    assert "performance_decay" not in rules(store)
    (evaluated,) = evaluate_due(store, SETTINGS, now=START + 31 * DAY)
    assert "opened: Performance decay" in " ".join(evaluated.news)
    assert not performance(store).provisional
    assert rules(store).count("performance_decay") == 1
    assert evaluate_due(store, SETTINGS, now=START + 90 * DAY) == ()


def test_most_labels_at_once_need_no_waiting(store: Store) -> None:
    """The alert comes with them."""
    log_with_wrong_labels(store, 190)
    evaluate_due(store, SETTINGS, now=START + 2 * HOUR)
    assert not performance(store).provisional
    assert "performance_decay" in rules(store)


def test_the_wait_is_as_long_as_labels_usually_take(store: Store) -> None:
    """Learnt from the batches before; the batch is judged again when it is over, though nothing has changed."""
    register(store)
    for day in range(12):
        at = START + day * DAY
        given = batch(f"b{day}", at=at)
        log_predictions(store, given, now=at)
        labels = truth(given)
        for part in range(6):
            some = {f"b{day}-{row}": labels[row] for row in range(part, 60, 6)}
            label_predictions(store, some, now=at + 3 * DAY * part / 6)
    given = batch("late", at=START + 12 * DAY)
    log_predictions(store, given, now=START + 12 * DAY)
    label_predictions(store, {f"late-{row}": truth(given)[row] for row in range(20)}, now=START + 13 * DAY)
    evaluate_due(store, SETTINGS, now=START + 13 * DAY)
    assert performance(store, "late").provisional
    assert performance(store, "late").maturity.endswith("mature in about 1 day")
    assert "late" not in [each.batch_id for each in evaluate_due(store, SETTINGS, now=START + 13.5 * DAY)]
    assert "late" in [each.batch_id for each in evaluate_due(store, SETTINGS, now=START + 15 * DAY)]
    assert not performance(store, "late").provisional


def test_a_batch_without_labels_is_not_called_provisional(store: Store) -> None:
    """There is nothing to be provisional about."""
    register(store)
    log_predictions(store, batch("b0"), now=START)
    evaluate_due(store, SETTINGS, now=START)
    assert not performance(store).provisional
    assert performance(store).maturity == ""


def test_a_batch_without_labels_raises_nothing_of_the_labels_before(store: Store) -> None:
    """They had their own alert; what the windows still say is marked as provisional."""
    log_with_wrong_labels(store, 190)
    log_predictions(store, batch("b1", at=START + DAY), now=START + DAY)
    evaluate_due(store, SETTINGS, now=START + DAY)
    report = performance(store, "b1")
    assert (report.verdict, report.provisional, report.maturity) == (Verdict.CRITICAL, True, NO_LABELS)
    assert rules(store).count("performance_decay") == 1


@pytest.mark.parametrize(("biased", "verdict"), [(True, Verdict.WARNING), (False, Verdict.OK)])
def test_labelled_rows_that_are_not_like_the_others_are_a_warning(*, biased: bool, verdict: Verdict) -> None:
    """With the sentence, and as a finding; a random half is none."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=1000)
    labelled = x > 0 if biased else rng.random(1000) > 0.5
    labels = np.where(labelled, 1.0, -1.0)
    sample = Sample(1000, {"x": Numeric(x)}, classes=("a", "b"), predicted=np.ones(1000), labels=labels)
    plain = PerformanceReport(Verdict.OK, "steady.", 1000, 500, 0.5, 0.05)
    report = with_label_bias(plain, sample)
    assert report.verdict is verdict
    assert [each.kind for each in report.findings] == ["label_bias"] * biased
    assert report.label_bias.startswith("labelled rows are not like the others: `x`") is biased
