"""A runbook on a page: the text of the package, with headings that fit below those of the page."""

import re

import streamlit as st

from driftboard.alerts.runbooks import runbook, slugs
from driftboard.dashboard.text import escaped

_HEADING = re.compile(r"^(#{1,3}) ", re.MULTILINE)


def show(slug: str) -> None:
    """Show a runbook, or say that there is none."""
    if slug not in slugs():
        st.caption("This rule has no runbook.")
        return
    st.markdown(_HEADING.sub(r"##\1 ", runbook(slug)).strip())


def asked_for() -> None:
    """Show the runbook that the address asks for, as a message's link does; nothing without one."""
    slug = st.query_params.get("runbook")
    if slug is None:
        return
    if slug not in slugs():
        st.warning(f"No runbook {escaped(slug)}.", icon=":material/link_off:")
        return
    with st.expander("Runbook: what to do", icon=":material/menu_book:", expanded=True):
        show(slug)
