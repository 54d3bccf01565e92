"""Every question the pages put to the log: read-only, bounded, remembered until a newer report is stored.

What is remembered is a value of plain scalars or a frame that no page changes. Its key is the `Source`: the server, or
the file (and its inode, should another take its place), and the newest report in it.
"""

from datetime import datetime
from pathlib import Path

import pandas as pd
import streamlit as st

from driftboard.config import StoreSettings
from driftboard.dashboard import (
    feature_frames,
    frames,
    health,
    information_frames,
    performance_frames,
    prediction_frames,
    quality_frames,
)
from driftboard.dashboard.source import ModelName, Source, known_model, reading_from
from driftboard.data import catalog, reading, reports
from driftboard.data.reading import BatchInfo
from driftboard.data.reports import StoredReport
from driftboard.errors import UnknownBatch
from driftboard.monitors.report import Monitor, Report, report_from_json

MOST_BATCHES = 2_000
_TREND = 60
_KEPT: dict[Monitor, int] = {"feature": _TREND, "relations": 1, "quality": 1, "prediction": 1, "performance": _TREND}
_MINUTE = 60.0


def look(settings: StoreSettings) -> tuple[Source, tuple[ModelName, ...]]:
    """Return the state of the log and its models: the one question that is asked on every run.

    Raises
    ------
    StoreError
        There is no log where the settings say, or it cannot be read.
    """
    path = "" if settings.url else str(settings.path)
    with reading_from(settings.url, path) as connection:
        inode = Path(path).stat().st_ino if path else 0
        source = Source(settings.url, path, inode, reports.newest_report_id(connection))
        return source, tuple(ModelName(str(each.key), each.task) for each in catalog.list_models(connection))


@st.cache_data(ttl=_MINUTE, max_entries=64, show_spinner=False)
def batches(source: Source, model: str, newest: int) -> tuple[BatchInfo, ...]:
    """Return the newest batches of a model in order of time."""
    with reading_from(source.url, source.path) as connection:
        return reading.list_batches(connection, known_model(connection, model), newest=min(newest, MOST_BATCHES))


@st.cache_data(ttl=_MINUTE, max_entries=64, show_spinner=False)
def batch(source: Source, model: str, batch_id: str) -> BatchInfo | None:
    """Return one batch, None when there is none of that id."""
    with reading_from(source.url, source.path) as connection:
        try:
            return reading.find_batch(connection, known_model(connection, model), batch_id)
        except UnknownBatch:
            return None


@st.cache_data(ttl=10 * _MINUTE, max_entries=32, show_spinner=False)
def verdicts(source: Source, model: str, newest: int) -> pd.DataFrame:
    """Return batch, at, monitor, verdict of the newest revisions in order of time."""
    with reading_from(source.url, source.path) as connection:
        rows = reports.batch_verdicts(connection, known_model(connection, model), newest=min(newest, MOST_BATCHES))
    return frames.verdicts(rows)


@st.cache_data(ttl=10 * _MINUTE, max_entries=16, show_spinner=False)
def features(source: Source, model: str, newest: int, until: str | None) -> pd.DataFrame:
    """Return one row for each batch and feature."""
    return feature_frames.features(_history(source, model, "feature", newest, until))


@st.cache_data(ttl=10 * _MINUTE, max_entries=16, show_spinner=False)
def quality(source: Source, model: str, newest: int, until: str | None) -> pd.DataFrame:
    """Return one row for each batch and feature."""
    return quality_frames.quality(_history(source, model, "quality", newest, until))


@st.cache_data(ttl=10 * _MINUTE, max_entries=16, show_spinner=False)
def multivariate(source: Source, model: str, newest: int, until: str | None) -> pd.DataFrame:
    """Return one row for each batch."""
    return information_frames.multivariate(_history(source, model, "multivariate", newest, until))


@st.cache_data(ttl=10 * _MINUTE, max_entries=16, show_spinner=False)
def predictions(source: Source, model: str, newest: int, until: str | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row for each batch, and one for each batch and class."""
    history = _history(source, model, "prediction", newest, until)
    return prediction_frames.predictions(history), prediction_frames.class_shares(history)


@st.cache_data(ttl=10 * _MINUTE, max_entries=16, show_spinner=False)
def performance(source: Source, model: str, newest: int, until: str | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row for each batch, and one for each batch and estimated figure."""
    history = _history(source, model, "performance", newest, until)
    return performance_frames.performance(history), performance_frames.estimates(history)


@st.cache_data(ttl=10 * _MINUTE, max_entries=64, show_spinner=False)
def report(source: Source, model: str, monitor: Monitor, batch_id: str) -> tuple[StoredReport, Report] | None:
    """Return the newest revision of one batch's report."""
    with reading_from(source.url, source.path) as connection:
        known = known_model(connection, model)
        stored = reports.find_report(connection, reading.find_batch(connection, known, batch_id), monitor)
    return None if stored is None else (stored, report_from_json(monitor, stored.payload))


@st.cache_data(ttl=_MINUTE, max_entries=256, show_spinner=False)
def model_health(source: Source, model: ModelName) -> health.Health:
    """Return how a model stands, with the trend of its newest batches."""
    with reading_from(source.url, source.path) as connection:
        known = known_model(connection, model.key)
        newest = reading.list_batches(connection, known, newest=1)
        histories = {
            monitor: _parsed(reports.newest_reports(connection, known, monitor, newest=kept))
            for monitor, kept in _KEPT.items()
        }
    return health.summarise(model.key, model.task, newest[-1] if newest else None, histories)


def newest_judgement(source: Source, model: str) -> tuple[datetime, datetime] | None:
    """Return the time of the newest judged batch, and when it was judged."""
    for monitor in ("feature", "prediction"):
        found = _newest(source, model, monitor)
        if found is not None:
            return found
    return None


@st.cache_data(ttl=10 * _MINUTE, max_entries=256, show_spinner=False)
def _newest(source: Source, model: str, monitor: Monitor) -> tuple[datetime, datetime] | None:
    with reading_from(source.url, source.path) as connection:
        found = reports.newest_reports(connection, known_model(connection, model), monitor, newest=1)
    return (found[-1].batch_at, found[-1].created_at) if found else None


def _history(source: Source, model: str, monitor: Monitor, newest: int, until: str | None) -> frames.History:
    with reading_from(source.url, source.path) as connection:
        known = known_model(connection, model)
        stored = reports.newest_reports(connection, known, monitor, newest=min(newest, MOST_BATCHES), until=until)
    return _parsed(stored)


def _parsed(stored: tuple[StoredReport, ...]) -> frames.History:
    return [(each, report_from_json(each.monitor, each.payload)) for each in stored]  # type: ignore[arg-type]
