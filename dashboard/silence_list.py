"""The silences in force, each with a button that ends it."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from driftboard.dashboard import acts
from driftboard.dashboard.scope import Scope
from driftboard.dashboard.text import escaped, stamp
from driftboard.data.silences import Silence

_MOST = 50
_LONGEST = 300


def show(chosen: Scope, silences: Sequence[Silence], *, now: datetime) -> None:
    """Show what is silenced, by whom, why and until when."""
    if not silences:
        st.caption("Nothing is silenced.")
        return
    disabled = acts.hindrance(chosen.settings.store) is not None
    for silence in silences[:_MOST]:
        text, end = st.columns([8, 1], vertical_alignment="center")
        text.markdown(_said(silence, now))
        end.button(
            "End",
            key=f"end_silence {silence.silence_id}",
            icon=":material/notifications_active:",
            on_click=acts.end_silence,
            args=(chosen, silence.silence_id),
            disabled=disabled,
        )
    if len(silences) > _MOST:
        st.caption(f"and {len(silences) - _MOST} more: `driftboard alerts silences`")


def _said(silence: Silence, now: datetime) -> str:
    fits = ", ".join(f"{name} = {escaped(pattern)}" for name, pattern in silence.matchers.items())
    until = f"until {stamp(silence.ends_at)}" if silence.holds(now) else f"from {stamp(silence.starts_at)}"
    return (
        f":material/notifications_off: **{fits}** {until} · {escaped(silence.created_by)}: "
        f"{escaped(silence.comment, limit=_LONGEST)}"
    )
