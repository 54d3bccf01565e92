"""The quality of one batch in figures: realised beside estimated, each beside the reference."""

from collections.abc import Iterable

import streamlit as st

from driftboard.dashboard import page
from driftboard.dashboard.text import number, percent
from driftboard.monitors.report import Estimate, PerformanceReport

_PER_ROW = 5
Figure = tuple[str, str, str | None]


def show(report: PerformanceReport, task: str) -> None:
    """Show the figures, five in a row."""
    found = list(_values(report) if task == "regression" else _classes(report))
    for start in range(0, len(found), _PER_ROW):
        for column, (label, value, note) in zip(
            st.columns(min(_PER_ROW, len(found))), found[start : start + _PER_ROW], strict=False
        ):
            page.figure(column, label, value, note)


def _classes(report: PerformanceReport) -> Iterable[Figure]:
    interval = report.accuracy_interval
    within = "no interval" if interval is None else f"95 %: {percent(interval.low)} to {percent(interval.high)}"
    yield "Accuracy", percent(report.accuracy), within
    yield from _estimate(report, "accuracy", "Estimated accuracy")
    yield "Reference accuracy", percent(report.reference_accuracy), f"decay at {100 * report.decay_limit:g} points less"
    yield "Labelled", percent(report.coverage), f"{report.n_labelled:,} of {report.n:,}"
    yield "Macro F1", number(report.macro_f1), _before(report.reference_macro_f1)
    for label, value, before in (
        ("Weighted F1", report.weighted_f1, report.reference_weighted_f1),
        ("ROC-AUC", report.roc_auc, report.reference_roc_auc),
        ("Log loss", report.log_loss, report.reference_log_loss),
        ("Brier score", report.brier, report.reference_brier),
    ):
        if value is not None:
            yield label, number(value), _before(before)


def _values(report: PerformanceReport) -> Iterable[Figure]:
    yield "Mean absolute error", number(report.mae), _before(report.reference_mae)
    yield from _estimate(report, "mae", "Estimated absolute error")
    yield "Root mean squared error", number(report.rmse), _before(report.reference_rmse)
    yield "R²", number(report.r2), _before(report.reference_r2)
    yield "Labelled", percent(report.coverage), f"{report.n_labelled:,} of {report.n:,}"


def _estimate(report: PerformanceReport, name: str, label: str) -> Iterable[Figure]:
    found: Estimate | None = next((each for each in report.estimates if each.name == name), None)
    if found is not None:
        say = percent if name == "accuracy" else number
        yield label, say(found.value), f"band {say(found.low)} to {say(found.high)}"


def _before(value: float | None) -> str:
    return f"{number(value)} in the reference"
