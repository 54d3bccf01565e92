"""What processes used over time, a line for each."""

from typing import Any

import altair as alt
import pandas as pd

from driftboard.dashboard.charts import base
from driftboard.dashboard.palette import Palette

HEIGHT = 230
_ROOM = 1.1
_BYTES = (
    "datum.value >= 1e9 ? format(datum.value / 1e9, '~r') + ' GB' : datum.value >= 1e6 ? "
    "format(datum.value / 1e6, '~r') + ' MB' : datum.value >= 1e3 ? format(datum.value / 1e3, '~r') + ' kB' "
    ": format(datum.value, '~r') + ' B'"
)


def use(
    frame: pd.DataFrame,
    field: str,
    palette: Palette,
    *,
    title: str,
    in_bytes: bool = False,
    least_top: float = 0.1,
    form: str = "~g",
) -> alt.LayerChart:
    """Return one measure of every process over time; points where a process was seen but once."""
    names = sorted(frame["name"].unique())
    colours = alt.Scale(domain=names, range=list(palette.series[: len(names)]))
    looks: dict[str, Any] = {"labelExpr": _BYTES} if in_bytes else {"format": form}
    axis = alt.Axis(title=title, tickCount=4, labelFontSize=12, titleFontSize=12, **looks)
    top = _ROOM * max(least_top, float(frame[field].max()))
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", columns=3, labelLimit=260)
    drawn = alt.Chart(frame).encode(
        x=base.when(),
        y=alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, top]), axis=axis),
        color=alt.Color("name:N", scale=colours, sort=names, legend=legend if len(names) > 1 else None),
    )
    tooltip = [
        alt.Tooltip("name:N", title="Which"),
        alt.Tooltip("when:N", title="Minute"),
        alt.Tooltip(f"{field}:Q", title=title, format=".4s" if in_bytes else ".3~f"),
    ]
    alone = len(frame) == len(names)
    return base.finished(
        drawn.mark_line(strokeWidth=1.5),
        drawn.mark_point(size=30, filled=True, opacity=1.0 if alone else 0.0).encode(tooltip=tooltip),
        height=HEIGHT,
    )
