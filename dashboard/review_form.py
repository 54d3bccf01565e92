"""The review queue: one prediction after the other, for a person who knows what would have been right."""

from typing import Any

import pandas as pd
import streamlit as st

from driftboard.dashboard import acts, label_acts, label_queries, page
from driftboard.dashboard.label_cells import label_of
from driftboard.dashboard.scope import Scope
from driftboard.dashboard.text import escaped, number, percent, plain, stamp
from driftboard.data.review import ReviewItem

_MOST_ROWS = 12
_LONGEST = 300


def show(chosen: Scope) -> None:
    """Show how the queue stands, the prediction whose turn it is, and what waits after it."""
    counts = label_queries.counts(chosen.source, chosen.model.key)
    columns = st.columns(4)
    total = counts.waiting + counts.labelled + counts.skipped
    page.figure(columns[0], "Waiting", f"{counts.waiting:,}", f"of {total:,} that chance chose")
    page.figure(columns[1], "Labelled", f"{counts.labelled:,}", "here or elsewhere")
    page.figure(columns[2], "Skipped", f"{counts.skipped:,}", "nobody could tell")
    page.figure(columns[3], "Oldest", "-" if counts.oldest is None else f"{counts.oldest:%Y-%m-%d}", "when predicted")
    items = label_queries.queue(chosen.source, chosen.model.key)
    if not items:
        _nothing(any_before=counts.labelled + counts.skipped > 0)
        return
    hindrance = acts.hindrance(chosen.settings.store)
    if hindrance is not None:
        st.caption(f":material/lock: {hindrance}")
    _item(chosen, items[0], disabled=hindrance is not None)
    _waiting(items, counts.waiting)


def _item(chosen: Scope, item: ReviewItem, *, disabled: bool) -> None:
    with st.container(border=True):
        st.markdown(f"**Prediction {escaped(item.prediction_id)}** · batch {escaped(item.batch_id)}")
        st.caption(f"Made {stamp(item.predicted_at)}; chosen by chance, with probability {item.probability:g}")
        left, right = st.columns([3, 2])
        with left:
            table = _features(item)
            st.dataframe(
                table,
                hide_index=True,
                height="content" if len(table) <= _MOST_ROWS else 450,
                alt="Features of the prediction and their values",
            )
        with right:
            _answer(item)
            _form(chosen, item, disabled=disabled)


def _answer(item: ReviewItem) -> None:
    """What the model said, out of sight of those who want to judge without it."""
    if not st.toggle("Show the model's answer", value=True, key="review_shows", persist_state="session"):
        return
    sure = "" if item.confidence is None else f", with confidence {percent(item.confidence)}"
    st.markdown(f"The model said **{escaped(said(item.predicted))}**{sure}")


def _form(chosen: Scope, item: ReviewItem, *, disabled: bool) -> None:
    key = f"review_label {item.prediction_id} {acts.done()}"
    with st.form(f"review {item.prediction_id} {acts.done()}", border=False):
        if chosen.model.task == "regression":
            st.number_input("What would have been right", value=None, key=key, disabled=disabled, format="%g")
        else:
            known = [str(each) for each in label_queries.classes(chosen.source, chosen.model.key)]
            st.selectbox(
                "What would have been right",
                list(dict.fromkeys(known)),
                index=None,
                key=key,
                disabled=disabled,
                placeholder="Choose a class, or type another",
                accept_new_options=True,
                format_func=lambda name: plain(name, limit=_LONGEST),
            )
        with st.container(horizontal=True):
            st.form_submit_button(
                "Save",
                type="primary",
                icon=":material/check:",
                on_click=_save,
                args=(chosen, item.prediction_id, key),
                disabled=disabled,
            )
            st.form_submit_button(
                "Skip",
                icon=":material/skip_next:",
                help="You cannot tell: nobody is asked for it again.",
                on_click=label_acts.skip,
                args=(chosen, item.prediction_id),
                disabled=disabled,
            )


def _save(chosen: Scope, prediction_id: str, key: str) -> None:
    given: Any = st.session_state.get(key)
    if given is None or not str(given).strip():
        acts.fail("Choose what would have been right first, or skip the prediction.")
        return
    known = {str(each): each for each in label_queries.classes(chosen.source, chosen.model.key)}
    try:
        label = label_of(str(given).strip(), task=chosen.model.task, classes=known)
    except ValueError as error:
        acts.fail(f"{error}: write another")
        return
    label_acts.answer(chosen, prediction_id, label)


def _features(item: ReviewItem) -> pd.DataFrame:
    values = {**item.features, **{f"{name} (segment)": value for name, value in item.segments.items()}}
    names, shown = [plain(str(name)) for name in values], [said(value) for value in values.values()]
    return pd.DataFrame({"Feature": names, "Value": shown})


def said(value: Any) -> str:
    """Return a value as text on one line."""
    if value is None:
        return "-"
    return number(value, digits=4) if isinstance(value, float) else plain(str(value), limit=_LONGEST)


def _waiting(items: tuple[ReviewItem, ...], waiting: int) -> None:
    with st.expander(f"What waits ({waiting:,})", icon=":material/list:"):
        if waiting > len(items):
            st.caption(f"The oldest {len(items)}.")
        table = table_of(items)
        st.dataframe(table, hide_index=True, height=300, alt="Predictions that wait to be labelled, oldest first")
        page.download(download_of(items), "review-queue")
        st.caption("Fill in the column `label` of the download, and bring it back under From a file.")


def table_of(items: tuple[ReviewItem, ...]) -> pd.DataFrame:
    """Return a row for each prediction that waits."""
    return pd.DataFrame(
        {
            "Prediction": [plain(each.prediction_id) for each in items],
            "Batch": [plain(each.batch_id) for each in items],
            "Predicted at (UTC)": [each.predicted_at.replace(tzinfo=None) for each in items],
            "Model said": [said(each.predicted) for each in items],
            "Confidence": [percent(each.confidence) for each in items],
            "Probability": [each.probability for each in items],
        }
    )


def download_of(items: tuple[ReviewItem, ...]) -> pd.DataFrame:
    """Return a file to be filled in: `prediction_id` and an empty `label`, then all there is to judge by."""
    rows = [
        {"prediction_id": each.prediction_id, "label": "", "predicted_at": stamp(each.predicted_at)}
        | {"predicted": each.predicted, "confidence": each.confidence}
        | {f"feature {name}": value for name, value in each.features.items()}
        | {f"segment {name}": value for name, value in each.segments.items()}
        for each in items
    ]
    return pd.DataFrame(rows)


def _nothing(*, any_before: bool) -> None:
    if any_before:
        st.caption(":material/done_all: Nothing waits: everything that chance chose has its answer.")
        return
    page.empty(
        "Nothing is asked of you",
        "A stable fraction of all predictions can be sent here, to be labelled by people: their accuracy is then known "
        "without waiting, and without the bias of which labels happen to arrive. In driftboard.toml:",
        "[review]",
        "fraction = 0.01",
        icon="rate_review",
    )
