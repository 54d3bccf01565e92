"""What the pages ask of the alert log: read-only, bounded, remembered as the answers of `queries` are."""

from datetime import datetime

import streamlit as st
from sqlalchemy import Connection

from driftboard.dashboard.source import Source, known_model, reading_from
from driftboard.data import alert_log, judged
from driftboard.data.alert_log import AlertRecord, AlertState

_MINUTE = 60.0


@st.cache_data(ttl=_MINUTE, max_entries=32, show_spinner=False)
def alerts(source: Source, model: str | None, limit: int) -> tuple[AlertRecord, ...]:
    """Return the newest alerts, of one model or of all."""
    with reading_from(source.url, source.path) as connection:
        return alert_log.recent_alerts(connection, model_id=_model_id(connection, model), limit=limit)


@st.cache_data(ttl=_MINUTE, max_entries=32, show_spinner=False)
def alert_counts(source: Source, model: str | None) -> dict[AlertState, int]:
    """Return how many alerts are in each state."""
    with reading_from(source.url, source.path) as connection:
        return alert_log.count_by_state(connection, model_id=_model_id(connection, model))


@st.cache_data(ttl=_MINUTE, max_entries=256, show_spinner=False)
def spent(source: Source, model: str, since: datetime) -> tuple[int, int]:
    """Return how many batches of a model were judged since a time, and for how many of them somebody was called."""
    with reading_from(source.url, source.path) as connection:
        model_id = known_model(connection, model).model_id
        return (
            judged.count_judged(connection, model_id, since=since),
            alert_log.count_pages(connection, model_id, since=since),
        )


def _model_id(connection: Connection, model: str | None) -> int | None:
    return None if model is None else known_model(connection, model).model_id
