"""Predictions: does the model still answer as it did."""

from typing import Any

import pandas as pd
import streamlit as st

from driftboard.dashboard import frames, page, palette, queries, scope
from driftboard.dashboard.charts import history
from driftboard.dashboard.first_fired import NOT_YET
from driftboard.dashboard.status import of_verdict
from driftboard.dashboard.text import chance, escaped, number, percent, plain, sentence

_FIRED = ("warning", "critical")


def main() -> None:
    """Show the class mix (or the predicted value) and the confidence over time."""
    chosen = scope.current()
    frame, shares = _frames(chosen)
    batch = page.header("Predictions", "outputs against the reference", chosen, list(frame["batch"]))
    if frame.empty or batch is None or batch not in set(frame["batch"]):
        page.nothing_judged(chosen)
        return
    row = frame[frame["batch"] == batch].iloc[0]
    _summary(frame, row, chosen.model.task)
    if chosen.model.task == "regression":
        _values(frame, batch)
    else:
        _classes(shares, batch)
    left, right = st.columns(2)
    with left:
        _test(frame, batch, chosen.model.task)
    with right:
        _confidence(frame, batch)


def _frames(chosen: scope.Scope) -> tuple[pd.DataFrame, pd.DataFrame]:
    return queries.predictions(chosen.source, chosen.model.key, chosen.window, scope.until(chosen))


def _summary(frame: pd.DataFrame, row: "pd.Series[Any]", task: str) -> None:
    page.said(
        of_verdict(str(row["verdict"])), f"**Batch {escaped(str(row['batch']))}** · {sentence(str(row['message']))}"
    )
    first, test, confidence, size = st.columns(4)
    shifted = frame[(frame["p_value"] < frame["alpha"]) & frame["verdict"].isin(_FIRED)]
    name = "First shift" if task == "regression" else "First label shift"
    if shifted.empty:
        page.figure(first, name, NOT_YET, f"in {len(frame):,} batches")
    else:
        at = shifted.iloc[0]
        fired = f"{len(shifted):,} of {len(frame):,} batches"
        page.figure(first, name, f"batch {escaped(str(at['batch']))}", fired)
    said = "no test" if pd.isna(row["p_value"]) else _said(row)
    page.figure(test, "KS test, p" if task == "regression" else "Chi-square test, p", chance(row["p_value"]), said)
    if task == "regression":
        before = f"{number(row['reference_predicted'])} in the reference"
        page.figure(confidence, "Mean predicted", number(row["predicted"]), before)
    else:
        before = f"{percent(row['reference_confidence'])} in the reference"
        page.figure(confidence, "Mean confidence", percent(row["confidence"]), before)
    failed = f"{row['failed']:,} requests failed"
    page.figure(size, "Predictions", f"{row['n']:,}", failed)


def _said(row: "pd.Series[Any]") -> str:
    verb = "rejects" if float(str(row["p_value"])) < float(str(row["alpha"])) else "does not reject"
    return f"{verb} at {row['alpha']:g}"


def _classes(shares: pd.DataFrame, batch: str) -> None:
    st.subheader("Class mix", anchor=False)
    if shares.empty:
        st.caption("No batch with predicted classes.")
        return
    colours = palette.current()
    stacked = frames.stacked(shares, most=len(colours.series))
    classes = list(stacked.sort_values("position")["label"].unique())
    now = stacked[stacked["batch"] == batch]
    mix = ", ".join(f"{plain(str(row.label), limit=40)} {row.share:.0%}" for row in now.itertuples())
    page.chart(history.class_mix(stacked, classes, colours), f"Share of each predicted class over time; now {mix}.")
    st.caption("Dashed: where the reference's shares end.")


def _values(frame: pd.DataFrame, batch: str) -> None:
    st.subheader("Mean predicted value", anchor=False)
    drawn = history.level(frame, "predicted", "Mean predicted", batch, palette.current())
    page.chart(drawn, "Mean predicted value over time beside the reference's.")


def _test(frame: pd.DataFrame, batch: str, task: str) -> None:
    name = "KS" if task == "regression" else "chi-square"
    st.subheader("Shift test" if task == "regression" else "Label-shift test", anchor=False)
    if frame["p_value"].isna().all():
        st.caption("No test in these batches.")
        return
    page.chart(history.p_values(frame, batch, palette.current(), name=name), f"p-value of the {name} test over time.")
    st.caption("Low is a shift: the test asks whether batch and reference could be of one kind.")


def _confidence(frame: pd.DataFrame, batch: str) -> None:
    st.subheader("Mean confidence", anchor=False)
    if frame["confidence"].isna().all():
        st.caption("The model gives no scores, so there is no confidence to show.")
        return
    drawn = history.level(frame, "confidence", "Mean confidence", batch, palette.current(), form="%", least_span=0.1)
    page.chart(drawn, "Mean confidence over time beside the reference's.")


main()
