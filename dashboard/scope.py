"""What the visitor looks at: model, window, batch, feature; each bound to the address, so that it can be pasted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from driftboard.config import Settings
from driftboard.dashboard import queries
from driftboard.dashboard.queries import ModelName, Source
from driftboard.dashboard.text import ago, escaped, stamp

_SCOPE = "_scope"
_LAST = "_last"
_WINDOWS = {"30": 30, "90": 90, "400": 400, "all": queries.MOST_BATCHES}
_DEFAULT_WINDOW = "400"


@dataclass(frozen=True, slots=True)
class Scope:
    """The log, and what of it is looked at."""

    source: Source
    settings: Settings
    models: tuple[ModelName, ...]
    model: ModelName
    window: int


def current() -> Scope:
    """Return what app.py chose for this run."""
    scope: Scope = st.session_state[_SCOPE]
    return scope


def choose(source: Source, settings: Settings, models: tuple[ModelName, ...]) -> Scope:
    """Show the selectors that all pages share, and keep the choice for the page that runs next."""
    keys = [model.key for model in models]
    wanted = st.query_params.get("model")
    if wanted is not None and wanted not in keys:
        st.warning(f"No model {escaped(wanted)} in the log: showing {escaped(keys[0])}.", icon=":material/link_off:")
    if st.session_state.get("model") not in keys:
        st.session_state["model"] = wanted if wanted in keys else keys[0]
    with st.sidebar:
        key = st.selectbox("Model", keys, index=None, required=True, key="model", bind="query-params")
        window = st.segmented_control(
            "History",
            list(_WINDOWS),
            default=_DEFAULT_WINDOW,
            required=True,
            format_func=lambda name: "All" if name == "all" else name,
            help=f"How many of the newest batches the pages show; all means at most {queries.MOST_BATCHES:,}.",
            key="window",
            bind="query-params",
            width="stretch",
        )
    model = models[keys.index(key)] if key in keys else models[0]
    scope = Scope(source, settings, models, model, _WINDOWS.get(str(window), _WINDOWS[_DEFAULT_WINDOW]))
    st.session_state[_SCOPE] = scope
    with st.sidebar:
        _freshness(scope)
    return scope


def _freshness(scope: Scope) -> None:
    judged = queries.newest_judgement(scope.source, scope.model.key)
    if judged is None:
        st.caption(":material/update_disabled: No batch judged yet")
        return
    at, when = judged
    st.caption(f":material/event: Newest judged batch {stamp(at)}")
    st.caption(f":material/update: Judged {ago(when, now=datetime.now(UTC))}")


def choose_batch(scope: Scope, batches: list[str], *, what: str = "Newest") -> str | None:
    """Show the batch selector; return the chosen batch, the newest of `batches` when none is, None without any.

    A batch of the address that lies outside the window is offered too.
    """
    options = batches[::-1]
    _keep("batch", scope, options, exists=lambda name: queries.batch(scope.source, scope.model.key, name) is not None)
    chosen = st.selectbox(
        "Batch",
        options,
        index=None,
        placeholder=f"{what}: {options[0]}" if options else "No batch",
        key="batch",
        bind="query-params",
        disabled=not options,
    )
    st.session_state[_LAST] = st.session_state.get(_LAST, {}) | {"batch": (scope.model.key, chosen)}
    return chosen or (options[0] if options else None)


def choose_feature(scope: Scope, features: list[str]) -> str | None:
    """Show the feature selector; return the chosen feature, the first when none is."""
    _keep("feature", scope, features, exists=lambda _: False)
    chosen = st.selectbox(
        "Feature",
        features,
        index=None,
        placeholder=f"Largest PSI: {features[0]}" if features else "No feature",
        key="feature",
        bind="query-params",
    )
    st.session_state[_LAST] = st.session_state.get(_LAST, {}) | {"feature": (scope.model.key, chosen)}
    return chosen or (features[0] if features else None)


def until(scope: Scope, batch: str | None, batches: list[str]) -> str | None:
    """Return the batch up to which histories are read: only set when it lies before the window."""
    return None if batch is None or batch in batches else batch


def asked_batch() -> str | None:
    """Return the batch that the address or an earlier page names."""
    state: str | None = st.session_state.get("batch")
    return state or st.query_params.get("batch")


def _keep(name: str, scope: Scope, options: list[str], *, exists: Callable[[str], bool]) -> None:
    """Carry a choice over from another page; drop one that this model does not have."""
    address = st.query_params.get(name)
    if name not in st.session_state and address is None:
        model, last = st.session_state.get(_LAST, {}).get(name, (None, None))
        if model == scope.model.key and last is not None:
            st.session_state[name] = last
    wanted = st.session_state.get(name) or address
    if wanted is None or wanted in options:
        return
    if exists(wanted):
        options.append(wanted)
        return
    if name in st.session_state:
        st.session_state[name] = None
    st.warning(
        f"{escaped(scope.model.key)} has no {name} {escaped(wanted)}: showing the first one it has.",
        icon=":material/link_off:",
    )
