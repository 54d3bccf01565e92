"""Pages as they add up over time, under two policies."""

import altair as alt
import pandas as pd

from driftboard.dashboard.charts import base
from driftboard.dashboard.palette import Palette


def so_far(frame: pd.DataFrame, policies: tuple[str, str], palette: Palette) -> alt.LayerChart:
    """Return two steps that rise by one with every page; the second policy's is dashed."""
    colours = alt.Scale(domain=list(policies), range=[palette.reference, palette.focus])
    legend = alt.Legend(title=None, orient="top", symbolType="stroke")
    top = max(1, int(frame["pages"].max()))
    axis = alt.Axis(
        title="Pages so far", format="d", tickCount=min(top, 5), tickMinStep=1, labelFontSize=12, titleFontSize=12
    )
    drawn = alt.Chart(frame).encode(
        x=base.when(),
        y=alt.Y("pages:Q", scale=alt.Scale(domain=[0, top], nice=True), axis=axis),
        color=alt.Color("policy:N", scale=colours, sort=list(policies), legend=legend),
        strokeDash=alt.StrokeDash(
            "policy:N",
            scale=alt.Scale(domain=list(policies), range=[[1, 0], [6, 3]]),
            sort=list(policies),
            legend=legend,
        ),
        tooltip=[
            alt.Tooltip("policy:N", title="Policy"),
            alt.Tooltip("at:T", title="At (UTC)", format="%Y-%m-%d %H:%M"),
            alt.Tooltip("pages:Q", title="Pages so far", format="d"),
        ],
    )
    return base.finished(drawn.mark_line(interpolate="step-after", strokeWidth=2.2), height=base.SHORT)
