"""Which incident the Alerts page is about: that of the address, else the one selected last, else the first."""

from collections.abc import Sequence

import streamlit as st

from driftboard.dashboard.text import escaped

_CHOSEN = "_incident"
_KNOWN = "_incident_address"
_DIGITS = 19
"""A longer number is no key of either database."""


def read() -> int | None:
    """Return what the address asks for, when this session did not write it; otherwise what was chosen before."""
    given = st.query_params.get("incident")
    if given is not None and given != st.session_state.get(_KNOWN):
        st.session_state[_KNOWN] = given
        st.session_state[_CHOSEN] = int(given) if given.isascii() and given.isdigit() and len(given) < _DIGITS else None
        if st.session_state[_CHOSEN] is None:
            missing(given)
    chosen: int | None = st.session_state.get(_CHOSEN)
    return chosen


def choose(incident_id: int) -> None:
    """Take an incident, and make the address say so."""
    st.session_state[_CHOSEN] = incident_id
    st.session_state[_KNOWN] = st.query_params["incident"] = str(incident_id)


def choose_row(table: str, ids: Sequence[int]) -> None:
    """Take the incident whose row was selected in a table, once it was."""
    rows = st.session_state[table]["selection"]["rows"]
    if rows and rows[0] < len(ids):
        choose(ids[rows[0]])


def missing(given: str) -> None:
    """Say that the address asks for an incident that is not there; it asks no more."""
    st.session_state[_CHOSEN] = None
    st.warning(f"No incident {escaped(given)} in the log: showing another.", icon=":material/link_off:")
