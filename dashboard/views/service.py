"""Service & SLO: does the service answer, in time, and as promised."""

from datetime import UTC, datetime

import streamlit as st

from driftboard.dashboard import level_cards, page, palette, queries, scope, service_charts, service_queries, spans
from driftboard.dashboard.scope import Scope
from driftboard.dashboard.service_queries import Look
from driftboard.dashboard.service_steps import busy
from driftboard.dashboard.spans import Span
from driftboard.dashboard.text import escaped, plural, stamp

_HOW = """from driftboard.instrument import Instrument

watched = Instrument("driftboard-data/driftboard.sqlite", model="{name}", version="{version}")

@watched.predicts
def predict(features): ..."""


def main() -> None:
    """Show the promises, then how the service did in the chosen time."""
    chosen = scope.current()
    now = datetime.now(UTC)
    left, right = st.columns([3, 1.4], vertical_alignment="bottom")
    with left:
        st.title(page.TITLES["service"], anchor=False)
        st.caption(f"{escaped(chosen.model.key)} · what callers are promised, and what they got")
    with right:
        span = spans.choose(spans.fitting(service_queries.since(chosen.source, chosen.model.key), now))
    requests, predictions = service_queries.ever(chosen.source, chosen.model.key)
    if requests is None and predictions is None:
        _nothing_counted(chosen)
        return
    _levels(chosen, now)
    _over_time(chosen, span, now)


def _levels(chosen: Scope, now: datetime) -> None:
    levels = service_queries.levels(chosen.source, chosen.model.key, chosen.settings, now)
    if not levels:
        st.caption("Nothing is promised of this model: set objectives in the section `[slo]` of driftboard.toml.")
        return
    st.markdown(f"**{escaped(level_cards.summary(levels), limit=300)}**")
    level_cards.show(levels)


def _over_time(chosen: Scope, span: Span, now: datetime) -> None:
    until = spans.next_minute(now)
    look = service_queries.service(chosen.source, chosen.model.key, span.name, until)
    if not busy(look.steps):
        until, look = _as_it_was(chosen, span, look, until)
    st.subheader(f"The last {span.title}", anchor=False)
    _told_by(chosen, look)
    if not busy(look.steps):
        st.caption(f":material/do_not_disturb_on: Nothing was asked of this model in the last {span.title}.")
        return
    if until < now:
        st.info(
            f"Nothing in the last {span.title} up to now: these are the {span.title} until {stamp(until)}, "
            "when the newest batch ends.",
            icon=":material/history:",
        )
    service_charts.show(look, chosen.settings, chosen.model, palette.current())


def _as_it_was(chosen: Scope, span: Span, look: Look, until: datetime) -> tuple[datetime, Look]:
    """Return the time that ends with the newest batch, for a log that nothing is added to any more."""
    newest = queries.batches(chosen.source, chosen.model.key, 1)
    if not newest or newest[-1].last_at >= until - span.length:
        return until, look
    end = spans.next_hour(newest[-1].last_at)
    return end, service_queries.service(chosen.source, chosen.model.key, span.name, end)


def _told_by(chosen: Scope, look: Look) -> None:
    if look.told_by == "requests":
        n = look.total.total + look.total.rejected
        st.caption(f":material/sensors: Told by the instrumented service: {plural(n, 'request')}.")
        return
    st.caption(
        f":material/database: From the log of {plural(look.total.total, 'prediction')}, with the latencies and errors "
        "that they were logged with: the service itself tells nothing of its requests."
    )
    with st.expander("How to instrument the service", icon=":material/sensors:"):
        _how(chosen)


def _how(chosen: Scope) -> None:
    name, _, rest = chosen.model.key.partition(":")
    simple = chosen.model.key.isascii() and not set(chosen.model.key) & set("\"'\\\n`")
    given = _HOW.format(name=name, version=rest.partition("@")[0]) if simple else _HOW.format(name="churn", version="1")
    st.code(given, language="python")
    st.caption(
        "Requests, failures, durations and resources are counted from then on, and the predictions logged. There are "
        "adapters for ASGI, Flask, scikit-learn, MLflow and BentoML."
    )


def _nothing_counted(chosen: Scope) -> None:
    page.empty(
        "No request counted yet",
        "Counts begin with the next predictions that are logged for this model. An instrumented service tells more: "
        "its requests, failures and durations.",
        icon="speed",
    )
    _how(chosen)


main()
