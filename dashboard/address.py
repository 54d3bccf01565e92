"""The choice of model, batch, feature and window, kept equal to the page's address, so that it can be pasted.

Streamlit's own `bind="query-params"` is not used: with it (1.67) `st.switch_page` is refused, `st.page_link` names a
model twice, and a default is left out of the address, which then means something else tomorrow.
"""

import streamlit as st

NAMES = ("model", "batch", "feature", "window", "span")
_CHOICE = "_choice"
_WRITTEN = "_written"
_SHOWN = "_shown"
_PASTED = "_pasted"

Choice = dict[str, str | None]


def read() -> Choice:
    """Return the choice at the start of a run, and hand it to the selectors.

    An address that this session did not write (pasted, a link, the browser's way back) is a new choice; otherwise the
    selectors say. A page that was entered through the navigation has an empty address and keeps the choice.
    """
    choice: Choice = st.session_state.setdefault(_CHOICE, dict.fromkeys(NAMES))
    choice.update({name: st.session_state[name] for name in NAMES if name in st.session_state})
    given = {name: value for name, value in st.query_params.items() if name in NAMES}
    st.session_state[_PASTED] = bool(given) and given != st.session_state.get(_WRITTEN)
    if st.session_state[_PASTED]:
        choice.update({name: given.get(name) for name in NAMES})
    st.session_state[_SHOWN] = {}
    return choice


def read_only(name: str) -> str | None:
    """Return what is chosen at this moment."""
    value: str | None = st.session_state[_CHOICE][name]
    return value


def pasted() -> bool:
    """Return whether this run's choice came from an address, and not from this session's selectors."""
    return bool(st.session_state[_PASTED])


def offer(name: str, value: str | None) -> None:
    """Set what a selector is about to show; called before it is drawn."""
    st.session_state[_CHOICE][name] = value
    st.session_state[name] = value


def show(name: str, value: str | None) -> None:
    """Take note of what a selector of this page says."""
    st.session_state[_CHOICE][name] = value
    st.session_state[_SHOWN][name] = value


def write() -> None:
    """Make the address say what this page's selectors say."""
    wanted = {name: value for name, value in st.session_state[_SHOWN].items() if value is not None}
    if {name: values for name in NAMES if (values := st.query_params.get_all(name))} != _listed(wanted):
        others = {name: st.query_params.get_all(name) for name in st.query_params if name not in NAMES}
        st.query_params.from_dict(others | wanted)
    st.session_state[_WRITTEN] = wanted


def _listed(values: dict[str, str]) -> dict[str, list[str]]:
    return {name: [value] for name, value in values.items()}
