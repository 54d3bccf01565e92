"""The charts of the Service page: each with its limit, how many requests stand behind it, and how sure it is."""

import streamlit as st

from driftboard.config import Settings
from driftboard.dashboard import page, service_frames
from driftboard.dashboard.charts import service as charts
from driftboard.dashboard.palette import Palette
from driftboard.dashboard.service_queries import Look
from driftboard.dashboard.source import ModelName
from driftboard.dashboard.text import percent, plain, plural
from driftboard.data import parse_model_key
from driftboard.service_settings import Objectives

_MOST_TYPES = 10


def show(look: Look, settings: Settings, model: ModelName, colours: Palette) -> None:
    """Show them all, those that say something."""
    promised = settings.slo.of(parse_model_key(model.key).name, model.key)
    left, right = st.columns(2)
    with left:
        _requests(look, colours)
    with right:
        _failures(look, promised, colours)
    left, right = st.columns(2)
    with left:
        _durations(look, promised, colours)
    with right:
        _unsure(look, settings, colours)
    left, right = st.columns(2)
    with left:
        _classes(look, model.task, colours)
    with right:
        _rows(look, colours)
    _error_types(look)


def _requests(look: Look, colours: Palette) -> None:
    noun = "Requests" if look.told_by == "requests" else "Predictions"
    st.subheader(f"{noun} a second", anchor=False)
    total = look.total
    said = f"{total.success:,} answered, {total.failed:,} failed, {total.rejected:,} rejected"
    page.chart(charts.requests(service_frames.requests(look.steps), colours), f"{noun} a second over time: {said}.")
    st.caption(f"{said}. Rejected ones are the caller's own fault, and count for nothing below.")


def _failures(look: Look, promised: Objectives, colours: Palette) -> None:
    st.subheader("Error rate", anchor=False)
    total = look.total
    frame = service_frames.failures(look.steps)
    if frame.empty:
        st.caption("No request counts.")
        return
    limit = None if promised.error_rate is None else (promised.error_rate, f"at most {promised.error_rate:.2%}")
    drawn = charts.share(frame, colours, title="Failed", nouns=("Failed", "of"), limit=limit)
    said = f"{percent(total.failed / total.total)} of {plural(total.total, 'request')} failed" if total.total else "-"
    page.chart(drawn, f"Share of failed requests over time with its limit; {said}.")
    st.caption(f"{said}. Shaded: Wilson 95 % interval of each step.")


def _durations(look: Look, promised: Objectives, colours: Palette) -> None:
    st.subheader("Latency", anchor=False)
    frame = service_frames.latencies(look.steps)
    if frame.empty:
        st.caption("No duration was measured: log latencies with the predictions, or instrument the service.")
        return
    given = {name: getattr(promised, f"latency_{name}") for name in service_frames.QUANTILES}
    objectives = {name: seconds for name, seconds in given.items() if seconds is not None}
    said = ", ".join(
        f"{name} {_seconds(service_frames.latency_at(look.total, share))}"
        for name, share in service_frames.QUANTILES.items()
    )
    page.chart(charts.latencies(frame, objectives, colours), f"Latency over time; altogether {said}.")
    st.caption(f"Altogether {said}, of {look.total.measured:,} measured; exact to the cells of the histogram.")


def _rows(look: Look, colours: Palette) -> None:
    frame = service_frames.request_rows(look.steps)
    st.subheader("Rows a request", anchor=False)
    if frame.empty:
        st.caption("Only an instrumented service tells how many predictions each request asks for.")
        return
    n = sum(look.total.rows)
    mean = look.total.rows_sum / n
    page.chart(
        charts.rows(frame, colours), f"Mean number of predictions asked for in a request; altogether {mean:.2f}."
    )
    st.caption(f"Altogether {mean:.2f} on average, of {plural(n, 'request')}.")


def _classes(look: Look, task: str, colours: Palette) -> None:
    if task == "regression":
        st.subheader("Predictions a second", anchor=False)
        frame = service_frames.predictions(look.predicted)
        if not frame["count"].sum():
            st.caption("No prediction logged in this time.")
            return
        page.chart(charts.predictions(frame, colours), "Predictions a second over time.")
        st.caption(f"{plural(int(frame['count'].sum()), 'prediction')} logged.")
        return
    st.subheader("Predictions by class", anchor=False)
    frame = service_frames.classes(look.predicted, most=len(colours.series))
    if frame.empty:
        st.caption("No prediction logged in this time.")
        return
    total = frame.groupby("name", sort=False)["count"].sum()
    mix = ", ".join(f"{plain(str(name), limit=40)} {count / total.sum():.1%}" for name, count in total.items())
    page.chart(charts.classes(frame, colours), f"Share of each predicted class over time: {mix}.")
    st.caption(f"{plural(int(total.sum()), 'prediction')} logged.")


def _unsure(look: Look, settings: Settings, colours: Palette) -> None:
    limit, share = settings.service.low_confidence, settings.service.low_confidence_share
    st.subheader("Unsure predictions", anchor=False)
    frame = service_frames.unsure(look.predicted, limit)
    if frame.empty:
        st.caption("The model gives no scores, so there is no confidence to show.")
        return
    drawn = charts.share(
        frame, colours, title="Unsure", nouns=("Unsure", "of"), limit=(share, f"a message above {share:.0%}")
    )
    k, n = int(frame["k"].sum()), int(frame["n"].sum())
    said = f"{percent(k / n)} of {plural(n, 'prediction')} have a confidence of at most {limit:g}"
    page.chart(drawn, f"Share of unsure predictions over time; {said}.")
    st.caption(f"{said}. Shaded: Wilson 95 % interval of each step.")


def _error_types(look: Look) -> None:
    table = service_frames.error_types(look.total)
    if table.empty:
        return
    st.subheader("Errors by kind", anchor=False)
    share = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(table) <= _MOST_TYPES else 390,
        column_config={
            "Error": st.column_config.TextColumn(pinned=True),
            "Requests": st.column_config.NumberColumn(format="localized"),
            **dict.fromkeys(("Share", "95 % from", "to"), share),
        },
        alt="Kinds of errors with their number and share of all requests.",
    )
    page.download(table, "errors")


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{1000 * value:,.0f} ms" if value < 1 else f"{value:.2f} s"
