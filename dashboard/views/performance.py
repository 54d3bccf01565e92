"""Performance: how good the answers were, as far as the truth is known."""

import pandas as pd
import streamlit as st

from driftboard.dashboard import frames, page, palette, queries, scope
from driftboard.dashboard.charts import history, matrices
from driftboard.dashboard.status import of_verdict
from driftboard.dashboard.text import escaped, number, percent, plain, sentence
from driftboard.monitors.report import PerformanceReport

_COMPLETE = 0.95


def main() -> None:
    """Show quality over time, and the selected batch in full."""
    chosen = scope.current()
    frame = _frame(chosen)
    labelled = list(frame[frame["n_labelled"] > 0]["batch"]) if not frame.empty else []
    batch = page.header("Performance", "outcomes against the reference", chosen, labelled, what="Newest with labels")
    if frame.empty:
        page.nothing_judged(chosen)
        return
    if batch is None:
        page.no_labels(chosen)
        return
    found = queries.report(chosen.source, chosen.model.key, "performance", batch)
    if found is None or not isinstance(found[1], PerformanceReport):
        page.nothing_judged(chosen)
        return
    _summary(found[1], batch, found[0].revision)
    _over_time(frame, batch, chosen.model.task)
    if chosen.model.task == "classification":
        _classes(found[1], batch)


def _frame(chosen: scope.Scope) -> pd.DataFrame:
    return queries.performance(chosen.source, chosen.model.key, chosen.window, scope.until(chosen))


def _summary(report: PerformanceReport, batch: str, revision: int) -> None:
    page.said(of_verdict(report.verdict), f"**Batch {escaped(batch)}** · {sentence(report.message)}")
    again = f"Judged {revision} times as labels arrived; the newest is shown. " if revision > 1 else ""
    if report.coverage < _COMPLETE:
        st.caption(
            f":material/hourglass_top: {again}Provisional: {percent(1 - report.coverage)} still without a label."
        )
    elif again:
        st.caption(again)
    left, middle, right, last = st.columns(4)
    if report.mae is not None:
        page.figure(left, "Mean absolute error", number(report.mae), _before(report.reference_mae))
        page.figure(middle, "Root mean squared error", number(report.rmse), _before(report.reference_rmse))
        page.figure(right, "R²", number(report.r2), _before(report.reference_r2))
    else:
        interval = report.accuracy_interval
        within = "no interval" if interval is None else f"95 %: {percent(interval.low)} to {percent(interval.high)}"
        page.figure(left, "Accuracy", percent(report.accuracy), within)
        page.figure(middle, "Macro F1", number(report.macro_f1), _before(report.reference_macro_f1))
        page.figure(right, "Reference accuracy", percent(report.reference_accuracy), f"decay at {_limit(report)}")
    count = f"{report.n_labelled:,} of {report.n:,}"
    page.figure(last, "Labelled", percent(report.coverage), count)


def _before(value: float | None) -> str:
    return f"{number(value)} in the reference"


def _limit(report: PerformanceReport) -> str:
    return f"{100 * report.decay_limit:g} points less"


def _over_time(frame: pd.DataFrame, batch: str, task: str) -> None:
    colours = palette.current()
    shown = (
        (("mae", "Mean absolute error"), ("rmse", "Root mean squared error"))
        if task == "regression"
        else (("accuracy", "Accuracy"), ("macro_f1", "Macro F1"))
    )
    for column, (field, title) in zip(st.columns(2), shown, strict=True):
        with column:
            st.subheader(title, anchor=False)
            if frame[field].isna().all():
                st.caption("Too few labels in these batches to measure it.")
                continue
            newest = frame.dropna(subset=[field]).iloc[-1]
            text = f"{title} over time with the reference and the decay limit; newest {number(newest[field])}."
            page.chart(history.quality(frame, field, title, batch, colours), text)
            if field == "accuracy":
                st.caption("Shaded: Wilson 95 % interval.")
    st.subheader("Label coverage", anchor=False)
    page.chart(history.coverage(frame, colours), "Share of predictions with a label, batch by batch.")


def _classes(report: PerformanceReport, batch: str) -> None:
    if not report.confusion:
        return
    left, right = st.columns(2)
    with left:
        st.subheader("Confusion matrix", anchor=False)
        text = f"Confusion matrix of batch {plain(batch)}, {report.n_labelled:,} labelled predictions."
        drawn = matrices.confusion(frames.confusion(report), list(report.classes), palette.current())
        page.chart(drawn, text)
        st.caption("Colour: share of the labelled class.")
    with right:
        st.subheader("Classes", anchor=False)
        table = frames.class_measures(report)
        table["class"] = table["class"].map(plain)
        share = st.column_config.ProgressColumn(min_value=0.0, max_value=1.0, format="percent", color="primary")
        st.dataframe(
            table,
            hide_index=True,
            column_config={
                "class": "Class",
                "recall": share | {"label": "Recall"},
                "precision": share | {"label": "Precision"},
                "labelled": st.column_config.NumberColumn("Labelled", format="localized", help="Support"),
                "predicted": st.column_config.NumberColumn("Predicted", format="localized"),
            },
            alt="Recall, precision and support of each class in the selected batch.",
        )
        page.download(table, "classes")


main()
