"""Values over time: PSI, missing rates, tests, shares of classes, confidence, quality, coverage."""

import altair as alt
import pandas as pd

from driftboard.dashboard.charts import base
from driftboard.dashboard.palette import Palette


def psi(frame: pd.DataFrame, feature: str, batch: str | None, palette: Palette) -> alt.LayerChart:
    """Return the PSI of one feature over the others', with both limits and what luck alone would give."""
    mine = frame[frame["feature"] == feature]
    y = alt.Y("psi:Q", scale=alt.Scale(type="sqrt"), axis=base.axis("PSI (square-root scale)"))
    others = alt.Chart(frame[frame["feature"] != feature]).mark_line(color=palette.faint, strokeWidth=0.8)
    noise = alt.Chart(mine).mark_area(color=palette.focus, opacity=0.22, interpolate="step-after")
    tooltip = base.tips(
        ("feature", "Feature", None), ("psi", "PSI", ".3f"), ("noise", "Expected by luck", ".3f"), ("n", "Rows", ",")
    )
    newest = frame.iloc[-1]
    return base.finished(
        others.encode(x=base.when(), y=y, detail="feature:N"),
        noise.encode(x=base.when(), y=alt.Y("noise:Q")),
        base.selected(mine, batch, palette),
        base.line(mine, y, palette.focus, tooltip),
        base.limit(
            newest["psi_warning"],
            f"warning {newest['psi_warning']:g}",
            palette.warning,
            above=False,
            palette=palette,
        ),
        base.limit(newest["psi_critical"], f"critical {newest['psi_critical']:g}", palette.critical, palette=palette),
    )


def missing(frame: pd.DataFrame, batch: str | None, palette: Palette) -> alt.LayerChart:
    """Return one feature's missing rate beside the reference's."""
    top = max(0.05, float(frame[["missing_rate", "reference_missing_rate"]].max().max()))
    y = alt.Y("missing_rate:Q", scale=alt.Scale(domain=[0, min(1.0, 1.15 * top)]), axis=base.axis("Missing", form="%"))
    tooltip = base.tips(
        ("missing_rate", "Missing", ".1%"), ("reference_missing_rate", "In the reference", ".1%"), ("n", "Rows", ",")
    )
    return base.finished(
        base.selected(frame, batch, palette),
        base.line(frame, y, palette.focus, tooltip),
        base.limit_over_time(frame, "reference_missing_rate", "reference", palette.reference, palette=palette),
        height=base.SHORT,
    )


def p_values(frame: pd.DataFrame, batch: str | None, palette: Palette, *, name: str) -> alt.LayerChart:
    """Return p-values on a logarithmic scale with the level below which a test rejects; floored at 1e-12."""
    shown = frame.dropna(subset=["p_value"]).assign(floored=lambda each: each["p_value"].clip(lower=1e-12))
    scale = alt.Scale(type="log", domain=[1e-12, 1.0])
    marks = alt.Axis(title=f"p ({name})", values=[1e-12, 1e-9, 1e-6, 1e-3, 1.0], format=".0e", labelFontSize=12)
    y = alt.Y("floored:Q", scale=scale, axis=marks)
    tooltip = base.tips(("p_value", "p", ".2e"), ("statistic", "Statistic", ".3f"), ("n", "Rows", ","))
    alpha = float(shown["alpha"].iloc[-1])
    return base.finished(
        base.selected(shown, batch, palette),
        base.line(shown, y, palette.focus, tooltip),
        base.limit(alpha, f"rejects below {alpha:g}", palette.warning, above=False, palette=palette),
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
        x2="end:T",
        y=y,
        y2="top:Q",
        color=alt.Color("label:N", scale=colours, sort=classes, legend=legend),
        stroke=alt.Stroke("label:N", scale=colours, sort=classes, legend=None),
        tooltip=tooltip,
    )
    edges = shares[shares["position"] < shares["position"].max()]
    reference = (
        alt.Chart(edges)
        .mark_line(color=palette.text, strokeDash=[5, 4], strokeWidth=1.4, interpolate="step-after")
        .encode(x=base.when(), y=alt.Y("reference_top:Q"), detail="label:N")
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


def quality(frame: pd.DataFrame, field: str, title: str, batch: str | None, palette: Palette) -> alt.LayerChart:
    """Return a measure of quality beside the reference and the limit of decay; accuracy with its Wilson interval."""
    shown = frame.dropna(subset=[field]).assign(limit=lambda each: _decay_limit(each, field))
    scale = alt.Scale(zero=False, nice=True)
    y = alt.Y(f"{field}:Q", scale=scale, axis=base.axis(title, form="%" if field == "accuracy" else ".2f"))
    tooltip = base.tips(
        (field, title, ".3f"),
        *((("low", "95 % from", ".3f"), ("high", "to", ".3f")) if field == "accuracy" else ()),
        (f"reference_{field}", "In the reference", ".3f"),
        ("n_labelled", "Labelled", ","),
        ("n", "of", ","),
    )
    band = alt.Chart(shown).mark_area(color=palette.focus, opacity=0.28)
    layers = [band.encode(x=base.when(), y="low:Q", y2="high:Q")] if field == "accuracy" else []
    falls = field in {"accuracy", "macro_f1"}
    decay = (
        base.limit_over_time(shown, "limit", "decay limit", palette.critical, above=not falls, palette=palette)
        if field != "rmse"
        else []
    )
    return base.finished(
        *layers,
        base.selected(shown, batch, palette),
        base.line(shown, y, palette.focus, tooltip),
        decay,
        base.limit_over_time(shown, f"reference_{field}", "reference", palette.reference, above=falls, palette=palette),
    )


def _decay_limit(frame: pd.DataFrame, field: str) -> pd.Series:
    reference: pd.Series = frame[f"reference_{field}"]
    if field == "mae":
        return reference * (1 + frame["decay_limit"])
    return reference - frame["decay_limit"]


def calibration_error(frame: pd.DataFrame, batch: str | None, palette: Palette) -> alt.LayerChart:
    """Return the expected calibration error over time beside the reference's."""
    shown = frame.dropna(subset=["ece"])
    y = alt.Y("ece:Q", scale=alt.Scale(zero=True), axis=base.axis("ECE"))
    tooltip = base.tips(
        ("ece", "ECE", ".3f"), ("reference_ece", "In the reference", ".3f"), ("n_labelled", "Labelled", ",")
    )
    return base.finished(
        base.selected(shown, batch, palette),
        base.line(shown, y, palette.focus, tooltip),
        base.limit_over_time(shown, "reference_ece", "reference", palette.reference, palette=palette),
        height=base.SHORT,
    )


def coverage(frame: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """Return the share of predictions that have a label, as bars."""
    y = alt.Y("coverage:Q", scale=alt.Scale(domain=[0, 1]), axis=base.axis("Labelled", form="%", ticks=3))
    tooltip = base.tips(("coverage", "Labelled", ".1%"), ("n_labelled", "Labels", ","), ("n", "Predictions", ","))
    bars = alt.Chart(frame).mark_rect(color=palette.focus, opacity=0.75, stroke=palette.background, strokeWidth=0.3)
    zero = alt.datum(0)
    return base.finished(bars.encode(x=base.when(), x2="end:T", y=y, y2=zero, tooltip=tooltip), height=170)
