"""The outputs of one batch: the share of each class with its interval beside the reference's."""

import altair as alt
import pandas as pd

from driftboard.dashboard.charts import base
from driftboard.dashboard.palette import Palette

_ROW = 34
_AROUND = 70


def class_intervals(frame: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """Return a bar for each class with its Wilson interval, and a mark where the reference's share is."""
    order = list(frame["label"])
    names = alt.Axis(title=None, labelLimit=150, labelFontSize=12, labelOverlap=False, grid=False)
    y = alt.Y("label:N", sort=order, axis=names, scale=alt.Scale(padding=0.3))
    top = float(frame[["share", "high", "reference_share"]].max().max())
    x = alt.X(
        "share:Q", scale=alt.Scale(domain=[0, min(1.0, 1.1 * top)]), axis=base.axis("Share of predictions", form="%")
    )
    tooltip = [
        alt.Tooltip("label:N", title="Class"),
        alt.Tooltip("share:Q", title="Share", format=".1%"),
        alt.Tooltip("low:Q", title="95 % from", format=".1%"),
        alt.Tooltip("high:Q", title="to", format=".1%"),
        alt.Tooltip("reference_share:Q", title="In the reference", format=".1%"),
        alt.Tooltip("count:Q", title="Predictions", format=","),
        alt.Tooltip("n:Q", title="of", format=","),
    ]
    drawn = alt.Chart(frame)
    return base.finished(
        drawn.mark_bar(color=palette.focus, opacity=0.55, cornerRadiusEnd=2).encode(x=x, y=y, tooltip=tooltip),
        drawn.mark_rule(color=palette.text, strokeWidth=1.6).encode(x=alt.X("low:Q"), x2=alt.X2("high"), y=y),
        drawn.mark_tick(color=palette.reference, thickness=3, size=_ROW - 12).encode(x=alt.X("reference_share:Q"), y=y),
        height=max(len(order), 2) * _ROW + _AROUND,
    )
