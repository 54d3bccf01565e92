"""What the visitor looks at: model, window, batch, feature; the selectors and what they mean."""

from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from driftboard.config import Settings
from driftboard.dashboard import address, queries
from driftboard.dashboard.source import ModelName, Source
from driftboard.dashboard.text import ago, escaped, stamp

_SCOPE = "_scope"
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
    choice = address.read()
    wanted = choice["model"]
    if wanted is not None and wanted not in keys:
        st.warning(f"No model {escaped(wanted)} in the log: showing {escaped(keys[0])}.", icon=":material/link_off:")
    address.offer("model", wanted if wanted in keys else keys[0])
    address.offer("window", choice["window"] if choice["window"] in _WINDOWS else _DEFAULT_WINDOW)
    with st.sidebar:
        key = st.selectbox("Model", keys, key="model")
        window = st.segmented_control(
            "History",
            list(_WINDOWS),
            required=True,
            format_func=lambda name: "All" if name == "all" else name,
            help=f"How many of the newest batches the pages show; all means at most {queries.MOST_BATCHES:,}.",
            key="window",
            width="stretch",
        )
    address.show("model", key)
    address.show("window", None if window == _DEFAULT_WINDOW else window)
    scope = Scope(source, settings, models, models[keys.index(key)], _WINDOWS[str(window)])
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


def choose_batch(scope: Scope, batches: list[str], *, what: str = "Newest", preferred: str | None = None) -> str | None:
    """Show the batch selector; return the chosen batch, else the preferred or newest one, None without any."""
    options = batches[::-1]
    default = preferred if preferred in options else options[0] if options else None
    _offer("batch", scope, options)
    chosen = st.selectbox(
        "Batch",
        options,
        index=None,
        placeholder=f"{what}: {default}" if options else "No batch",
        key="batch",
        disabled=not options,
    )
    address.show("batch", chosen)
    return chosen or default


def choose_feature(scope: Scope, features: list[str]) -> str | None:
    """Show the feature selector; return the chosen feature, the first when none is."""
    _offer("feature", scope, features)
    placeholder = f"Most notable: {features[0]}" if features else "No feature"
    chosen = st.selectbox("Feature", features, index=None, placeholder=placeholder, key="feature")
    address.show("feature", chosen)
    return chosen or (features[0] if features else None)


def until(scope: Scope) -> str | None:
    """Return the batch up to which histories are read: the chosen one when it lies before the window, else None."""
    chosen = address.read_only("batch")
    known = {each.batch_id for each in queries.batches(scope.source, scope.model.key, scope.window)}
    if chosen is None or chosen in known or queries.batch(scope.source, scope.model.key, chosen) is None:
        return None
    return chosen


def _offer(name: str, scope: Scope, options: list[str]) -> None:
    """Hand a choice to its selector, or drop one that this model does not have."""
    wanted = address.read_only(name)
    if wanted is not None and wanted not in options:
        if address.pasted():
            st.warning(
                f"{escaped(scope.model.key)} has no {name} {escaped(wanted)} to show here: showing another.",
                icon=":material/link_off:",
            )
        wanted = None
    address.offer(name, wanted)
