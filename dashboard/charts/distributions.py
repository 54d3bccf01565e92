"""Distributions of one batch: a feature's cells beside the reference's, the reliability diagram, confidence."""

import altair as alt
import pandas as pd

from driftboard.dashboard.charts import base
from driftboard.dashboard.palette import Palette
from driftboard.monitors.report import FeatureResult

MOST_CELLS = 20
_FLAT_LABELS = 6
_SIDES = ["Reference", "Batch"]


def cells(result: FeatureResult) -> pd.DataFrame:
    """Return cell, side, share of a feature; of many levels those whose share moved most, and the rest as one."""
    rows = list(zip(result.cells, result.reference_share, result.share, strict=False))
    if len(rows) > MOST_CELLS:
        moved = sorted(range(len(rows)), key=lambda at: -abs(rows[at][2] - rows[at][1]))[: MOST_CELLS - 1]
        rest = [row for at, row in enumerate(rows) if at not in set(moved)]
        kept = [rows[at] for at in sorted(moved)]
        rows = [*kept, (f"{len(rest):,} more", sum(row[1] for row in rest), sum(row[2] for row in rest))]
    sides = zip(_SIDES, (1, 2), (result.n_reference, result.n), strict=True)
    frame = [
        {"position": at, "cell": row[0], "side": side, "share": row[column], "n": n}
        for side, column, n in sides
        for at, row in enumerate(rows)
    ]
    return pd.DataFrame(frame, columns=["position", "cell", "side", "share", "n"])


def feature_cells(frame: pd.DataFrame, palette: Palette) -> alt.Chart:
    """Return the share of each frozen cell in the batch and in the reference, side by side."""
    order = list(dict.fromkeys(frame["cell"]))
    axis = alt.Axis(
        title=None,
        labelAngle=-35 if len(order) > _FLAT_LABELS else 0,
        labelLimit=90,
        labelFontSize=11,
        labelOverlap=False,
        grid=False,
    )
    colours = alt.Scale(domain=_SIDES, range=[palette.reference, palette.focus])
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X("cell:N", sort=order, axis=axis),
            xOffset=alt.XOffset("side:N", sort=_SIDES),
            y=alt.Y("share:Q", axis=base.axis("Share of values", form="%")),
            color=alt.Color("side:N", scale=colours, sort=_SIDES, legend=alt.Legend(title=None, orient="top")),
            tooltip=[
                alt.Tooltip("cell:N", title="Cell"),
                alt.Tooltip("side:N", title="In"),
                alt.Tooltip("share:Q", title="Share", format=".1%"),
                alt.Tooltip("n:Q", title="Values", format=","),
            ],
        )
        .properties(height=base.HEIGHT)
    )
    return chart


def reliability(bins: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """Return accuracy against confidence: the diagonal is perfect calibration, points are sized by their rows."""
    low = max(0.0, float(min(bins["low"].min(), bins["from"].min())) - 0.02)
    scale = alt.Scale(domain=[low, 1.0], nice=False)
    x = alt.X("confidence:Q", scale=scale, title="Mean confidence", axis=base.axis("Mean confidence", form="%"))
    y = alt.Y("accuracy:Q", scale=scale, axis=base.axis("Accuracy", form="%"))
    diagonal = alt.Chart(pd.DataFrame({"confidence": [low, 1.0], "accuracy": [low, 1.0]}))
    tooltip = [
        alt.Tooltip("bin:N", title="Confidence"),
        alt.Tooltip("confidence:Q", title="Mean confidence", format=".1%"),
        alt.Tooltip("accuracy:Q", title="Accuracy", format=".1%"),
        alt.Tooltip("from:Q", title="95 % from", format=".1%"),
        alt.Tooltip("to:Q", title="to", format=".1%"),
        alt.Tooltip("n:Q", title="Labelled predictions", format=","),
    ]
    base_chart = alt.Chart(bins)
    size = alt.Size("n:Q", scale=alt.Scale(type="sqrt", range=[40, 500]), legend=None)
    return base.finished(
        diagonal.mark_line(color=palette.reference, strokeDash=[5, 4], clip=True).encode(x=x, y=y),
        base_chart.mark_rule(color=palette.focus, strokeWidth=2, opacity=0.55, clip=True).encode(
            x=x, y=alt.Y("from:Q", scale=scale), y2=alt.Y2("to")
        ),
        base_chart.mark_line(color=palette.focus, strokeWidth=1.5, opacity=0.6).encode(x=x, y=y),
        base_chart.mark_circle(color=palette.focus, opacity=1).encode(x=x, y=y, size=size, tooltip=tooltip),
        height=360,
    )


def confidence(bins: pd.DataFrame, palette: Palette) -> alt.Chart:
    """Return how many labelled predictions fall into each bin of confidence."""
    chart: alt.Chart = (
        alt.Chart(bins)
        .mark_rect(color=palette.focus, opacity=0.85, stroke=palette.background, strokeWidth=2)
        .encode(
            x=alt.X("low:Q", scale=alt.Scale(domain=[0, 1]), axis=base.axis("Confidence", form="%", ticks=10)),
            x2=alt.X2("high"),
            y=alt.Y("n:Q", scale=alt.Scale(zero=True), axis=base.axis("Predictions", form=",d", ticks=4)),
            y2=alt.datum(0),
            tooltip=[alt.Tooltip("bin:N", title="Confidence"), alt.Tooltip("n:Q", title="Predictions", format=",")],
        )
        .properties(height=base.SHORT)
    )
    return chart
