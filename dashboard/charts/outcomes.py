"""Quality over time: realised beside estimated, calibration error, label coverage."""

import altair as alt
import pandas as pd

from driftboard.dashboard.charts import base
from driftboard.dashboard.palette import Palette

_SHARES = frozenset({"accuracy"})
_FALLS = frozenset({"accuracy", "macro_f1"})
_SCALE = alt.Scale(zero=False, nice=True)


def quality(
    frame: pd.DataFrame, estimates: pd.DataFrame, field: str, title: str, batch: str | None, palette: Palette
) -> alt.LayerChart:
    """Return a measure of quality beside the reference, its estimate without labels, and the limit of decay.

    Accuracy has its Wilson interval as a band; the estimate is dashed, with the band in which the realised figure is
    expected.
    """
    shown = frame.dropna(subset=[field]).assign(limit=lambda each: _decay_limit(each, field))
    guessed = estimates[estimates["name"] == field]
    axis = base.axis(title, form="%" if field in _SHARES else ".2f")
    y = alt.Y(f"{field}:Q", scale=_SCALE, axis=axis)
    band = alt.Chart(shown).mark_area(color=palette.focus, opacity=0.28)
    falls = field in _FALLS
    decay = base.limit_over_time(shown, "limit", "decay limit", palette.critical, above=not falls, palette=palette)
    return base.finished(
        _estimated(guessed, axis, palette),
        [band.encode(x=base.when(), y=alt.Y("low:Q"), y2=alt.Y2("high"))] if field in _SHARES else [],
        base.selected(frame, batch, palette),
        base.line(shown, y, palette.focus, _tips(field, title)) if len(shown) else [],
        decay if field != "rmse" else [],
        base.limit_over_time(shown, f"reference_{field}", "reference", palette.reference, above=falls, palette=palette),
    )


def _estimated(frame: pd.DataFrame, axis: alt.Axis, palette: Palette) -> list[alt.Chart]:
    if frame.empty:
        return []
    drawn = alt.Chart(frame)
    tooltip = base.tips(
        ("estimate", "Estimated", ".3f"),
        ("low", "expected from", ".3f"),
        ("high", "to", ".3f"),
        ("reference", "Estimate on the reference", ".3f"),
        ("n", "Predictions", ","),
    )
    at = alt.Y("estimate:Q", scale=_SCALE, axis=axis)
    line = drawn.mark_line(color=palette.estimate, strokeWidth=1.4, strokeDash=[4, 3])
    points = drawn.mark_point(size=26, filled=True, color=palette.estimate, opacity=0)
    return [
        drawn.mark_area(color=palette.estimate, opacity=0.16).encode(
            x=base.when(), y=alt.Y("low:Q"), y2=alt.Y2("high")
        ),
        line.encode(x=base.when(), y=at),
        points.encode(x=base.when(), y=at, tooltip=tooltip),
    ]


def _tips(field: str, title: str) -> list[alt.Tooltip]:
    return base.tips(
        (field, title, ".3f"),
        *((("low", "95 % from", ".3f"), ("high", "to", ".3f")) if field in _SHARES else ()),
        (f"reference_{field}", "In the reference", ".3f"),
        ("n_labelled", "Labelled", ","),
        ("n", "of", ","),
    )


def _decay_limit(frame: pd.DataFrame, field: str) -> pd.Series:
    reference: pd.Series = frame[f"reference_{field}"]
    if field == "mae":
        return reference * (1 + frame["decay_limit"])
    return reference - frame["decay_limit"]


def calibration_error(frame: pd.DataFrame, batch: str | None, palette: Palette) -> alt.LayerChart:
    """Return the expected calibration error over time: debiased over what luck gives, plain where that is all."""
    if frame["ece_debiased"].notna().any():
        return _debiased(frame.dropna(subset=["ece_debiased"]), batch, palette)
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


def _debiased(shown: pd.DataFrame, batch: str | None, palette: Palette) -> alt.LayerChart:
    y = alt.Y("ece_debiased:Q", scale=alt.Scale(zero=True), axis=base.axis("ECE"))
    tooltip = base.tips(
        ("ece_debiased", "Debiased ECE", ".3f"),
        ("ece_by_luck", "Luck exceeds once in 100", ".3f"),
        ("ece", "Plain, this batch alone", ".3f"),
        ("ece_labels", "Labels in the window", ","),
    )
    band = alt.Chart(shown.assign(zero=0.0)).mark_area(color=palette.focus, opacity=0.2, interpolate="step-after")
    return base.finished(
        band.encode(x=base.when(), y=alt.Y("ece_by_luck:Q"), y2=alt.Y2("zero")),
        base.selected(shown, batch, palette),
        base.line(shown, y, palette.focus, tooltip),
        height=base.SHORT,
    )


def coverage(frame: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """Return the share of predictions that have a label, as bars."""
    y = alt.Y("coverage:Q", scale=alt.Scale(domain=[0, 1]), axis=base.axis("Labelled", form="%", ticks=3))
    tooltip = base.tips(("coverage", "Labelled", ".1%"), ("n_labelled", "Labels", ","), ("n", "Predictions", ","))
    bars = alt.Chart(frame).mark_rect(color=palette.focus, opacity=0.75, stroke=palette.background, strokeWidth=0.3)
    zero = alt.datum(0)
    return base.finished(bars.encode(x=base.when(), x2=alt.X2("end"), y=y, y2=zero, tooltip=tooltip), height=170)
