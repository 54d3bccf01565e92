"""Labels from a file: what it would do is shown first, and nothing is stored until the visitor says so."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from driftboard.dashboard import acts, label_acts, label_queries, page
from driftboard.dashboard.label_check import CORRECTION, MEANINGS, NEW, THERE, WAITS, Checked
from driftboard.dashboard.label_file import MOST_BYTES, MOST_ROWS, LabelFile
from driftboard.dashboard.scope import Scope
from driftboard.dashboard.text import escaped, plain, plural, stamp
from driftboard.errors import DriftboardError

_FIRST = 50
_MOST_ROWS = 10
_MEGA = 2**20


def show(chosen: Scope) -> None:
    """Show the way in, the preview of the file, and the button that stores it."""
    st.caption(
        "A CSV file in UTF-8 with the columns `prediction_id` and `label`, and perhaps `observed_at` (when the truth "
        f"became known, with its zone, else UTC) and `source` (who says so). At most {MOST_BYTES // _MEGA} MiB and "
        f"{MOST_ROWS:,} rows. You see what it would do before anything is stored."
    )
    hindrance = acts.hindrance(chosen.settings.store)
    if hindrance is not None:
        st.caption(f":material/lock: {hindrance}")
    given = st.file_uploader(
        "Labels", type=["csv", "txt", "tsv"], key=f"label_file {acts.done()}", max_upload_size=MOST_BYTES // _MEGA
    )
    if given is None:
        return
    content = given.getvalue()
    try:
        file = label_queries.file(content, chosen.model.task, label_queries.classes(chosen.source, chosen.model.key))
        checked = label_queries.checked(chosen.source, chosen.model.key, content, file)
    except DriftboardError as error:
        st.error(escaped(str(error), limit=600), icon=":material/block:")
        return
    _preview(file, checked)
    _store(chosen, file, checked, disabled=hindrance is not None)


def _preview(file: LabelFile, checked: Checked) -> None:
    counts = checked.counts
    columns = st.columns(5)
    page.figure(columns[0], "New labels", f"{counts[NEW]:,}", "prediction had none")
    page.figure(columns[1], "Corrections", f"{counts[CORRECTION]:,}", "other than the log says")
    page.figure(columns[2], "There already", f"{counts[THERE]:,}", "same label in the log")
    page.figure(columns[3], "Unknown", f"{counts[WAITS]:,}", "prediction not in the log")
    page.figure(columns[4], "Bad rows", f"{len(file.bad):,}", "not stored")
    notes = _notes(file, counts)
    if notes:
        st.caption(" ".join(notes))
    if file.bad:
        st.markdown("**Bad rows**")
        _table(bad_rows(file), "Rows that cannot be stored, and why")
    if file.labels:
        st.markdown("**First rows**")
        _table(first_rows(file, checked), "First rows and what they would do")


def _table(table: pd.DataFrame, alt: str) -> None:
    st.dataframe(table, hide_index=True, height="content" if len(table) <= _MOST_ROWS else 390, alt=alt)


def _notes(file: LabelFile, counts: Mapping[str, int]) -> list[str]:
    notes = []
    if file.repeated:
        notes.append(f"{plural(file.repeated, 'row repeats', 'rows repeat')} another.")
    if file.empty:
        notes.append(f"{plural(file.empty, 'row has', 'rows have')} no label yet, and nothing is done with them.")
    if counts[WAITS]:
        notes.append("Labels of unknown predictions are kept, and joined when their predictions arrive.")
    if counts[CORRECTION]:
        notes.append("Of labels that differ, the one observed latest counts; all are kept.")
    return notes


def _store(chosen: Scope, file: LabelFile, checked: Checked, *, disabled: bool) -> None:
    fresh = tuple(each for each, fate in zip(file.labels, checked.fates, strict=True) if fate != THERE)
    if not fresh:
        st.caption(":material/done_all: Nothing to store: the file says nothing that the log does not know.")
        return
    st.button(
        f"Store {plural(len(fresh), 'label')}",
        type="primary",
        icon=":material/save:",
        key=f"store_labels {acts.done()}",
        on_click=label_acts.store_labels,
        args=(chosen, fresh),
        disabled=disabled,
    )


def first_rows(file: LabelFile, checked: Checked) -> pd.DataFrame:
    """Return the first good rows, and what each would do."""
    shown = file.labels[:_FIRST]
    return pd.DataFrame(
        {
            "Row": [each.row for each in shown],
            "Prediction": [plain(each.prediction_id) for each in shown],
            "Label": [plain(str(each.label), limit=80) for each in shown],
            "Observed": ["when stored" if each.observed_at is None else stamp(each.observed_at) for each in shown],
            "Source": [plain(each.source) for each in shown],
            "What it would do": [MEANINGS[fate] for fate in checked.fates[:_FIRST]],
        }
    )


def bad_rows(file: LabelFile) -> pd.DataFrame:
    """Return the first bad rows, and what is wrong with each."""
    shown = file.bad[:_FIRST]
    return pd.DataFrame(
        {
            "Row": [each.row for each in shown],
            "Prediction": [plain(each.prediction_id, limit=80) for each in shown],
            "What is wrong": [plain(each.reason, limit=200) for each in shown],
        }
    )
