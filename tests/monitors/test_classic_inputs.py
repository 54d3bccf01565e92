"""The classic policy on the inputs."""

from dataclasses import replace

import numpy as np
import pytest

from driftboard.monitors import Categorical, ClassicPolicy, Detector, Numeric, Sample
from tests.monitors.samples import TOWNS, classified, kinds, only


def _report(reference, batch, policy=None):
    return Detector(reference, policy or ClassicPolicy()).update(batch).reports["feature"]


def _result(reference, batch, policy=None):
    return _report(only(reference), only(batch), policy).features[0]


@pytest.fixture
def normal():
    """Two thousand reference values."""
    return Numeric(np.random.default_rng(0).normal(40, 10, 2_000))


def test_a_moved_feature_is_critical_and_says_so_in_one_sentence(normal):
    """PSI and KS agree; the sentence has both, the noise, the rows and the means."""
    result = _result(normal, Numeric(np.random.default_rng(1).normal(50, 10, 712)))
    assert result.verdict == "critical"
    assert result.message.startswith("`x` moved: PSI ")
    assert "expected from 712 rows by luck), KS 0." in result.message
    assert "mean 39.7 → 49.4" in result.message
    assert result.message.endswith(".")


def test_psi_without_ks_is_a_warning_that_is_no_alert():
    """Magnitude alone, on few rows, does not page, and has a kind of its own (A19)."""
    rng = np.random.default_rng(12)
    reference, batch = only(Numeric(rng.normal(size=2_000))), only(Numeric(rng.normal(0.8, 1, 60)))
    report = _report(reference, batch, ClassicPolicy(ks_alpha=1e-9))
    assert report.features[0].psi >= 0.2
    assert kinds(report) == {"feature_drift_unconfirmed": "warning"}


def test_ks_without_psi_is_information():
    """A shift of a tenth of a deviation in ten thousand rows is real and small (C6)."""
    rng = np.random.default_rng(3)
    result = _result(Numeric(rng.normal(size=10_000)), Numeric(rng.normal(0.1, 1, 10_000)))
    assert result.ks.rejects
    assert result.verdict == "info"
    assert "moved a little" in result.message


def test_infinite_values_cannot_hide_a_shift(normal):
    """One outlier or infinity switches no test off (C2)."""
    shifted = np.random.default_rng(1).normal(90, 10, 200)
    shifted[:2] = np.inf, -np.inf
    result = _result(normal, Numeric(shifted))
    assert result.verdict == "critical"
    assert result.psi > 1
    assert result.n == 198


def test_leaving_a_constant_shows():
    """A constant of the reference is no exception, and a batch that leaves it is critical."""
    constant = Numeric(np.full(500, 3.0))
    assert _result(constant, Numeric(np.full(100, 3.0))).verdict == "ok"
    assert _result(constant, Numeric(np.full(100, 4.0))).verdict == "critical"
    assert _result(constant, Numeric(np.full(100, 2.0))).verdict == "critical"


def test_levels_are_matched_by_name():
    """The same data under another order of levels is the same data (C7)."""
    codes = np.random.default_rng(0).choice(3, 1_000, p=(0.6, 0.3, 0.1))
    turned = Categorical((codes + 1) % 3, (TOWNS[2], TOWNS[0], TOWNS[1]))
    result = _result(Categorical(codes, TOWNS), turned)
    assert result.psi == pytest.approx(0.0, abs=1e-12)
    assert result.verdict == "ok"


def test_a_changed_mix_of_levels_is_critical():
    """PSI and chi-square agree, and the sentence names the level that changed most."""
    rng = np.random.default_rng(0)
    reference = Categorical(rng.choice(3, 2_000, p=(0.6, 0.3, 0.1)), TOWNS)
    result = _result(reference, Categorical(rng.choice(3, 300, p=(0.3, 0.3, 0.4)), TOWNS))
    assert result.verdict == "critical"
    assert "`Oslo` 60 % → 31 %" in result.message


@pytest.mark.parametrize(("new", "verdict"), [(0, "ok"), (1, "ok"), (800, "critical")])
def test_new_levels_weigh_what_they_should(new, verdict):
    """One new level in 10,000 rows is no drift, eight hundred are (C9)."""
    codes = np.tile([0, 0, 0, 1, 1], 2_000)
    batch = codes.copy()
    batch[:new] = 2
    result = _result(Categorical(codes, TOWNS[:2]), Categorical(batch, TOWNS))
    assert result.verdict == verdict
    assert result.cells[-1] == "new"
    assert result.share[-1] == new / 10_000


def test_columns_are_matched_by_name():
    """Another order changes nothing (C7)."""
    batch = classified(300, seed=1)
    turned = replace(batch, features=dict(reversed(batch.features.items())))
    assert _report(classified(2_000), turned) == _report(classified(2_000), batch)


def test_too_few_rows_say_how_many_are_needed():
    """Twelve rows are not judged, however far they lie (C4)."""
    report = _report(classified(2_000), classified(12, shift=99))
    assert {result.verdict.value for result in report.features} == {"insufficient"}
    assert report.features[0].message == "12 values of `temp` cannot be judged: 38 more needed."


def test_the_summary_begins_with_what_moved_most():
    """By verdict, then by PSI."""
    rng = np.random.default_rng(5)
    reference = Sample(2_000, {name: Numeric(rng.normal(size=2_000)) for name in "abc"})
    shifts = {"a": 1.0, "b": 3.0, "c": 0.0}
    batch = Sample(300, {name: Numeric(rng.normal(shift, 1, 300)) for name, shift in shifts.items()})
    assert _report(reference, batch).message == "2 of 3 features moved: `b`, `a`."


def test_no_report_depends_on_batches_seen_before():
    """No state: the reference stays, cells stay, and there is nothing to forget at a restart (C3, C8, C17, C18)."""
    detector, drifted = Detector(classified(2_000), ClassicPolicy()), classified(300, seed=1, shift=10)
    first = detector.update(drifted).reports["feature"]
    for seed in range(5):
        detector.update(classified(300, seed=seed, shift=5 * seed))
    assert detector.update(drifted).reports["feature"] == first == _report(classified(2_000), drifted)
    assert first.verdict == "critical"


def test_stable_batches_are_never_critical():
    """Sixty batches of 200 from the reference's own distribution page nobody."""
    detector = Detector(classified(2_000), ClassicPolicy())
    found = [detector.update(classified(200, seed=seed)).reports["feature"].verdict for seed in range(1, 61)]
    assert "critical" not in found


def test_one_sparse_feature_does_not_hide_the_others():
    """The report is `ok` though of one feature nothing can be said; it still says so."""
    rng = np.random.default_rng(3)
    sparse = np.full(2000, np.nan)
    sparse[:40] = rng.normal(size=40)
    reference = Sample(2000, {"dense": Numeric(rng.normal(size=2000)), "sparse": Numeric(sparse)})
    report = _report(
        reference, Sample(1000, {"dense": Numeric(rng.normal(size=1000)), "sparse": Numeric(sparse[:1000])})
    )
    assert {each.feature: each.verdict.value for each in report.features} == {"dense": "ok", "sparse": "insufficient"}
    assert report.verdict == "ok"
    assert "`sparse`" in report.message
