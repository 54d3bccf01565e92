"""What all charts share: axes, tooltips, reference lines, heights.

Channels are given as objects: a shorthand string costs Altair milliseconds, for it asks the frame for its types.
"""

from typing import Any

import altair as alt
import pandas as pd

from driftboard.dashboard.palette import Palette

HEIGHT = 330  # of the whole chart: axes and legend take their part of it
SHORT = 210
_FONT = 12
_FEW = 60
_TIMES = (
    "utchours(datum.value) || utcminutes(datum.value) ? utcFormat(datum.value, '%H:%M') "
    ": utcdate(datum.value) != 1 ? utcFormat(datum.value, '%-d %b') "
    ": utcmonth(datum.value) ? utcFormat(datum.value, '%b') : utcFormat(datum.value, '%Y')"
)


def when(*, title: str | None = None, labels: bool = True) -> alt.X:
    """Return the time axis: UTC, as many labels as fit."""
    axis = alt.Axis(
        title=title,
        labels=labels,
        labelExpr=_TIMES,
        labelFlush=False,
        labelOverlap="greedy",
        tickCount=8,
        labelFontSize=_FONT,
        grid=False,
    )
    return alt.X("at:T", scale=alt.Scale(type="utc", nice=False), axis=axis)


def axis(title: str | None, *, form: str = ".2f", ticks: int = 5) -> alt.Axis:
    """Return the axis of a value."""
    return alt.Axis(title=title, format=form, tickCount=ticks, labelFontSize=_FONT, titleFontSize=_FONT)


def tips(*more: tuple[str, str, str | None]) -> list[alt.Tooltip]:
    """Return tooltips: the batch, its time, then (field, title, format); a format of None is for text."""
    batch = [alt.Tooltip("batch:N", title="Batch"), alt.Tooltip("when:N", title="Begins")]
    return batch + [
        alt.Tooltip(f"{field}:N", title=title) if form is None else alt.Tooltip(f"{field}:Q", title=title, format=form)
        for field, title, form in more
    ]


def line(frame: pd.DataFrame, y: alt.Y, colour: str, tooltip: list[alt.Tooltip]) -> list[alt.Chart]:
    """Return a line over time; its points show while they are few, and answer the mouse in any case."""
    base = alt.Chart(frame).encode(x=when(), y=y)
    opacity = point_opacity(frame)
    points = base.mark_point(size=36, filled=True, color=colour, opacity=opacity)
    return [base.mark_line(color=colour, strokeWidth=2 if opacity else 1.2), points.encode(tooltip=tooltip)]


def point_opacity(frame: pd.DataFrame) -> float:
    """Return 1 while the batches are few enough for points to be told apart, then 0."""
    return 1.0 if frame["batch"].nunique() <= _FEW else 0.0


def limit(value: float, label: str, colour: str, *, above: bool = True, palette: Palette) -> list[alt.Chart]:
    """Return a dashed line across the chart with its name at the left end."""
    data = alt.Chart(pd.DataFrame({"limit": [value], "label": [label]}))
    rule = data.mark_rule(color=colour, strokeDash=[5, 4], strokeWidth=1.5).encode(y=alt.Y("limit:Q"))
    return [rule, *_said(data, "limit:Q", palette, above=above)]


def limit_over_time(
    frame: pd.DataFrame, field: str, label: str, colour: str, *, above: bool = True, palette: Palette
) -> list[alt.Chart]:
    """Return a dashed line that follows the batches: a reference may have been replaced on the way."""
    known = frame.dropna(subset=[field])
    path = alt.Chart(known).mark_line(color=colour, strokeDash=[5, 4], strokeWidth=1.5, interpolate="step-after")
    named = alt.Chart(known.head(1).assign(label=label))
    return [path.encode(x=when(), y=alt.Y(f"{field}:Q")), *_said(named, f"{field}:Q", palette, above=above)]


def _said(data: alt.Chart, y: str, palette: Palette, *, above: bool) -> list[alt.Chart]:
    """Return a line's name, on a halo that keeps it legible across other marks."""
    place: dict[str, Any] = {
        "align": "left",
        "baseline": "bottom" if above else "top",
        "dx": 5,
        "dy": -3 if above else 4,
    }
    halo: dict[str, Any] = {"stroke": palette.background, "strokeWidth": 4, "strokeJoin": "round", "opacity": 0.85}
    looks: tuple[dict[str, Any], ...] = (halo, {"color": palette.text})
    return [
        data.mark_text(fontSize=_FONT - 1, **place, **look).encode(x=alt.value(0), y=alt.Y(y), text=alt.Text("label:N"))
        for look in looks
    ]


def selected(frame: pd.DataFrame, batch: str | None, palette: Palette) -> alt.Chart:
    """Return a mark at the batch that the page is about."""
    mine = frame[frame["batch"] == batch].head(1)
    rule: alt.Chart = alt.Chart(mine).mark_rule(color=palette.muted, strokeWidth=1, opacity=0.8).encode(x=when())
    return rule


def finished(*layers: Any, height: int = HEIGHT) -> alt.LayerChart:
    """Return the layers (or lists of layers) as one chart."""
    flat = [each for layer in layers for each in (layer if isinstance(layer, list) else [layer])]
    return alt.LayerChart(layer=flat).properties(height=height)
