"""What happened to an incident, what comes next, and why somebody was told or not: the words of `alerts.explain`."""

from collections.abc import Sequence

import streamlit as st

from driftboard.alerts.explain import Explanation
from driftboard.alerts.timeline import Line
from driftboard.dashboard.text import escaped, plain, stamp

_NEWEST = 60
_LONGEST = 400
_ICONS = {
    "window": "monitoring",
    "incident": "notification_important",
    "act": "person",
    "message": "outgoing_mail",
    "attempt": "forward_to_inbox",
    "silence": "notifications_off",
}


def show(found: Explanation) -> None:
    """Show what comes next and what happened, the newest first."""
    if found.ahead:
        st.markdown("**What comes next, if nothing changes**")
        _lines(found.ahead)
        st.markdown("**What happened**")
    happened = found.timeline[::-1]
    if len(happened) > _NEWEST and not st.toggle(
        f"Show all {len(happened):,}", key=f"all of {found.incident.incident_id}"
    ):
        happened = happened[:_NEWEST]
    _lines(happened)


def why(found: Explanation) -> None:
    """Show who was told or not and why, and how far each part is from firing or from being over."""
    st.markdown("\n".join(f"- {escaped(each, limit=_LONGEST)}" for each in found.why))
    if found.parts:
        st.markdown("**Where its parts stand**")
        st.markdown("\n".join(f"- {escaped(each, limit=_LONGEST)}" for each in found.parts))


def _lines(lines: Sequence[Line]) -> None:
    st.markdown("  \n".join(map(_said, lines)) or "Nothing is recorded.")


def _said(line: Line) -> str:
    icon = _ICONS.get(line.what, "edit_note")
    return f":material/{icon}: :gray[{stamp(line.at)}] {escaped(plain(line.text), limit=_LONGEST)}"
