"""The inputs."""

import time
from dataclasses import replace

import numpy as np
import pytest

from driftboard.monitors import Categorical, ClassicPolicy, FeatureMonitor, Numeric, Sample, Verdict

LEVELS = ("Oslo", "Bonn", "Nice")


def _one(column, n=None):
    values = column.values if isinstance(column, Numeric) else column.codes
    return Sample(values.size if n is None else n, {"x": column})


def _result(reference, batch, policy=None):
    return FeatureMonitor(_one(reference), policy).report(_one(batch)).features[0]


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


def test_psi_without_ks_is_a_warning_at_most():
    """Magnitude alone, on few rows, does not page."""
    rng = np.random.default_rng(12)
    policy = ClassicPolicy(ks_alpha=1e-9)
    result = _result(Numeric(rng.normal(size=2_000)), Numeric(rng.normal(0.8, 1, 60)), policy)
    assert result.psi >= 0.2
    assert result.verdict == "warning"


def test_ks_without_psi_is_information():
    """A shift of a tenth of a deviation in ten thousand rows is real and small (C6)."""
    rng = np.random.default_rng(3)
    result = _result(Numeric(rng.normal(size=10_000)), Numeric(rng.normal(0.1, 1, 10_000)))
    assert result.ks.rejects
    assert result.verdict == "info"
    assert "KS alone" in result.message


def test_infinite_values_cannot_hide_a_shift(normal):
    """One outlier or infinity switches no test off (C2), and is mentioned."""
    shifted = np.random.default_rng(1).normal(90, 10, 200)
    shifted[:2] = np.inf, -np.inf
    result = _result(normal, Numeric(shifted))
    assert result.verdict == "critical"
    assert result.psi > 1
    assert result.n == 198
    assert "2 values infinite" in result.message


def test_missing_values_are_a_check_of_their_own(normal):
    """A third of the values gone is a warning although those left are steady (C1)."""
    values = normal.values[:300].copy()
    values[::3] = np.nan
    result = _result(normal, Numeric(values))
    assert result.verdict == "warning"
    assert result.missing_rate == pytest.approx(1 / 3)
    assert "33 % of the values are missing, 0 % in the reference" in result.message


def test_a_few_missing_values_more_may_be_luck():
    """Six points more in fifty rows, from a reference that misses a tenth, is within luck."""
    reference, batch = np.arange(1_000.0), np.arange(0.0, 1_000.0, 20.0)
    reference[::10] = np.nan
    batch = np.append(batch, np.arange(5, 1_000, 91.0))
    batch[:10] = np.nan
    assert "missing" not in _result(Numeric(reference), Numeric(batch)).message


def test_a_column_that_is_always_sparse_is_not_broken():
    """Wholly missing is invalid, except where the reference makes that likely."""
    sparse, full = np.full(2_000, np.nan), np.arange(2_000.0)
    sparse[:60] = np.arange(60.0)
    gone = Numeric(np.full(60, np.nan))
    assert _result(Numeric(sparse), gone).verdict == "no_data"
    assert _result(Numeric(full), gone).verdict == "invalid"


def test_leaving_a_constant_shows():
    """A constant of the reference is no exception, and a batch that leaves it is critical."""
    constant = Numeric(np.full(500, 3.0))
    assert _result(constant, Numeric(np.full(100, 3.0))).verdict == "ok"
    assert _result(constant, Numeric(np.full(100, 4.0))).verdict == "critical"
    assert _result(constant, Numeric(np.full(100, 2.0))).verdict == "critical"


def test_levels_are_matched_by_name():
    """The same data under another order of levels is the same data (C7)."""
    codes = np.random.default_rng(0).choice(3, 1_000, p=(0.6, 0.3, 0.1))
    turned = Categorical((codes + 1) % 3, (LEVELS[2], LEVELS[0], LEVELS[1]))
    result = _result(Categorical(codes, LEVELS), turned)
    assert result.psi == pytest.approx(0.0, abs=1e-12)
    assert result.verdict == "ok"


def test_a_changed_mix_of_levels_is_critical():
    """PSI and chi-square agree, and the sentence names the level that changed most."""
    rng = np.random.default_rng(0)
    reference = Categorical(rng.choice(3, 2_000, p=(0.6, 0.3, 0.1)), LEVELS)
    result = _result(reference, Categorical(rng.choice(3, 300, p=(0.3, 0.3, 0.4)), LEVELS))
    assert result.verdict == "critical"
    assert "`Oslo` 60 % → 31 %" in result.message


@pytest.mark.parametrize(("new", "verdict"), [(0, "ok"), (1, "info"), (800, "critical")])
def test_new_levels_weigh_what_they_should(new, verdict):
    """One new level in 10,000 rows is mentioned, eight hundred are critical (C9)."""
    codes = np.tile([0, 0, 0, 1, 1], 2_000)
    batch = codes.copy()
    batch[:new] = 2
    result = _result(Categorical(codes, LEVELS[:2]), Categorical(batch, LEVELS))
    assert result.verdict == verdict
    assert result.cells[-1] == "new"
    assert result.share[-1] == new / 10_000
    assert ("never had" in result.message) == (new > 0)


def test_columns_are_matched_by_name(classification_sample):
    """Another order changes nothing; a missing, a retyped and an unknown one are named (C7)."""
    reference, batch = classification_sample(2_000), classification_sample(300, seed=1)
    monitor = FeatureMonitor(reference)
    turned = replace(batch, features=dict(reversed(batch.features.items())))
    assert monitor.report(turned) == monitor.report(batch)
    broken = {"load": batch.features["town"], "town": batch.features["town"], "extra": batch.features["load"]}
    report = monitor.report(replace(batch, features=broken))
    assert [result.verdict.value for result in report.features] == ["invalid", "invalid", "ok"]
    assert report.features[0].message == "`temp` is missing from the batch altogether."
    assert "`load` changed its kind: it is categorical here and numeric in the reference" in report.features[1].message
    assert report.unexpected == ("extra",)
    assert report.verdict == "invalid"


def test_an_unknown_feature_is_information(classification_sample):
    """The reference has nothing to compare it with, but somebody should know."""
    batch = classification_sample(300, seed=1)
    extra = replace(batch, features={**batch.features, "{0.__class__} %s <b>": batch.features["temp"]})
    report = FeatureMonitor(classification_sample(2_000)).report(extra)
    assert report.verdict == "info"
    assert "not in the reference: `{0.__class__} %s <b>`" in report.message


def test_too_few_rows_say_how_many_are_needed(classification_sample):
    """Twelve rows are not judged, however far they lie (C4)."""
    report = FeatureMonitor(classification_sample(2_000)).report(classification_sample(12, shift=99))
    assert {result.verdict.value for result in report.features} == {"insufficient"}
    assert report.features[0].message == "12 rows of `temp` are too few to judge: 38 more needed."


def test_the_summary_ranks_features_by_psi():
    """The report's sentence begins with what moved most."""
    rng = np.random.default_rng(5)
    reference = Sample(2_000, {name: Numeric(rng.normal(size=2_000)) for name in "abc"})
    shifts = {"a": 1.0, "b": 3.0, "c": 0.0}
    batch = Sample(300, {name: Numeric(rng.normal(shift, 1, 300)) for name, shift in shifts.items()})
    message = FeatureMonitor(reference).report(batch).message
    assert message.startswith("2 of 3 features moved, by PSI: `b` ")
    assert message.index("`b`") < message.index("`a`")


def test_no_report_depends_on_batches_seen_before(classification_sample):
    """No state: the reference stays, cells stay, and there is nothing to forget at a restart (C3, C8, C17, C18)."""
    monitor = FeatureMonitor(classification_sample(2_000))
    drifted = classification_sample(300, seed=1, shift=10)
    first = monitor.report(drifted)
    for seed in range(5):
        monitor.report(classification_sample(300, seed=seed, shift=5 * seed))
    assert monitor.report(drifted) == first == FeatureMonitor(classification_sample(2_000)).report(drifted)
    assert first.verdict == "critical"


def test_stable_batches_are_never_critical(classification_sample):
    """Sixty batches of 200 from the reference's own distribution page nobody."""
    monitor = FeatureMonitor(classification_sample(2_000))
    verdicts = [monitor.report(classification_sample(200, seed=seed)).verdict for seed in range(1, 61)]
    assert "critical" not in verdicts


def test_a_report_of_fifteen_features_is_quick():
    """900 rows against 16,000: about 3 ms; the limit leaves room for a busy machine."""
    rng = np.random.default_rng(0)
    monitor = FeatureMonitor(Sample(16_000, {f"x{i}": Numeric(rng.normal(size=16_000)) for i in range(15)}))
    batch = Sample(900, {f"x{i}": Numeric(rng.normal(size=900)) for i in range(15)})
    times = []
    for _ in range(5):
        start = time.perf_counter()
        monitor.report(batch)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.03


def test_one_sparse_feature_does_not_hide_the_others() -> None:
    """The report is `ok` though of one feature nothing can be said; it still says so."""
    rng = np.random.default_rng(3)
    sparse = np.full(2000, np.nan)
    sparse[:40] = rng.normal(size=40)
    reference = Sample(2000, {"dense": Numeric(rng.normal(size=2000)), "sparse": Numeric(sparse)})
    batch = Sample(1000, {"dense": Numeric(rng.normal(size=1000)), "sparse": Numeric(sparse[:1000])})
    report = FeatureMonitor(reference).report(batch)
    assert {each.feature: each.verdict for each in report.features} == {
        "dense": Verdict.OK,
        "sparse": Verdict.INSUFFICIENT,
    }
    assert report.verdict is Verdict.OK
    assert report.message.startswith("1 of 2 features too few rows to judge, by PSI: `sparse`")
