"""Charts are pure: a frame and a palette in, a valid specification out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from driftboard.dashboard import feature_frames, frames, information_frames, performance_frames, prediction_frames
from driftboard.dashboard import quality_frames as quality
from driftboard.dashboard.charts import distributions, history, matrices, outcomes, outputs, rates
from driftboard.dashboard.charts.psi import psi as psi_chart
from driftboard.dashboard.palette import DARK, LIGHT
from driftboard.data.reports import StoredReport
from driftboard.monitors.interval import Interval
from driftboard.monitors.report import (
    FeatureReport,
    FeatureResult,
    PerformanceReport,
    PredictionReport,
    ReliabilityBin,
    Test,
)
from driftboard.monitors.verdict import Verdict
from tests.dashboard import reports

DAY_0 = datetime(2026, 3, 1, tzinfo=UTC)
NO_ESTIMATE = performance_frames.estimates([])


def stored(number: int, monitor: str) -> StoredReport:
    """The envelope of a report."""
    at = DAY_0 + timedelta(days=number)
    return StoredReport(number, str(number), at, monitor, 1, "ok", "", at)


def feature(name: str, psi: float | None, cells: int = 3) -> FeatureResult:
    """A feature's result; without a PSI it could not be judged."""
    shares = tuple(1 / cells for _ in range(cells))
    names = tuple(f"cell {at}" for at in range(cells))
    return FeatureResult(
        name, "numeric", Verdict.OK, "", 100, 900, 0.0, 0.1, psi, 0.02, None, Test(0.1, 0.5, 0.01), None, 1, 1, names,
        shares, shares,
    )  # fmt: skip


def feature_history(n: int = 3) -> frames.History:
    """Two features over n batches; one of them has no PSI in the last."""
    return [
        (
            stored(at, "feature"),
            FeatureReport(
                Verdict.OK, "", 100, 900, (feature("a", 0.3), feature("b", 0.1 if at < n - 1 else None)), 0.1, 0.2
            ),
        )
        for at in range(n)
    ]


def performance_report(**given: object) -> PerformanceReport:
    """A report of two classes and one bin."""
    values = {
        "verdict": Verdict.OK,
        "message": "",
        "n": 100,
        "n_labelled": 80,
        "coverage": 0.8,
        "decay_limit": 0.05,
        "accuracy": 0.9,
        "accuracy_interval": Interval(0.8, 0.95),
        "reference_accuracy": 0.92,
        "macro_f1": 0.88,
        "reference_macro_f1": 0.9,
        "ece": 0.03,
        "reference_ece": 0.02,
        "classes": ("no", "yes"),
        "support": (50, 30),
        "confusion": ((45, 5), (3, 27)),
        "reliability": (ReliabilityBin(0.8, 0.9, 80, 0.85, 0.9, Interval(0.8, 0.95)),),
    }
    return PerformanceReport(**(values | given))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("n", [1, 3, 70])
def test_feature_charts_are_valid(palette, n):
    """One batch, a few and many make valid charts, also where a PSI is missing."""
    frame = feature_frames.features(feature_history(n))
    for chart in (
        psi_chart(frame[frame["feature"] == "a"], frame, "0", palette),
        history.p_values(frame[frame["feature"] == "a"], "0", palette, name="KS"),
        matrices.psi_heatmap(frame, palette),
    ):
        assert chart.to_dict()


def test_psi_chart_names_both_limits():
    """The limits are the report's own, and said in words."""
    frame = feature_frames.features(feature_history())
    text = str(psi_chart(frame[frame["feature"] == "a"], frame, None, LIGHT).to_dict())
    assert "warning 0.1" in text
    assert "critical 0.2" in text


def test_a_limit_belongs_to_the_graver_band():
    """A PSI of exactly 0.2 is critical in the heat map, as it is to the monitors; a missing one is `not computed`."""
    report = FeatureReport(
        Verdict.OK, "", 9, 9, tuple(feature(str(at), psi) for at, psi in enumerate((0.2, 0.1, None))), 0.1, 0.2
    )
    chart = matrices.psi_heatmap(feature_frames.features([(stored(0, "feature"), report)]), LIGHT)
    rows = next(iter(chart.to_dict()["datasets"].values()))
    bands = {row["feature"]: row["band"] for row in rows}
    assert bands == {"0": "■ 0.2 and more", "1": "▲ 0.1 and more", "2": "not computed"}


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_performance_charts_are_valid(palette):
    """Quality, calibration, coverage and confusion, with and without regression's measures."""
    report = performance_report()
    frame = performance_frames.performance([(stored(at, "performance"), report) for at in range(3)])
    charts = [outcomes.quality(frame, NO_ESTIMATE, field, field, "1", palette) for field in ("accuracy", "macro_f1")]
    charts += [outcomes.calibration_error(frame, None, palette), outcomes.coverage(frame, palette)]
    charts += [matrices.confusion(performance_frames.confusion(report), ["no", "yes"], palette)]
    bins = performance_frames.reliability(report)
    charts += [distributions.reliability(bins, palette), distributions.confidence(bins, palette)]
    errors = performance_report(accuracy=None, mae=2.0, reference_mae=1.5, rmse=3.0, reference_rmse=2.0)
    frame = performance_frames.performance([(stored(at, "performance"), errors) for at in range(3)])
    charts += [outcomes.quality(frame, NO_ESTIMATE, field, field, None, palette) for field in ("mae", "rmse")]
    assert all(chart.to_dict() for chart in charts)


def test_decay_limit_lies_below_accuracy_and_above_an_error():
    """Accuracy decays downwards by points, an error upwards by a share."""
    frame = performance_frames.performance([(stored(0, "performance"), performance_report(mae=1.0, reference_mae=2.0))])
    assert outcomes._decay_limit(frame, "accuracy").tolist() == pytest.approx([0.87])
    assert outcomes._decay_limit(frame, "mae").tolist() == pytest.approx([2.1])


def test_class_shares_stack_to_one_and_the_rarest_are_summed():
    """At most so many classes are drawn; the bars of a batch end at 1, and so does the reference."""
    classes = tuple(f"class {at}" for at in range(12))
    report = PredictionReport(Verdict.OK, "", 78, 78, classes, tuple(range(1, 13)), tuple(range(12, 0, -1)))
    shares = prediction_frames.class_shares([(stored(0, "prediction"), report)])
    stacked = prediction_frames.stacked(shares, most=8)
    assert len(stacked) == 8
    assert stacked["top"].max() == pytest.approx(1)
    assert stacked["reference_top"].max() == pytest.approx(1)
    assert history.class_mix(stacked, list(stacked["label"]), LIGHT).to_dict()


def test_a_feature_with_many_levels_shows_those_that_moved():
    """Of a thousand levels twenty bars are drawn, the last of them for all others; shares still sum to one."""
    frame = distributions.cells(feature("city", 0.1, cells=1000))
    assert frame["cell"].nunique() == distributions.MOST_CELLS
    assert frame.groupby("side")["share"].sum().tolist() == pytest.approx([1, 1])
    assert distributions.feature_cells(frame, LIGHT).to_dict()


def test_class_measures_come_from_the_confusion_matrix():
    """Recall and precision of a class that is never predicted or labelled are missing, not zero."""
    table = performance_frames.class_measures(performance_report(confusion=((45, 5), (0, 0)))).set_index("class")
    assert table.loc["no", "recall"] == pytest.approx(0.9)
    assert table.loc["yes", "precision"] == 0
    assert table["recall"].isna().tolist() == [False, True]


def test_a_batch_ends_where_the_next_begins():
    """Marks fill the time to the next batch, but not a gap; the last is as wide as is usual."""
    days = (0, 1, 2, 9)
    rows = [(str(day), DAY_0 + timedelta(days=day), "feature", "ok") for day in days]
    frame = frames.verdicts(rows)
    widths = ((frame["end"] - frame["at"]).dt.total_seconds() / 86400).tolist()
    assert widths == [1, 1, 1.5, 1]
    assert matrices.verdict_strip(frame, DARK).to_dict()


def calibrated(monitor: str, n: int = 6) -> frames.History:
    """What one monitor says under the calibrated policy."""
    return [(stored(at, monitor), dict(reports.reports(at))[monitor]) for at in range(n)]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("n", [1, 6])
def test_charts_of_evidence_are_valid(palette, n):
    """PSI over its band, estimates beside outcomes, debiased error, intervals of classes, rates, reconstruction."""
    frame = feature_frames.features(calibrated("feature", n))
    poor = quality.quality(calibrated("quality", n))
    mine = poor[poor["feature"] == "age"]
    said = calibrated("performance", n)
    outcome, guessed = performance_frames.performance(said), performance_frames.estimates(said)
    together = information_frames.multivariate(calibrated("multivariate", n))
    classes = prediction_frames.class_intervals(reports.prediction_report(), most=12)
    charts = [
        psi_chart(frame[frame["feature"] == "age"], frame, "0", palette),
        matrices.psi_heatmap(frame, palette),
        rates.missing(mine, "0", palette),
        rates.strays(quality.strays(mine), "0", palette),
        outcomes.quality(outcome, guessed, "accuracy", "Accuracy", "0", palette),
        outcomes.calibration_error(outcome, "0", palette),
        outputs.class_intervals(classes, palette),
        history.reconstruction(together, "0", palette),
    ]
    assert all(chart.to_dict() for chart in charts)


def test_the_noise_band_ends_at_the_limit_of_luck():
    """The band is of the PSI as computed, up to what luck exceeds once in a thousand; the line is the corrected PSI."""
    frame = feature_frames.features(calibrated("feature", 4))
    mine = frame[frame["feature"] == "age"]
    rows = [row for name in psi_chart(mine, frame, None, LIGHT).to_dict()["datasets"].values() for row in name]
    newest = [row for row in rows if "luck" in row][-1]
    assert (newest["luck"], newest["raw"]) == pytest.approx((0.14, 0.29))
    assert newest["moved"] == pytest.approx(0.24)


def test_an_estimate_is_drawn_where_nothing_is_labelled():
    """Without a single label the chart is the estimate and its band."""
    said = [(stored(0, "performance"), performance_report(accuracy=None, accuracy_interval=None))]
    guessed = performance_frames.estimates(calibrated("performance", 1))
    chart = outcomes.quality(performance_frames.performance(said), guessed, "accuracy", "Accuracy", None, LIGHT)
    assert "strokeDash" in str(chart.to_dict())


def test_of_many_features_the_heat_map_shows_those_that_moved():
    """Forty rows at most; a feature that moved in one batch only is among them, before all that never did."""
    quiet = tuple(feature(f"quiet {at}", 0.01) for at in range(60))
    said = [
        (stored(at, "feature"), FeatureReport(Verdict.OK, "", 9, 9, (*quiet, feature("loud", at * 0.1)), 0.1, 0.2))
        for at in range(4)
    ]
    frame = feature_frames.features(said)
    order = feature_frames.most_moved(frame, most=matrices.MOST_FEATURES)
    assert order[0] == "loud"
    drawn = next(iter(matrices.psi_heatmap(frame, LIGHT).to_dict()["datasets"].values()))
    assert len({row["feature"] for row in drawn}) == 40


def test_what_is_out_of_place_has_a_line_for_each_kind():
    """Only what ever happened is drawn, all of it where nothing did; rates nobody knows draw nothing."""
    poor = quality.quality(calibrated("quality", 4))
    kinds = {name: set(quality.strays(poor[poor["feature"] == name])["what"]) for name in ("age", "plan", "flag")}
    assert kinds == {"age": {"Above the range"}, "plan": {"New levels"}, "flag": set()}
    calm = poor[(poor["feature"] == "age") & (poor["batch"] == "0")]
    assert set(quality.strays(calm)["what"]) == {"Below the range", "Above the range", "Infinite"}


def test_a_handful_of_rows_has_no_colour():
    """The PSI of five rows is large whatever they hold: where nothing could be judged the heat map says so."""
    few = replace(feature("few", 8.6), verdict=Verdict.INSUFFICIENT)
    report = FeatureReport(Verdict.INSUFFICIENT, "", 5, 9, (few, feature("enough", 0.05)), 0.1, 0.2)
    frame = feature_frames.features([(stored(0, "feature"), report)])
    rows = next(iter(matrices.psi_heatmap(frame, LIGHT).to_dict()["datasets"].values()))
    assert {row["feature"]: row["band"] for row in rows}["few"] == "not computed"


def test_what_nobody_was_warned_of_is_pale():
    """A weather that changes daily has a large PSI and no verdict: it must not look like drift."""
    calm, loud = feature("calm", 0.9), replace(feature("loud", 0.3), verdict=Verdict.CRITICAL)
    frame = feature_frames.features(
        [(stored(0, "feature"), FeatureReport(Verdict.OK, "", 9, 9, (calm, loud), 0.1, 0.2))]
    )
    assert feature_frames.most_moved(frame, most=9) == ["loud", "calm"]
    rows = next(iter(matrices.psi_heatmap(frame, LIGHT).to_dict()["datasets"].values()))
    assert {row["feature"]: row["loud"] for row in rows} == {"calm": False, "loud": True}
