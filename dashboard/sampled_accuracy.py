"""Accuracy of the reviewed sample beside that of all labels: the one is unbiased, the other has more of them."""

from datetime import timedelta

import streamlit as st

from driftboard.dashboard import label_coverage, label_queries, page, queries
from driftboard.dashboard.scope import Scope
from driftboard.dashboard.text import number, percent, plural

_FEW = 30


def show(chosen: Scope) -> None:
    """Show both for the batches of the chosen history; nothing where nothing was reviewed."""
    batches = queries.batches(chosen.source, chosen.model.key, chosen.window)
    if not batches:
        return
    since, until = batches[0].first_at, max(each.last_at for each in batches) + timedelta(microseconds=1)
    estimate, queued, labelled = label_queries.sampled(chosen.source, chosen.model.key, chosen.model.task, since, until)
    if not queued:
        return
    share = chosen.model.task == "classification"
    shown = percent if share else number
    st.subheader("Accuracy" if share else "Mean absolute error", anchor=False)
    left, right = st.columns(2)
    if estimate is None:
        page.figure(left, "Of the reviewed sample", "-", f"{labelled} of {queued} have a label: too few")
    else:
        between = f"95 %: {shown(estimate.low)} to {shown(estimate.high)}, of {plural(estimate.n, 'label')}"
        page.figure(left, "Of the reviewed sample", shown(estimate.value), between)
    _all_labels(right, chosen)
    worth = "" if estimate is None else f", worth {estimate.effective_n:,.0f} drawn alike"
    st.caption(
        f"{plural(len(batches), 'batch', 'batches')} of the chosen history. Chance chose {queued:,} predictions; "
        f"{labelled:,} of them have a label{worth}. Each counts by the inverse of the probability it was chosen with, "
        "so that the sample speaks for all predictions; all labels speak for those that happen to have one."
    )
    if estimate is not None and labelled < queued / 2:
        st.caption(":material/warning: Fewer than half of the chosen are labelled: what was skipped may be unlike.")


def _all_labels(column: "st.delta_generator.DeltaGenerator", chosen: Scope) -> None:
    found = label_coverage.accuracy(queries.performance(chosen.source, chosen.model.key, chosen.window, None)[0])
    share = chosen.model.task == "classification"
    if found is None:
        page.figure(column, "Of all labels", "-", "no judged batch has labels")
        return
    value, interval, n = found
    if interval is None or not share:
        page.figure(column, "Of all labels", number(value), f"of {plural(n, 'label')}")
        return
    between = f"95 %: {percent(interval.low)} to {percent(interval.high)}, of {plural(n, 'label')}"
    page.figure(column, "Of all labels", percent(value), between)
