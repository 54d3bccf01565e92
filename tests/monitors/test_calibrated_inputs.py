"""The calibrated policy on the inputs."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtri

from driftboard.monitors import CalibratedPolicy, Categorical, Detector, Numeric, Sample
from tests.monitors.samples import TOWNS, classified, kinds, only, verdicts


def _report(reference, batch, policy=None):
    return Detector(reference, policy).update(batch, "monday").reports["feature"]


def _shifted(n, shift, *, n_reference=2_000, seed=1):
    rng = np.random.default_rng(seed)
    return _report(only(Numeric(rng.normal(size=n_reference))), only(Numeric(rng.normal(shift, 1, n))))


@pytest.mark.parametrize(
    ("n", "shift", "verdict"),
    [(200, 0.0, "ok"), (200, 1.0, "critical"), (10_000, 0.35, "warning"), (10_000, 0.1, "info")],
)
def test_a_page_takes_evidence_and_magnitude(n, shift, verdict):
    """Large and sure pages; sure and middling warns; sure and small is information."""
    assert _shifted(n, shift, n_reference=10_000).verdict == verdict


def test_a_trivial_shift_never_pages_however_many_rows_prove_it():
    """+0.05 deviations at n = N = 10,000, twenty batches: nothing above info (C6)."""
    rng = np.random.default_rng(2)
    detector = Detector(only(Numeric(rng.normal(size=10_000))))
    found = {detector.update(only(Numeric(rng.normal(0.05, 1, 10_000)))).reports["feature"].verdict for _ in range(20)}
    assert found <= {"ok", "info"}


def test_insufficient_says_how_many_rows_and_with_so_many_it_passes():
    """The very same shift passes with a tenth more rows than were asked for, and not yet with a third less."""
    order = np.random.default_rng(0).permutation(20_000)  # of time: a sorted reference would wobble
    detector = Detector(only(Numeric(ndtri((order + 0.5) / 20_000))))

    def judge(rows):
        batch = only(Numeric(ndtri((np.arange(rows) + 0.5) / rows) + 0.8))
        return detector.judge([detector.profile(batch, "b")]).reports["feature"]

    report = judge(25)
    evidence = report.features[0].evidence
    assert report.verdict == "insufficient"
    assert report.message.endswith(f"but 25 rows cannot tell that from luck: about {evidence.needed} more needed.")
    wanted = 25 + evidence.needed
    assert judge(round(0.67 * wanted)).verdict == "info"
    assert judge(round(1.1 * wanted)).verdict == "critical"


def test_what_would_show_is_what_shows_half_the_time():
    """`visible`, the smallest shift that these rows prove, is the table's 0.20 for 200 rows and five columns."""
    rng = np.random.default_rng(4)
    reference = Sample(2_000, {f"x{place}": Numeric(rng.normal(size=2_000)) for place in range(5)})
    report = _report(reference, Sample(200, {f"x{place}": Numeric(rng.normal(size=200)) for place in range(5)}))
    seen = [each.evidence.visible for each in report.features if each.evidence.measure == "KS"]
    assert seen
    assert all(0.15 < each < 0.25 for each in seen)


def test_a_changed_mix_of_levels_is_critical():
    """Chi-square and total variation; the sentence names the level that changed most."""
    rng = np.random.default_rng(0)
    reference = Categorical(rng.choice(3, 2_000, p=(0.6, 0.3, 0.1)), TOWNS)
    result = _report(only(reference), only(Categorical(rng.choice(3, 300, p=(0.3, 0.3, 0.4)), TOWNS))).features[0]
    assert result.verdict == "critical"
    assert "`Oslo` 60 % → 31 %" in result.message


def test_infinite_values_cannot_hide_a_shift():
    """Outliers and infinities switch no test off (C2)."""
    rng = np.random.default_rng(1)
    shifted = rng.normal(5, 1, 200)
    shifted[:2] = np.inf, -1e300
    assert _report(only(Numeric(rng.normal(size=2_000))), only(Numeric(shifted))).verdict == "critical"


@pytest.mark.parametrize("value", [2.0, 4.0])
def test_leaving_a_constant_shows(value):
    """Below or above: a constant of the reference is no exception."""
    constant = only(Numeric(np.full(500, 3.0)))
    assert _report(constant, only(Numeric(np.full(100, 3.0)))).verdict == "ok"
    assert _report(constant, only(Numeric(np.full(100, value)))).verdict == "critical"


def test_too_few_values_say_how_many_are_needed():
    """Twelve rows are not judged, however far they lie (C4)."""
    report = _report(classified(2_000), classified(12, shift=99))
    assert {each.verdict.value for each in report.features} == {"insufficient"}
    assert report.features[0].message == "12 values of `temp` cannot be judged: 8 more needed."


def test_columns_are_matched_by_name():
    """Another order of columns and of levels is the same batch (C7)."""
    batch = classified(300, seed=1)
    town = batch.features["town"]
    turned_town = Categorical((town.codes + 1) % 3, (TOWNS[2], TOWNS[0], TOWNS[1]))
    turned = dict(reversed({**batch.features, "town": turned_town}.items()))
    assert _report(classified(2_000), replace(batch, features=turned)) == _report(classified(2_000), batch)


def test_only_what_may_page_pages():
    """`page_on = performance` keeps drift a warning; nothing else changes."""
    batch = classified(300, seed=1, shift=8)
    policy = CalibratedPolicy(page_on="performance")
    assert kinds(_report(classified(2_000), batch)) == {"feature_drift": "critical"}
    assert kinds(_report(classified(2_000), batch, policy)) == {"feature_drift": "warning"}


def test_a_healthy_batch_is_ok_in_every_report():
    """Nothing moved, and every monitor says so in a sentence."""
    judgement = Detector(classified(2_000)).update(classified(300, seed=2))
    assert set(verdicts(judgement).values()) <= {"ok", "info"}
    assert judgement.reports["feature"].message == "3 features steady."


def test_the_gravest_comes_first():
    """Findings are in the order in which somebody should read them."""
    rng = np.random.default_rng(5)
    reference = Sample(2_000, {name: Numeric(rng.normal(size=2_000)) for name in "abc"})
    shifts = {"a": 1.0, "b": 3.0, "c": 0.0}
    report = _report(reference, Sample(300, {name: Numeric(rng.normal(shifts[name], 1, 300)) for name in "abc"}))
    assert [each.subject for each in report.findings] == ["b", "a"]
    assert report.message.startswith("2 of 3 features moved: `b` ")
