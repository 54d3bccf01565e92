"""Resources: what the services, and driftboard's own processes, use of their machines."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from driftboard.dashboard import page, palette, resource_frames, scope, service_queries, spans
from driftboard.dashboard.charts import resources as charts
from driftboard.dashboard.scope import Scope
from driftboard.dashboard.spans import Span
from driftboard.dashboard.text import escaped, number, plural

_MOST_ROWS = 10
_MB = "%.0f MB"
_HOW = """pip install "driftboard[server]"    # processor, memory and disk of every system
pip install "driftboard[gpu]"       # and NVIDIA graphics cards"""


def main() -> None:
    """Show the model's services, then driftboard itself."""
    chosen = scope.current()
    now = datetime.now(UTC)
    left, right = st.columns([3, 1.4], vertical_alignment="bottom")
    with left:
        st.title(page.TITLES["resources"], anchor=False)
        st.caption(f"{escaped(chosen.model.key)} · what its processes use, minute by minute")
    with right:
        span = spans.choose(spans.fitting(service_queries.since(chosen.source, chosen.model.key), now))
    services = _section(chosen, chosen.model.key, span, now)
    if not services:
        _no_services(span)
    st.divider()
    st.subheader("Driftboard's own processes", anchor=False)
    if not _section(chosen, None, span, now):
        st.caption(
            f"Nothing was told in the last {span.title}: the worker and the API do, each minute, while "
            "`driftboard up` (or `run --watch`, `serve`) runs."
        )


def _section(chosen: Scope, model: str | None, span: Span, now: datetime) -> bool:
    """Show the processes of a model, or (None) driftboard's own; return whether there were any."""
    until = spans.next_minute(now)
    every = spans.sampled_every(span)
    found = service_queries.processes(chosen.source, model, span.since(until), until, every)
    if not found:
        return False
    frame = resource_frames.samples(found)
    shown = resource_frames.busiest(frame)
    n, drawn = frame["name"].nunique(), shown["name"].nunique()
    said = f"{plural(n, 'process', 'processes')} in the last {span.title}"
    said += f"; charts show the {drawn} that used most of the processor" if drawn < n else ""
    minutes = int(every.total_seconds() // 60)
    said += f"; one minute of every {minutes} is shown" if minutes > 1 else ""
    st.caption(f":material/memory: {said}.")
    _charts(shown, served=model is not None)
    _cards(resource_frames.cards(found))
    _table(frame, "resources" if model else "own-resources")
    return True


def _charts(frame: pd.DataFrame, *, served: bool) -> None:
    colours = palette.current()
    left, right = st.columns(2)
    with left:
        st.markdown("**CPU cores kept busy**")
        text = f"CPU cores over time, of {frame['name'].nunique()} processes; at most {number(frame['cpu'].max())}."
        page.chart(charts.use(frame, "cpu", colours, title="Cores"), text)
        st.markdown("**Read from disks**")
        drawn = charts.use(frame, "read", colours, title="Bytes a second", in_bytes=True, least_top=1_000)
        page.chart(drawn, "Bytes read from disks a second, over time.")
    with right:
        st.markdown("**Memory**")
        text = f"Resident memory over time; at most {frame['memory'].max() / 1e6:,.0f} MB."
        page.chart(charts.use(frame, "memory", colours, title="Resident", in_bytes=True, least_top=1e6), text)
        st.markdown("**Written to disks**")
        drawn = charts.use(frame, "written", colours, title="Bytes a second", in_bytes=True, least_top=1_000)
        page.chart(drawn, "Bytes written to disks a second, over time.")
    if served:
        st.markdown("**Requests in progress, the most in each minute**")
        drawn = charts.use(frame, "in_progress_max", colours, title="Requests", least_top=1, form="d")
        page.chart(drawn, f"Requests in progress over time; at most {frame['in_progress_max'].max()}.")


def _cards(frame: pd.DataFrame) -> None:
    if frame.empty:
        return
    colours = palette.current()
    kept = frame[frame["name"].isin(sorted(frame["name"].unique())[: resource_frames.MOST])]
    left, right = st.columns(2)
    with left:
        st.markdown("**Graphics cards kept busy**")
        drawn = charts.use(kept, "utilisation", colours, title="Utilisation", form="%", least_top=0.9)
        page.chart(drawn, "Utilisation of the graphics cards over time.")
    with right:
        st.markdown("**Memory of the graphics cards**")
        drawn = charts.use(kept, "memory", colours, title="Used", in_bytes=True, least_top=1e6)
        page.chart(drawn, "Memory used on the graphics cards over time.")


def _table(frame: pd.DataFrame, name: str) -> None:
    table = resource_frames.newest(frame)
    shown = table.assign(**{each: table[each] / 1e6 for each in ("Memory", "Highest memory")})
    st.dataframe(
        shown,
        hide_index=True,
        height="content" if len(table) <= _MOST_ROWS else 390,
        column_config={
            "Process": st.column_config.TextColumn(pinned=True, help="Host and process id"),
            "Seen last (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            **dict.fromkeys(("CPU cores, mean", "highest"), st.column_config.NumberColumn(format="%.2f")),
            **dict.fromkeys(("Memory", "Highest memory"), st.column_config.NumberColumn(format=_MB)),
        },
        alt="Processes with the time they were seen last, processor, memory, threads and requests in progress.",
    )
    page.download(table, name)


def _no_services(span: Span) -> None:
    page.empty(
        f"No service told what it used in the last {span.title}",
        "An instrumented service (`driftboard.instrument.Instrument`) tells each minute: processor, memory, disks, "
        "requests in progress, and graphics cards where there are any. Where it runs, install:",
        *_HOW.splitlines(),
        icon="memory",
    )


main()
