"""What all charts share: axes, tooltips, reference lines, heights."""

from typing import Any

import altair as alt
import pandas as pd

from driftboard.dashboard.palette import Palette

HEIGHT = 260
SHORT = 150
_FONT = 12
_FEW = 60


def when(*, title: str | None = None, labels: bool = True) -> alt.X:
    """Return the time axis: UTC, as many labels as fit."""
    axis = alt.Axis(title=title, labels=labels, grid=False, labelOverlap="greedy", tickCount=8, labelFontSize=_FONT)
    return alt.X("at:T", scale=alt.Scale(type="utc", nice=False), axis=axis)


def axis(title: str | None, *, form: str = ".2f", ticks: int = 5) -> alt.Axis:
    """Return the axis of a value."""
    return alt.Axis(title=title, format=form, tickCount=ticks, labelFontSize=_FONT, titleFontSize=_FONT)


def tips(*more: tuple[str, str, str | None]) -> list[alt.Tooltip]:
    """Return tooltips: the batch, its time, then (field, title, format); a format of None is for text."""
    batch = [alt.Tooltip("batch:N", title="Batch"), alt.Tooltip("when:N", title="Begins")]
    return batch + [
        alt.Tooltip(f"{field}:N", title=title)
        if form is None
        else alt.Tooltip(f"{field}:Q", title=title, format=form)
        for field, title, form in more
    ]


def line(frame: pd.DataFrame, y: alt.Y, colour: str, tooltip: list[alt.Tooltip]) -> alt.LayerChart:
    """Return a line over time; its points show while they are few, and answer the mouse in any case."""
    base = alt.Chart(frame).encode(x=when(), y=y)
    points = base.mark_point(size=36, filled=True, color=colour, opacity=1 if frame["batch"].nunique() <= _FEW else 0)
    return base.mark_line(color=colour, strokeWidth=1.8) + points.encode(tooltip=tooltip)


def limit(value: float, label: str, colour: str, *, above: bool = True, palette: Palette) -> alt.LayerChart:
    """Return a dashed line across the chart with its name at the left end."""
    data = alt.Chart(pd.DataFrame({"limit": [value], "label": [label]}))
    rule = data.mark_rule(color=colour, strokeDash=[5, 4], strokeWidth=1.5).encode(y="limit:Q")
    return rule + _said(data, palette, above=above).encode(y="limit:Q", text="label:N")


def limit_over_time(
    frame: pd.DataFrame, field: str, label: str, colour: str, *, above: bool = True, palette: Palette
) -> alt.LayerChart:
    """Return a dashed line that follows the batches: a reference may have been replaced on the way."""
    known = frame.dropna(subset=[field])
    path = alt.Chart(known).mark_line(color=colour, strokeDash=[5, 4], strokeWidth=1.5, interpolate="step-after")
    named = alt.Chart(known.tail(1).assign(label=label))
    return path.encode(x=when(), y=f"{field}:Q") + _said(named, palette, above=above).encode(
        y=f"{field}:Q", text="label:N"
    )


def _said(data: alt.Chart, palette: Palette, *, above: bool) -> alt.Chart:
    return data.mark_text(
        align="left",
        baseline="bottom" if above else "top",
        dx=4,
        dy=-3 if above else 4,
        fontSize=_FONT - 1,
        color=palette.text,
        stroke=palette.background,
        strokeWidth=0.01,
    ).encode(x=alt.value(0))


def selected(frame: pd.DataFrame, batch: str | None, palette: Palette) -> alt.Chart:
    """Return a mark at the batch that the page is about."""
    mine = frame[frame["batch"] == batch].head(1)
    return alt.Chart(mine).mark_rule(color=palette.muted, strokeWidth=1, opacity=0.8).encode(x=when())


def finished(*layers: Any, height: int = HEIGHT) -> alt.LayerChart:
    """Return the layers as one chart."""
    return alt.layer(*layers).properties(height=height)
