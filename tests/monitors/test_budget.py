"""The promise: no more false pages than were asked for, and real drift is found (T10)."""

from collections import Counter

import numpy as np
import pytest

from driftboard.monitors import CalibratedPolicy, Categorical, Detector, Numeric, Sample
from driftboard.monitors.baseline import row_slice
from driftboard.monitors.calibrated import SHARES
from tests.monitors.degenerate_samples import healthy

LAYERS = {"feature": "inputs", "relations": "relations", "quality": "quality", "prediction": "outputs"}
LAYERS["performance"] = "performance"


def _least(report):
    """The smallest p-value of a report, every correction within its layer made."""
    found = [each.evidence for each in report.findings if each.evidence]
    found += [each.evidence for each in getattr(report, "features", ()) if each.evidence]
    return min((each.p_value for each in found), default=1.0)


def _rejections(references, batches, alphas, *, rows=200, history=2):
    """How many of so many judgements of stable batches have evidence in any layer at each budget, whatever its size."""
    rejected = Counter()
    for seed in range(references):
        detector = Detector(healthy(2_000, seed=10_000 * seed), CalibratedPolicy(alpha=1.0))
        stream = healthy(rows * batches * history, seed=10_000 * seed + 1)
        for place in range(batches):
            starts = [(place * history + back) * rows for back in range(history)]
            parts = [row_slice(stream, np.arange(start, start + rows)) for start in starts]
            reports = detector.judge([detector.profile(part, "b") for part in parts]).reports
            share = min(_least(report) / SHARES[LAYERS[name]] for name, report in reports.items())
            rejected.update(alpha for alpha in alphas if share <= alpha)
    return rejected


def _most(alpha, judgements):
    """What a fair rejection rate of alpha stays below 999 times in a thousand, and the shared references' own luck."""
    return alpha * judgements + 3.1 * np.sqrt(2 * alpha * judgements) + 1


def test_evidence_keeps_its_budget():
    """Stable batches are rejected at a budget of 0.1 at most one in ten times, at 0.01 at most one in a hundred."""
    rejected = _rejections(8, 40, (0.1, 0.01))
    assert rejected[0.1] <= _most(0.1, 320)
    assert rejected[0.01] <= _most(0.01, 320)


@pytest.mark.slow
def test_evidence_keeps_a_small_budget():
    """At 0.001 of 8,000 judgements as well."""
    assert _rejections(40, 200, (0.001,))[0.001] <= _most(0.001, 8_000)


def _hours(count, seed):
    """A stable model's hours: 100 to 300 rows, five numeric features, a category, confidence, labels."""
    rng = np.random.default_rng(seed)

    def hour(rows):
        common = rng.normal(size=rows)
        columns = {f"x{place}": Numeric(0.5 * common + rng.standard_t(4 + place, rows)) for place in range(5)}
        columns["town"] = Categorical(rng.choice(4, rows, p=(0.5, 0.3, 0.15, 0.05)), ("a", "b", "c", "d"))
        predicted = (rng.random(rows) < 0.3) * 1.0
        confidence = rng.beta(8, 2, rows) / 2 + 0.5
        labels = np.where(rng.random(rows) < confidence, predicted, 1 - predicted)
        return Sample(rows, columns, "classification", ("no", "yes"), predicted, confidence, labels)

    return hour(5_000), (hour(int(rows)) for rows in rng.integers(100, 300, count))


def _incidents(hours, seed):
    """How many times a page begins, in so many hours of a stable model under the default policy."""
    reference, stream = _hours(hours, seed)
    detector = Detector(reference)
    pages = np.array([detector.update(batch, str(place)).verdict == "critical" for place, batch in enumerate(stream)])
    return int(np.count_nonzero(pages[1:] & ~pages[:-1]) + pages[0])


def test_a_stable_week_pages_nobody():
    """Every hour of one week, default policy."""
    assert _incidents(24 * 7, seed=0) == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_ten_thousand_stable_hours_page_less_than_once_a_month(seed):
    """A quarter of them at a time, each with its own reference: 2,500 hours are 3.4 months (T10)."""
    assert _incidents(2_500, seed=seed + 1) <= 3


def test_half_a_deviation_in_a_thousand_rows_is_found_in_two_windows():
    """In at least 95 of 100 streams, each with its own reference; among five features that stay."""
    found = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=(6, 2_000))
        detector = Detector(Sample(2_000, {f"x{place}": Numeric(each) for place, each in enumerate(values)}))
        drifted = rng.normal(size=(2, 6, 1_000))
        drifted[:, 0] += 0.5
        batches = [Sample(1_000, {f"x{place}": Numeric(each) for place, each in enumerate(part)}) for part in drifted]
        found += any(detector.update(batch).reports["feature"].verdict == "critical" for batch in batches)
    assert found >= 95
