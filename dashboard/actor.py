"""Who acts: the visitor who is logged in, else the name they write, remembered in their session."""

import streamlit as st

_KEY = "your_name"
_LONGEST = 80


def name() -> str:
    """Return the visitor's name; empty while it is not known."""
    return _logged_in() or str(st.session_state.get(_KEY) or "").strip()


def ask() -> None:
    """Show who acts: the name of the log-in, or a field for it."""
    known = _logged_in()
    st.text_input(
        "Your name",
        value=known or None,
        key=None if known else _KEY,
        max_chars=_LONGEST,
        disabled=bool(known),
        placeholder="Kept with each act",
        persist_state=None if known else "session",
        icon=":material/person:",
        width=190,
    )


def _logged_in() -> str:
    user = st.user.to_dict()
    found = user.get("name") or user.get("email") if user.get("is_logged_in") else None
    return str(found or "").strip()
