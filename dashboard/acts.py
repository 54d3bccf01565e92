"""What a visitor does about incidents: each act opens the log for writing, does one thing, and closes it again.

Everything else on the pages reads a log that they cannot change.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import streamlit as st

from driftboard.alerts import act
from driftboard.config import StoreSettings
from driftboard.dashboard import actor, incident_queries
from driftboard.dashboard.scope import Scope
from driftboard.dashboard.text import escaped
from driftboard.data import Store, open_store
from driftboard.data.incident import Incident
from driftboard.errors import DriftboardError

_DONE = "_acts_done"
_SAID = "_act_said"
_FAILED = "_act_failed"
_LONGEST = 300


def fail(line: str) -> None:
    """Keep why an act cannot be done, to be said in the run that follows."""
    st.session_state[_FAILED] = line


def outcome() -> None:
    """Say what became of the act that led to this run, if one did."""
    if (said := st.session_state.pop(_SAID, None)) is not None:
        st.toast(escaped(said, limit=_LONGEST), icon=":material/check_circle:")
    if (failed := st.session_state.pop(_FAILED, None)) is not None:
        st.error(escaped(failed, limit=2 * _LONGEST), icon=":material/block:")


def done() -> int:
    """Return how many acts of this session succeeded: part of the keys of forms that start anew after each."""
    return int(st.session_state.get(_DONE, 0))


def hindrance(store: StoreSettings) -> str | None:
    """Return why nothing can be done from here; None when it can."""
    if store.url or not store.path.exists():
        return None
    path: Path = store.path
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return None
    return "The log is read-only for this dashboard: act with the command `driftboard` where it can be written."


def acknowledge(chosen: Scope, incident: Incident, span: timedelta) -> None:
    """Say that the visitor has an incident in hand for so long."""
    now = datetime.now(UTC)
    perform(
        chosen,
        f"Acknowledged incident {incident.incident_id}: no reminders, no escalation",
        lambda store, by: act.acknowledge(
            store, incident.incident_id, by=by, settings=chosen.settings.alerts, now=now, until=now + span
        ),
    )


def give_back(chosen: Scope, incident: Incident) -> None:
    """End an acknowledgement."""
    perform(
        chosen,
        f"Incident {incident.incident_id} is nobody's again",
        lambda store, by: act.unacknowledge(
            store, incident.incident_id, by=by, settings=chosen.settings.alerts, now=datetime.now(UTC)
        ),
    )


def snooze(chosen: Scope, incident: Incident, span: timedelta) -> None:
    """Ask for quiet about an incident for so long."""
    now = datetime.now(UTC)
    perform(
        chosen,
        f"Snoozed incident {incident.incident_id}",
        lambda store, by: act.snooze(
            store, incident.incident_id, by=by, until=now + span, settings=chosen.settings.alerts, now=now
        ),
    )


def end_snooze(chosen: Scope, incident: Incident) -> None:
    """End a snooze before its time."""
    perform(
        chosen,
        f"Incident {incident.incident_id} is told again",
        lambda store, by: act.unsnooze(
            store, incident.incident_id, by=by, settings=chosen.settings.alerts, now=datetime.now(UTC)
        ),
    )


def resolve(chosen: Scope, incident: Incident) -> None:
    """Close an incident by hand."""
    perform(
        chosen,
        f"Resolved incident {incident.incident_id}",
        lambda store, by: act.resolve(
            store, incident.incident_id, by=by, settings=chosen.settings.alerts, now=datetime.now(UTC)
        ),
    )


def give_feedback(chosen: Scope, incident: Incident, *, useful: bool) -> None:
    """Say whether an incident was worth being told."""
    perform(
        chosen,
        f"Noted: incident {incident.incident_id} was {'useful' if useful else 'noise'}",
        lambda store, by: act.give_feedback(store, incident.incident_id, by=by, useful=useful, now=datetime.now(UTC)),
    )


def silence(chosen: Scope, matchers: dict[str, str], comment: str, span: timedelta) -> None:
    """Ask for quiet about everything that matches, for so long."""
    now = datetime.now(UTC)
    perform(
        chosen,
        "Silenced: what matches is told to nobody until it ends",
        lambda store, by: act.silence(store, matchers, by=by, comment=comment, until=now + span, now=now),
    )


def end_silence(chosen: Scope, silence_id: int) -> None:
    """End a silence before its time."""
    perform(
        chosen,
        f"Ended silence {silence_id}: what is still there is told",
        lambda store, by: act.end_silence(store, silence_id, by=by, now=datetime.now(UTC)),
    )


def perform(chosen: Scope, said: str, work: Callable[[Store, str], object]) -> None:
    """Do one thing as the visitor, and keep what is to be said of it: what `work` returns where that is a text.

    Parameters
    ----------
    chosen
        Whose log.
    said
        What is said when it is done.
    work
        Takes the log, open for writing, and the visitor's name.
    """
    name = actor.name()
    if not name:
        st.session_state[_FAILED] = "Write your name first: it is kept with every change."
        return
    try:
        with open_store(chosen.settings.store.location) as store:
            result = work(store, name)
    except DriftboardError as error:
        st.session_state[_FAILED] = str(error)
        return
    incident_queries.forget()
    st.session_state[_SAID] = result if isinstance(result, str) else said
    st.session_state[_DONE] = done() + 1
