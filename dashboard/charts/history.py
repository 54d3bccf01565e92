"""Values over time: chance of luck, shares of classes, a mean beside the reference's, reconstruction error."""

import altair as alt
import pandas as pd

from driftboard.dashboard.charts import base
from driftboard.dashboard.palette import Palette


def p_values(frame: pd.DataFrame, batch: str | None, palette: Palette, *, name: str) -> alt.LayerChart:
    """Return p-values on a logarithmic scale with the level below which a test rejects; floored at 1e-12."""
    shown = frame.dropna(subset=["p_value"]).assign(floored=lambda each: each["p_value"].clip(lower=1e-12))
    scale = alt.Scale(type="log", domain=[1e-12, 1.0])
    marks = alt.Axis(title=f"p ({name})", values=[1e-12, 1e-9, 1e-6, 1e-3, 1.0], format=".0e", labelFontSize=12)
    y = alt.Y("floored:Q", scale=scale, axis=marks)
    tooltip = base.tips(("p_value", "p", ".2e"), ("statistic", "Statistic", ".3f"), ("n", "Rows", ","))
    alpha = float(shown["alpha"].iloc[-1])
    label = f"rejects below {alpha:.2g}"
    return base.finished(
        base.selected(shown, batch, palette),
        base.line(shown, y, palette.focus, tooltip),
        base.limit(alpha, label, palette.warning, above=False, palette=palette),
        height=base.SHORT,
    )


def class_mix(shares: pd.DataFrame, classes: list[str], palette: Palette) -> alt.LayerChart:
    """Return the share of each class as stacked bars, and dashed lines where the reference's shares end."""
    colours = alt.Scale(domain=classes, range=list(palette.series[: len(classes)]))
    bars = alt.Chart(shares).mark_rect(strokeWidth=0.7)
    tooltip = base.tips(
        ("label", "Class", None),
        ("share", "Share", ".1%"),
        ("reference_share", "In the reference", ".1%"),
        ("count", "Predictions", ","),
        ("n", "of", ","),
    )
    y = alt.Y("bottom:Q", scale=alt.Scale(domain=[0, 1]), axis=base.axis("Share of predictions", form="%"))
    legend = alt.Legend(orient="top", title=None, symbolType="square", columns=6, labelLimit=160)
    stacked = bars.encode(
        x=base.when(),
        x2=alt.X2("end"),
        y=y,
        y2=alt.Y2("top"),
        color=alt.Color("label:N", scale=colours, sort=classes, legend=legend),
        stroke=alt.Stroke("label:N", scale=colours, sort=classes, legend=None),
        tooltip=tooltip,
    )
    edges = shares[shares["position"] < shares["position"].max()]
    reference = (
        alt.Chart(edges)
        .mark_line(color=palette.text, strokeDash=[5, 4], strokeWidth=1.4, interpolate="step-after")
        .encode(x=base.when(), y=alt.Y("reference_top:Q"), detail=alt.Detail("label:N"))
    )
    return base.finished(stacked, reference)


def level(
    frame: pd.DataFrame,
    field: str,
    title: str,
    batch: str | None,
    palette: Palette,
    *,
    form: str = ".2f",
    least_span: float = 0.0,
) -> alt.LayerChart:
    """Return a mean over time beside the reference's; the axis spans at least so much that noise looks small."""
    shown = frame.dropna(subset=[field])
    values = pd.concat([shown[field], shown[f"reference_{field}"]]).dropna()
    low, high = float(values.min()), float(values.max())
    margin = max(0.0, (least_span - (high - low)) / 2)
    y = alt.Y(
        f"{field}:Q",
        scale=alt.Scale(zero=False, domain=[low - margin, high + margin]),
        axis=base.axis(title, form=form),
    )
    tooltip = base.tips((field, title, ".3f"), (f"reference_{field}", "In the reference", ".3f"), ("n", "Rows", ","))
    return base.finished(
        base.selected(shown, batch, palette),
        base.line(shown, y, palette.focus, tooltip),
        base.limit_over_time(shown, f"reference_{field}", "reference", palette.reference, palette=palette),
        height=base.SHORT,
    )


def reconstruction(frame: pd.DataFrame, batch: str | None, palette: Palette) -> alt.LayerChart:
    """Return the reconstruction error of all features together, over the band in which luck keeps it."""
    shown = frame.dropna(subset=["error"])
    y = alt.Y("error:Q", scale=alt.Scale(zero=False), axis=base.axis("Reconstruction error"))
    tooltip = base.tips(
        ("error", "Reconstruction error", ".3f"),
        ("low", "by luck from", ".3f"),
        ("high", "to", ".3f"),
        ("mmd_p", "MMD, p", ".2e"),
        ("n", "Rows", ","),
    )
    band = alt.Chart(shown).mark_area(color=palette.focus, opacity=0.2, interpolate="step-after")
    return base.finished(
        band.encode(x=base.when(), y=alt.Y("low:Q"), y2=alt.Y2("high")),
        base.selected(shown, batch, palette),
        base.line(shown, y, palette.focus, tooltip),
        base.limit_over_time(shown, "reference_error", "reference", palette.reference, palette=palette),
        height=base.SHORT,
    )
