"""Charts are pure: a frame and a palette in, a valid specification out."""

from datetime import UTC, datetime, timedelta

import pytest

from driftboard.dashboard import frames
from driftboard.dashboard.charts import distributions, history, matrices
from driftboard.dashboard.palette import DARK, LIGHT
from driftboard.data.reports import StoredReport
from driftboard.monitors.report import (
    FeatureReport,
    FeatureResult,
    Interval,
    PerformanceReport,
    PredictionReport,
    ReliabilityBin,
    Test,
    Verdict,
)

DAY_0 = datetime(2026, 3, 1, tzinfo=UTC)


def stored(number: int, monitor: str) -> StoredReport:
    """The envelope of a report."""
    at = DAY_0 + timedelta(days=number)
    return StoredReport(number, str(number), at, monitor, 1, "ok", "", at)


def feature(name: str, psi: float | None, cells: int = 3) -> FeatureResult:
    """A feature's result; without a PSI it could not be judged."""
    shares = tuple(1 / cells for _ in range(cells))
    names = tuple(f"cell {at}" for at in range(cells))
    return FeatureResult(
        name, "numeric", Verdict.OK, "", 100, 900, 0.0, 0.1, psi, 0.02, Test(0.1, 0.5, 0.01), None, 1, 1, names, shares,
        shares,
    )  # fmt: skip


def feature_history(n: int = 3) -> frames.History:
    """Two features over n batches; one of them has no PSI in the last."""
    return [
        (
            stored(at, "feature"),
            FeatureReport(
                Verdict.OK, "", 100, 900, (feature("a", 0.3), feature("b", 0.1 if at < n - 1 else None)), (), 0.1, 0.2
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
    frame = frames.features(feature_history(n))
    for chart in (
        history.psi(frame, "a", "0", palette),
        history.missing(frame[frame["feature"] == "b"], None, palette),
        history.p_values(frame[frame["feature"] == "a"], "0", palette, name="KS"),
        matrices.psi_heatmap(frame, palette),
    ):
        assert chart.to_dict()


def test_psi_chart_names_both_limits():
    """The limits are the report's own, and said in words."""
    text = str(history.psi(frames.features(feature_history()), "a", None, LIGHT).to_dict())
    assert "warning 0.1" in text
    assert "critical 0.2" in text


def test_a_limit_belongs_to_the_graver_band():
    """A PSI of exactly 0.2 is critical in the heat map, as it is to the monitors; a missing one is `not computed`."""
    report = FeatureReport(
        Verdict.OK, "", 9, 9, tuple(feature(str(at), psi) for at, psi in enumerate((0.2, 0.1, None))), (), 0.1, 0.2
    )
    chart = matrices.psi_heatmap(frames.features([(stored(0, "feature"), report)]), LIGHT)
    rows = next(iter(chart.to_dict()["datasets"].values()))
    bands = {row["feature"]: row["band"] for row in rows}
    assert bands == {"0": "■ 0.2 (critical)", "1": "▲ 0.1 (warning)", "2": "not computed"}


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_performance_charts_are_valid(palette):
    """Quality, calibration, coverage and confusion, with and without regression's measures."""
    report = performance_report()
    frame = frames.performance([(stored(at, "performance"), report) for at in range(3)])
    charts = [history.quality(frame, field, field, "1", palette) for field in ("accuracy", "macro_f1")]
    charts += [history.calibration_error(frame, None, palette), history.coverage(frame, palette)]
    charts += [matrices.confusion(frames.confusion(report), ["no", "yes"], palette)]
    bins = frames.reliability(report)
    charts += [distributions.reliability(bins, palette), distributions.confidence(bins, palette)]
    errors = performance_report(accuracy=None, mae=2.0, reference_mae=1.5, rmse=3.0, reference_rmse=2.0)
    frame = frames.performance([(stored(at, "performance"), errors) for at in range(3)])
    charts += [history.quality(frame, field, field, None, palette) for field in ("mae", "rmse")]
    assert all(chart.to_dict() for chart in charts)


def test_decay_limit_lies_below_accuracy_and_above_an_error():
    """Accuracy decays downwards by points, an error upwards by a share."""
    frame = frames.performance([(stored(0, "performance"), performance_report(mae=1.0, reference_mae=2.0))])
    assert history._decay_limit(frame, "accuracy").tolist() == pytest.approx([0.87])
    assert history._decay_limit(frame, "mae").tolist() == pytest.approx([2.1])


def test_class_shares_stack_to_one_and_the_rarest_are_summed():
    """At most so many classes are drawn; the bars of a batch end at 1, and so does the reference."""
    classes = tuple(f"class {at}" for at in range(12))
    report = PredictionReport(Verdict.OK, "", 78, 78, classes, tuple(range(1, 13)), tuple(range(12, 0, -1)))
    shares = frames.class_shares([(stored(0, "prediction"), report)])
    stacked = frames.stacked(shares, most=8)
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
    table = frames.class_measures(performance_report(confusion=((45, 5), (0, 0)))).set_index("class")
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
