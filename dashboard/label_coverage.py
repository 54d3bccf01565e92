"""How many predictions have a label, batch by batch, and how late labels usually are."""

from collections.abc import Sequence
from datetime import timedelta

import pandas as pd
import streamlit as st

from driftboard.dashboard import frames, label_queries, page, palette, queries
from driftboard.dashboard.charts import outcomes
from driftboard.dashboard.scope import Scope
from driftboard.dashboard.text import escaped, lasting, percent, plural, sentence
from driftboard.data.reading import BatchInfo
from driftboard.monitors.interval import Interval
from driftboard.monitors.label_delays import LabelDelays
from driftboard.monitors.wilson import wilson

_USUAL = 0.8


def show(chosen: Scope) -> None:
    """Show the chart, the figures, and which batches wait."""
    batches = queries.batches(chosen.source, chosen.model.key, chosen.window)
    if not batches:
        page.nothing_judged(chosen)
        return
    labelled, n = sum(each.n_labels for each in batches), sum(each.n_predictions for each in batches)
    if not labelled:
        page.no_labels(chosen)
        return
    delays = label_queries.delays(chosen.source, chosen.model.key)
    left, middle, right = st.columns(3)
    page.figure(left, "Labelled", percent(labelled / n if n else None), f"{labelled:,} of {n:,} predictions")
    page.figure(middle, "Usual delay", _delay(delays), f"until {100 * _USUAL:.0f} % of a batch's labels are in")
    final = None if delays.final_coverage is None else percent(delays.final_coverage)
    page.figure(right, "In the end", final or "-", "of a batch's predictions get a label")
    if delays.unknown:
        st.caption(f"The usual delay is not known yet: {escaped(delays.unknown, limit=300)}.")
    text = f"Share of predictions with a label, batch by batch; {percent(labelled / n if n else None)} altogether."
    page.chart(outcomes.coverage(frame(batches), palette.current()), text)
    _provisional(chosen)


def frame(batches: Sequence[BatchInfo]) -> pd.DataFrame:
    """Return a row for each batch: how many predictions it has, and how many of them have a label."""
    rows = [
        {
            "batch": each.batch_id,
            "at": each.first_at,
            "n": each.n_predictions,
            "n_labelled": each.n_labels,
            "coverage": each.n_labels / each.n_predictions if each.n_predictions else None,
        }
        for each in batches
    ]
    return frames.typed(rows, ("coverage",))


def accuracy(frame: pd.DataFrame) -> tuple[float, Interval | None, int] | None:
    """Return accuracy with its Wilson interval (mean absolute error without one) over batches, and of how many labels.

    Parameters
    ----------
    frame
        A row for each batch, from `queries.performance`.
    """
    if frame.empty:
        return None
    field = "accuracy" if frame["accuracy"].notna().any() else "mae"
    known = frame[(frame["n_labelled"] > 0) & frame[field].notna()]
    n = int(known["n_labelled"].sum())
    if not n:
        return None
    value = float((known[field] * known["n_labelled"]).sum() / n)
    return value, wilson(round(value * n), n) if field == "accuracy" else None, n


def _delay(delays: LabelDelays) -> str:
    seconds = delays.age_at(_USUAL)
    return "unknown" if seconds is None else lasting(timedelta(seconds=seconds))


def _provisional(chosen: Scope) -> None:
    judged = queries.performance(chosen.source, chosen.model.key, chosen.window, None)[0]
    if judged.empty or "provisional" not in judged:
        return
    early = judged[judged["provisional"].astype(bool)]
    if early.empty:
        st.caption(":material/check: No batch is judged provisionally.")
        return
    names = ", ".join(f"“{name}”" for name in early["batch"].tail(3))
    st.caption(
        f":material/hourglass_top: {plural(len(early), 'batch is', 'batches are')} judged provisionally, until "
        f"more labels are in, and nobody is told of them yet; the newest: {sentence(names)}."
    )
