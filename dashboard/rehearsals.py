"""Backtests for the pages: the history is read once, and each policy lived through once."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.backtest import Backtest, backtest, last_moment
from driftboard.alerts.history import History, read_history
from driftboard.dashboard.source import Source, known_model, reading_from

_DAY = timedelta(days=1)
_KEPT = 600.0


@st.cache_resource(ttl=_KEPT, max_entries=2, show_spinner="Reading what was recorded…")
def history(source: Source, model: str | None) -> History:
    """Return everything that decided what was told, of one model or of all; nobody changes it."""
    with reading_from(source.url, source.path) as connection:
        ids = None if model is None else [known_model(connection, model).model_id]
        return read_history(connection, model_ids=ids)


@st.cache_data(ttl=_KEPT, max_entries=16, show_spinner="Living through it again…", hash_funcs={AlertSettings: repr})
def rehearsed(source: Source, model: str | None, days: int | None, policy: AlertSettings) -> Backtest | None:
    """Return what a policy would have told in the days before the newest judgement; None when nothing was judged.

    Parameters
    ----------
    days
        None: from the very first judgement on.
    """
    recorded = history(source, model)
    if not recorded.judged:
        return None
    first, newest = recorded.judged[0].at, recorded.judged[-1].at
    until = last_moment(recorded, now=datetime.now(UTC))
    since = first if days is None else max(first, newest - days * _DAY)
    return backtest(recorded, policy, since=since, until=until)
