"""Pieces that every page is made of: header, empty state, status badge, chart with its description, download."""

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from driftboard.dashboard import palette
from driftboard.dashboard import scope as scopes
from driftboard.dashboard.queries import batches
from driftboard.dashboard.scope import Scope
from driftboard.dashboard.status import Status
from driftboard.dashboard.text import escaped, guarded_csv

TITLES = {
    "health": "Health",
    "drift": "Drift",
    "predictions": "Predictions",
    "performance": "Performance",
    "data_quality": "Data quality",
    "calibration": "Calibration",
    "alerts": "Alerts",
    "backtest": "Backtest",
    "labels": "Labels",
    "service": "Service & SLO",
    "resources": "Resources",
}
VIEWS = {name: f"views/{name}.py" for name in TITLES}


def header(
    title: str, about: str, scope: Scope, known: list[str], *, what: str = "Newest", preferred: str | None = None
) -> str | None:
    """Show the title and the batch selector; return the batch."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        st.title(title, anchor=False)
        st.caption(f"{escaped(scope.model.key)} · {about}")
    with right:
        return scopes.choose_batch(scope, known, what=what, preferred=preferred)


def badge(status: Status) -> None:
    """Show a status: icon, word, colour."""
    st.badge(status.word, icon=status.icon, color=status.badge)


def said(status: Status, text: str) -> None:
    """Show a status and, beside it, its sentence (Markdown that is safe to show)."""
    with st.container(horizontal=True, vertical_alignment="top", wrap=False):
        badge(status)
        st.markdown(text)


def link(name: str, label: str, **choice: str | None) -> None:
    """Show a way to another page that takes a model, and a batch and a feature, along."""
    given = {what: value for what, value in choice.items() if value is not None}
    st.page_link(VIEWS[name], label=label, query_params=given)


def figure(column: DeltaGenerator, label: str, value: str, note: str | None = None) -> None:
    """Show one number in a bordered card, with what it is to be compared with."""
    column.metric(label, value, note, delta_color="off", delta_arrow="off", border=True)


def empty(title: str, text: str, *commands: str, icon: str = "inbox") -> None:
    """Say that there is nothing to show yet, and what to do about it."""
    with st.container(border=True):
        st.subheader(f":material/{icon}: {title}", anchor=False)
        st.write(text)
        if commands:
            st.code("\n".join(commands), language="shell")


def nothing_judged(scope: Scope) -> None:
    """Say why a model has no report: no batch, or no worker."""
    if not batches(scope.source, scope.model.key, 1):
        model = scope.model.key
        empty(
            "No predictions logged yet",
            "Log a first batch of predictions, then let the monitors judge it:",
            f"driftboard log monday.csv --model '{model}' --batch 2026-01-05" if _quotable(model) else "driftboard log",
            "driftboard run",
        )
        return
    empty(
        "No batch judged yet",
        "Predictions are logged, but no monitor has looked at them. The model needs a reference, and the worker a run:",
        "driftboard init --model NAME --reference validation.csv",
        "driftboard run --watch",
        icon="hourglass_empty",
    )


def no_labels(scope: Scope) -> None:
    """Say that outcomes wait for labels."""
    model = scope.model.key
    empty(
        "No labels yet",
        "Outcomes can be measured once the truth is known. Add labels as they arrive, in any order; "
        "batches are judged again with each:",
        f"driftboard backfill labels.csv --model '{model}'" if _quotable(model) else "driftboard backfill",
        "driftboard run",
        icon="label_off",
    )


def _quotable(text: str) -> bool:
    """Whether a name can stand in a command that people copy."""
    return text.isascii() and text.isprintable() and not set(text) & set("'\\`")


def chart(drawn: Any, alt_text: str, **options: Any) -> Any:
    """Show a chart with its description for those who cannot see it."""
    with alt.data_transformers.disable_max_rows():
        return st.altair_chart(drawn, alt=alt_text, **options)


def status_column(statuses: dict[str, Status]) -> Any:
    """Return the configuration of a column whose cells are lists of one status label."""
    colours = palette.current()
    return st.column_config.MultiselectColumn(
        options=[status.label for status in statuses.values()],
        color=[colours.tint(status) for status in statuses.values()],
    )


def download(frame: pd.DataFrame, name: str) -> None:
    """Offer a table as CSV, guarded against formulas."""
    st.download_button(
        "Download CSV",
        data=lambda: guarded_csv(frame),
        file_name=f"driftboard-{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
