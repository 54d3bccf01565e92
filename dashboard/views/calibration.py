"""Calibration: does 80 % confidence mean right in 80 % of cases."""

import pandas as pd
import streamlit as st

from driftboard.dashboard import page, palette, performance_frames, queries, scope
from driftboard.dashboard.charts import distributions, matrices, outcomes
from driftboard.dashboard.text import escaped, number, percent, plain
from driftboard.monitors.report import PerformanceReport


def main() -> None:
    """Show the reliability diagram of the selected batch, and the calibration error over time."""
    chosen = scope.current()
    frame = _frame(chosen)
    calibrated = list(frame[frame["ece"].notna()]["batch"]) if not frame.empty else []
    batch = page.header("Calibration", "confidence against outcomes", chosen, calibrated, what="Newest with labels")
    if frame.empty:
        page.nothing_judged(chosen)
        return
    if chosen.model.task == "regression":
        page.empty(
            "Nothing to calibrate",
            "Calibration compares a classifier's confidence with its outcomes; this model predicts a value. "
            "Its errors are on the Performance page.",
            icon="balance",
        )
        return
    if not (frame["n_labelled"] > 0).any():
        page.no_labels(chosen)
        return
    found = None if batch is None else queries.report(chosen.source, chosen.model.key, "performance", batch)
    if batch is None or found is None or not isinstance(found[1], PerformanceReport) or not found[1].reliability:
        page.empty(
            "No confidence to judge",
            "Calibration needs scores (or a confidence) logged with the predictions, and enough labels: "
            "give columns `score_<class>` or `confidence` to",
            "driftboard log",
            icon="balance",
        )
        return
    _batch(found[1], batch)
    st.subheader("Calibration error over time", anchor=False)
    page.chart(
        outcomes.calibration_error(frame, batch, palette.current()),
        f"Expected calibration error over time; selected batch {number(found[1].ece)}.",
    )
    if frame["ece_debiased"].notna().any():
        st.caption(
            "Line: debiased, of the labels of the window. Shaded: a calibrated model stays in it 99 times in 100."
        )


def _frame(chosen: scope.Scope) -> pd.DataFrame:
    return queries.performance(chosen.source, chosen.model.key, chosen.window, scope.until(chosen))[0]


def _window(report: PerformanceReport) -> None:
    """Say whether the error of the window is more than a calibrated model shows."""
    found = report.calibration
    if found is None:
        return
    beyond = found.debiased > found.by_luck
    verdict = "More than luck" if beyond else "No more than luck"
    icon = ":material/balance:" if beyond else ":material/check_circle:"
    batches = "this batch" if found.batches == 1 else f"the last {found.batches} batches"
    st.markdown(
        f"{icon} **{verdict}:** debiased ECE {number(found.debiased)} (plain {number(found.plain)}) "
        f"over {found.n:,} labels of {batches}; a calibrated model "
        f"exceeds {number(found.by_luck)} once in a hundred times."
    )


def _batch(report: PerformanceReport, batch: str) -> None:
    _window(report)
    _figures(report)
    colours = palette.current()
    bins = performance_frames.reliability(report)
    left, right = st.columns(2)
    with left:
        st.subheader("Reliability diagram", anchor=False)
        text = f"Accuracy against confidence in {len(bins)} bins of batch {plain(batch)}; ECE {number(report.ece)}."
        page.chart(distributions.reliability(bins, colours), text)
        st.caption("Dashed: perfect calibration. Points grow with their rows; bars are Wilson 95 % intervals.")
    with right:
        st.subheader("Confidence", anchor=False)
        counts = f"How many labelled predictions of batch {plain(batch)} have which confidence."
        page.chart(distributions.confidence(bins, colours), counts)
        if report.confusion:
            st.subheader("Confusion matrix", anchor=False)
            drawn = matrices.confusion(performance_frames.confusion(report), list(report.classes), colours)
            page.chart(drawn, f"Confusion matrix of batch {escaped(batch)}.")


def _figures(report: PerformanceReport) -> None:
    bins = performance_frames.reliability(report)
    confidence = float((bins["confidence"] * bins["n"]).sum() / bins["n"].sum())
    ece, mean, accuracy, labelled = st.columns(4)
    found = report.calibration
    if found is None:
        page.figure(
            ece, "Expected calibration error", number(report.ece), f"{number(report.reference_ece)} in the reference"
        )
    else:
        page.figure(
            ece,
            "Expected calibration error",
            number(found.debiased),
            f"{number(report.reference_ece)} in the reference",
        )
    page.figure(mean, "Mean confidence", percent(confidence), "of the labelled")
    if report.accuracy is not None:
        gap = 100 * (confidence - report.accuracy)
        said = f"{abs(gap):.1f} points {'over' if gap > 0 else 'under'}confident"
        page.figure(accuracy, "Accuracy", percent(report.accuracy), said)
    page.figure(labelled, "Labelled", percent(report.coverage), f"{report.n_labelled:,} of {report.n:,}")


main()
