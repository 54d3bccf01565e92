"""What the pages ask of incidents and of the outbox: read-only, bounded, remembered for some seconds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st
from sqlalchemy import Connection

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.explain import Explanation, explain
from driftboard.alerts.series import Series, series_of
from driftboard.dashboard.source import Source, known_model, reading_from
from driftboard.data import incidents as log
from driftboard.data import judged, outbox, told
from driftboard.data.channel_states import ChannelState, channel_states
from driftboard.data.heartbeats import Heartbeat, heartbeats
from driftboard.data.incident import Incident
from driftboard.data.outbox import Delivery, Notification
from driftboard.data.queue_age import waiting_since
from driftboard.data.silences import Silence
from driftboard.data.silences import silences as read_silences
from driftboard.data.told import Traffic
from driftboard.errors import UnknownIncident

_SECONDS = 10.0
"""Incidents change without a new report: an answer is not older than this."""
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many incidents are open by severity and in somebody's hands, and how many messages went out or got lost."""

    critical: int
    warning: int
    info: int
    acknowledged: int
    told_today: int
    dead: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """One incident, and every message about it, oldest first."""

    incident: Incident
    notifications: tuple[Notification, ...]


@dataclass(frozen=True, slots=True)
class ChannelUse:
    """How one channel does: its state, what became of its messages, and since when the oldest has been due."""

    state: ChannelState
    traffic: Traffic | None
    waiting_since: datetime | None


@st.cache_data(ttl=_SECONDS, max_entries=32, show_spinner=False)
def incidents(source: Source, model: str | None, newest: int) -> tuple[tuple[Incident, tuple[str, ...]], ...]:
    """Return what is open, then the newest that is over, each with the channels that were told; of one model or all."""
    with reading_from(source.url, source.path) as connection:
        model_id = _model_id(connection, model)
        still = log.open_incidents(connection, model_id=model_id)[::-1]
        over = log.recent_incidents(connection, model_id=model_id, states=("resolved",), limit=newest)
        told_on = told.channels_told(connection, [each.incident_id for each in (*still, *over)])
    return tuple((each, told_on.get(each.incident_id, ())) for each in (*still, *over)[:newest])


@st.cache_data(ttl=_SECONDS, max_entries=32, show_spinner=False)
def counts(source: Source, model: str | None) -> Counts:
    """Return how many incidents are open, and what went out since midnight UTC; of one model or of all."""
    now = datetime.now(UTC)
    with reading_from(source.url, source.path) as connection:
        still = log.open_incidents(connection, model_id=_model_id(connection, model))
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        by_severity = Counter(each.severity for each in still)
        return Counts(
            critical=by_severity["critical"],
            warning=by_severity["warning"],
            info=by_severity["info"],
            acknowledged=sum(each.is_acked(now) for each in still),
            told_today=told.count_told(connection, since=today, model=model),
            dead=outbox.count_deliveries(connection)[Delivery.DEAD],
        )


@st.cache_data(ttl=_SECONDS, max_entries=32, show_spinner=False)
def dossier(source: Source, incident_id: int) -> Dossier | None:
    """Return one incident and its messages; None when there is none of this id."""
    with reading_from(source.url, source.path) as connection:
        try:
            incident = log.find_incident(connection, incident_id)
        except UnknownIncident:
            return None
        return Dossier(incident, outbox.told_of(connection, [incident_id]).get(incident_id, ()))


@st.cache_data(ttl=_SECONDS, max_entries=32, show_spinner=False, hash_funcs={AlertSettings: repr})
def explanation(source: Source, incident_id: int, settings: AlertSettings) -> Explanation:
    """Return who was told of an incident and why, what happened to it, and what comes next."""
    with reading_from(source.url, source.path) as connection:
        return explain(connection, incident_id, settings, now=datetime.now(UTC))


@st.cache_data(ttl=_MINUTE, max_entries=64, show_spinner=False)
def series(source: Source, incident_id: int, subject: str | None) -> Series | None:
    """Return what the monitor measured of one part of an incident, batch by batch; None when nothing can be drawn."""
    with reading_from(source.url, source.path) as connection:
        return series_of(connection, log.find_incident(connection, incident_id), subject=subject)


@st.cache_data(ttl=_SECONDS, max_entries=8, show_spinner=False)
def silences(source: Source) -> tuple[Silence, ...]:
    """Return the silences that hold or will, the newest first."""
    with reading_from(source.url, source.path) as connection:
        return read_silences(connection, now=datetime.now(UTC))


@st.cache_data(ttl=_SECONDS, max_entries=8, show_spinner=False)
def channels(source: Source) -> tuple[ChannelUse, ...]:
    """Return how every channel does that was ever used."""
    with reading_from(source.url, source.path) as connection:
        states, traffic = channel_states(connection), told.traffic(connection)
        waiting = {name: each.since for name, each in waiting_since(connection, now=datetime.now(UTC)).items()}
    return tuple(
        ChannelUse(states.get(name) or ChannelState(name), traffic.get(name), waiting.get(name))
        for name in sorted({*states, *traffic})
    )


@st.cache_data(ttl=_SECONDS, max_entries=8, show_spinner=False)
def hearts(source: Source) -> tuple[Heartbeat, ...]:
    """Return when the worker and each dispatcher were last seen."""
    with reading_from(source.url, source.path) as connection:
        return heartbeats(connection)


@st.cache_data(ttl=_MINUTE, max_entries=32, show_spinner=False)
def feedback(source: Source, model: str | None) -> dict[str, tuple[int, int]]:
    """Return, by rule, how many incidents were called useful, and how many noise; of one model or of all."""
    with reading_from(source.url, source.path) as connection:
        return log.feedback_by_rule(connection, model_id=_model_id(connection, model))


@st.cache_data(ttl=_SECONDS, max_entries=32, show_spinner=False)
def open_by_model(source: Source) -> dict[str, tuple[int, int]]:
    """Return by model how many incidents are open, and how many of them are critical; others are left out."""
    with reading_from(source.url, source.path) as connection:
        found = log.open_incidents(connection)
    names = {str(each.model) for each in found if each.model is not None}
    return {name: _tally([each for each in found if str(each.model) == name]) for name in sorted(names)}


@st.cache_data(ttl=_MINUTE, max_entries=256, show_spinner=False)
def spent(source: Source, model: str, since: datetime) -> tuple[int, int]:
    """Return how many batches of a model were judged since a time, and for how many incidents somebody was called."""
    with reading_from(source.url, source.path) as connection:
        model_id = known_model(connection, model).model_id
        return (
            judged.count_judged(connection, model_id, since=since),
            outbox.count_pages(connection, model, since=since),
        )


def forget() -> None:
    """Ask the log again from now on: something was done."""
    for question in (incidents, counts, dossier, explanation, silences, channels, hearts, feedback, open_by_model):
        question.clear()


def _tally(found: Sequence[Incident]) -> tuple[int, int]:
    return len(found), sum(each.severity == "critical" for each in found)


def _model_id(connection: Connection, model: str | None) -> int | None:
    return None if model is None else known_model(connection, model).model_id
