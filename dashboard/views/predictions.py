"""Predictions: does the model still answer as it did."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from driftboard.dashboard import evidence as words
from driftboard.dashboard import findings, page, palette, prediction_frames, queries, scope
from driftboard.dashboard.charts import history, outputs
from driftboard.dashboard.first_fired import NOT_YET
from driftboard.dashboard.text import chance, escaped, number, percent, plain
from driftboard.monitors.report import PredictionReport

_FIRED = ("warning", "critical")
_MOST_CLASSES = 12


def main() -> None:
    """Show the class mix (or the predicted value) and the confidence over time."""
    chosen = scope.current()
    frame, shares = _frames(chosen)
    batch = page.header("Predictions", "outputs against the reference", chosen, list(frame["batch"]))
    found = None if batch is None else queries.report(chosen.source, chosen.model.key, "prediction", batch)
    if frame.empty or batch is None or found is None or not isinstance(found[1], PredictionReport):
        page.nothing_judged(chosen)
        return
    report = found[1]
    findings.summary(report, batch)
    st.caption(f"{report.n:,} predictions against {report.n_reference:,} in the reference")
    _figures(frame, report, chosen.model.task)
    _evidence(report)
    if chosen.model.task == "regression":
        _values(frame, batch)
    else:
        _classes(shares, report, batch)
    left, right = st.columns(2)
    with left:
        _test(frame, report, batch)
    with right:
        _confidence(frame, batch)


def _frames(chosen: scope.Scope) -> tuple[pd.DataFrame, pd.DataFrame]:
    return queries.predictions(chosen.source, chosen.model.key, chosen.window, scope.until(chosen))


def _figures(frame: pd.DataFrame, report: PredictionReport, task: str) -> None:
    first, test, middle, size = st.columns(4)
    shifted = frame[(frame["p_value"] < frame["alpha"]) & frame["verdict"].isin(_FIRED)]
    name = "First shift" if task == "regression" else "First label shift"
    if shifted.empty:
        page.figure(first, name, NOT_YET, f"in {len(frame):,} batches")
    else:
        fired = f"{len(shifted):,} of {len(frame):,} batches"
        page.figure(first, name, f"batch {escaped(str(shifted.iloc[0]['batch']))}", fired)
    _luck(test, report, task)
    if task == "regression":
        before = f"{number(report.reference_mean_predicted)} in the reference"
        page.figure(middle, "Mean predicted", number(report.mean_predicted), before)
    else:
        before = f"{percent(report.reference_mean_confidence)} in the reference"
        page.figure(middle, "Mean confidence", percent(report.mean_confidence), before)
    page.figure(size, "Predictions", f"{report.n:,}", f"{report.failed:,} requests failed")


def _luck(column: DeltaGenerator, report: PredictionReport, task: str) -> None:
    """Show the chance of luck: of the windows where they were judged, else of the batch's own test."""
    found = report.mix or report.value
    if found is not None:
        page.figure(column, "Chance of luck", words.odds(found.p_value), f"needed: {words.odds(found.level)}")
        return
    test = report.chi_square or report.value_ks
    said = "no test" if test is None else f"{'rejects' if test.rejects else 'does not reject'} at {test.alpha:g}"
    name = "KS test, p" if task == "regression" else "Chi-square test, p"
    page.figure(column, name, chance(test.p_value if test else None), said)


def _evidence(report: PredictionReport) -> None:
    said = {"Class mix": report.mix, "Confidence": report.confidence, "Predicted value": report.value}
    for name, found in said.items():
        if found is not None:
            st.caption(f"**{name}:** {escaped(words.clause(found, noun='prediction'), limit=600)}")


def _classes(shares: pd.DataFrame, report: PredictionReport, batch: str) -> None:
    st.subheader("Class mix", anchor=False)
    if shares.empty:
        st.caption("No batch with predicted classes.")
        return
    colours = palette.current()
    stacked = prediction_frames.stacked(shares, most=len(colours.series))
    classes = list(stacked.sort_values("position")["label"].unique())
    now = stacked[stacked["batch"] == batch]
    mix = ", ".join(f"{plain(str(row.label), limit=40)} {row.share:.0%}" for row in now.itertuples())
    page.chart(history.class_mix(stacked, classes, colours), f"Share of each predicted class over time; now {mix}.")
    st.caption("Dashed: where the reference's shares end.")
    st.markdown("**Classes of this batch**")
    table = prediction_frames.class_intervals(report, most=_MOST_CLASSES)
    page.chart(
        outputs.class_intervals(table, colours), f"Share of each class in batch {plain(batch)}, with intervals: {mix}."
    )
    st.caption("Lines: Wilson 95 % intervals. Grey marks: the reference's shares.")


def _values(frame: pd.DataFrame, batch: str) -> None:
    st.subheader("Mean predicted value", anchor=False)
    drawn = history.level(frame, "predicted", "Mean predicted", batch, palette.current())
    page.chart(drawn, "Mean predicted value over time beside the reference's.")


def _test(frame: pd.DataFrame, report: PredictionReport, batch: str) -> None:
    st.subheader("Chance of luck", anchor=False)
    if frame["p_value"].isna().all():
        st.caption("No test in these batches.")
        return
    judged = report.mix or report.value
    name = "after all corrections" if judged else "KS" if report.value_ks else "chi-square"
    page.chart(history.p_values(frame, batch, palette.current(), name=name), f"p-value ({name}) over time.")
    st.caption("Low is a shift: could batch and reference be of one kind?")


def _confidence(frame: pd.DataFrame, batch: str) -> None:
    st.subheader("Mean confidence", anchor=False)
    if frame["confidence"].isna().all():
        st.caption("The model gives no scores, so there is no confidence to show.")
        return
    drawn = history.level(frame, "confidence", "Mean confidence", batch, palette.current(), form="%", least_span=0.1)
    page.chart(drawn, "Mean confidence over time beside the reference's.")


main()
