"""Shares of rows with poor data over time: missing, new, out of range."""

import altair as alt
import pandas as pd

from driftboard.dashboard.charts import base
from driftboard.dashboard.palette import Palette
from driftboard.dashboard.quality_frames import RATES

_LEAST_TOP = 0.05


def missing(frame: pd.DataFrame, batch: str | None, palette: Palette) -> alt.LayerChart:
    """Return one feature's missing rate beside the reference's."""
    top = max(_LEAST_TOP, float(frame[["missing_rate", "reference_missing_rate"]].max().max()))
    y = alt.Y("missing_rate:Q", scale=_scale(top), axis=base.axis("Missing", form="%"))
    tooltip = base.tips(
        ("missing_rate", "Missing", ".1%"), ("reference_missing_rate", "In the reference", ".1%"), ("n", "Rows", ",")
    )
    return base.finished(
        base.selected(frame, batch, palette),
        base.line(frame, y, palette.focus, tooltip),
        base.limit_over_time(frame, "reference_missing_rate", "reference", palette.reference, palette=palette),
        height=base.SHORT,
    )


def strays(frame: pd.DataFrame, batch: str | None, palette: Palette) -> alt.LayerChart:
    """Return the share of new levels, or of values below and above the reference's range, a line for each."""
    names = [title for name, title in RATES.items() if name != "missing_rate" and title in set(frame["what"])]
    colours = alt.Scale(domain=names, range=list(palette.series[: len(names)]))
    top = max(_LEAST_TOP, float(frame["rate"].max()))
    y = alt.Y("rate:Q", scale=_scale(top), axis=base.axis("Share of rows", form="%"))
    legend = alt.Legend(title=None, orient="top", symbolType="stroke")
    colour = alt.Color("what:N", scale=colours, sort=names, legend=legend)
    tooltip = base.tips(("what", "What", None), ("rate", "Share of rows", ".2%"), ("n", "Rows", ","))
    drawn = alt.Chart(frame).encode(x=base.when(), y=y, color=colour)
    return base.finished(
        base.selected(frame, batch, palette),
        drawn.mark_line(strokeWidth=1.6),
        drawn.mark_point(size=30, filled=True, opacity=base.point_opacity(frame)).encode(tooltip=tooltip),
        height=base.SHORT,
    )


def _scale(top: float) -> alt.Scale:
    return alt.Scale(domain=[0, min(1.0, 1.15 * top)])
