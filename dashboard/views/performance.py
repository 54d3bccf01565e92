"""Performance: how good the answers were, as far as the truth is known, and how good they are estimated to be."""

import pandas as pd
import streamlit as st

from driftboard.dashboard import (
    challenger,
    class_table,
    evidence,
    findings,
    information,
    outcome_figures,
    page,
    palette,
    queries,
    scope,
    segment_table,
)
from driftboard.dashboard.attention import worth_a_word
from driftboard.dashboard.charts import outcomes
from driftboard.dashboard.text import escaped, number, percent, sentence
from driftboard.monitors.report import PerformanceReport

_COMPLETE = 0.95
_MEASURES = {
    "classification": {"accuracy": "Accuracy", "macro_f1": "Macro F1"},
    "regression": {"mae": "Mean absolute error", "rmse": "Root mean squared error"},
}


def main() -> None:
    """Show the outcomes, and how another version would have done: that needs no report."""
    chosen = scope.current()
    _outcomes(chosen)
    challenger.show(chosen)


def _outcomes(chosen: scope.Scope) -> None:
    """Quality over time beside its estimate, and the selected batch in full."""
    frame, estimates = _frames(chosen)
    labelled = list(frame[frame["n_labelled"] > 0]["batch"]) if not frame.empty else []
    known = set(labelled) | set(estimates["batch"])
    batch = page.header(
        "Performance",
        "outcomes against the reference",
        chosen,
        [each for each in frame["batch"] if each in known],
        what="Newest with labels" if labelled else "Newest",
        preferred=labelled[-1] if labelled else None,
    )
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
    report = found[1]
    _summary(report, batch, found[0].revision)
    outcome_figures.show(report, chosen.model.task)
    _over_time(frame, estimates, batch, chosen.model.task)
    if chosen.model.task == "classification":
        class_table.show(report, batch)
    segment_table.show(report, chosen.model.task)
    information.sequential(chosen, batch)


def _frames(chosen: scope.Scope) -> tuple[pd.DataFrame, pd.DataFrame]:
    return queries.performance(chosen.source, chosen.model.key, chosen.window, scope.until(chosen))


def _summary(report: PerformanceReport, batch: str, revision: int) -> None:
    findings.summary(report, batch)
    again = f"Judged {revision} times as labels arrived; the newest is shown. " if revision > 1 else ""
    if report.provisional:
        st.info(f"**Nobody is told yet.** {sentence(report.maturity)}", icon=":material/hourglass_top:")
    elif report.coverage < _COMPLETE:
        st.caption(f":material/hourglass_top: {again}{percent(1 - report.coverage)} still without a label.")
        again = ""
    if again:
        st.caption(again)
    if report.label_bias:
        st.warning(
            sentence(report.label_bias),
            icon=":material/filter_alt:",
        )
    if report.error is not None and not worth_a_word(report.findings):  # otherwise a finding says it
        st.caption(f"**Errors:** {escaped(evidence.clause(report.error, noun='label'), limit=600)}")


def _over_time(frame: pd.DataFrame, estimates: pd.DataFrame, batch: str, task: str) -> None:
    colours = palette.current()
    measures = _MEASURES[task]
    for column, (field, title) in zip(st.columns(len(measures)), measures.items(), strict=True):
        with column:
            st.subheader(title, anchor=False)
            guessed = estimates[estimates["name"] == field]
            if frame[field].isna().all() and guessed.empty:
                st.caption("Too few labels in these batches to measure it.")
                continue
            drawn = outcomes.quality(frame, estimates, field, title, batch, colours)
            page.chart(drawn, _described(frame[field].dropna(), guessed["estimate"], title))
            parts = ["Shaded blue: Wilson 95 % interval."] if field == "accuracy" else []
            parts += (
                [] if guessed.empty else ["Dashed, with its band: estimated without labels, blind to new concepts."]
            )
            if parts:
                st.caption(" ".join(parts))
    st.subheader("Label coverage", anchor=False)
    page.chart(outcomes.coverage(frame, colours), "Share of predictions with a label, batch by batch.")


def _described(realised: pd.Series, estimated: pd.Series, title: str) -> str:
    newest = [f"newest {number(realised.iloc[-1])}"] if len(realised) else []
    guess = [f"estimated without labels {number(estimated.iloc[-1])}"] if len(estimated) else []
    return f"{title} over time with the reference and the decay limit; {', '.join(newest + guess)}."


main()
