"""How a service did over time: requests, failures, durations, what it answered."""

import altair as alt
import pandas as pd

from driftboard.dashboard.charts import base
from driftboard.dashboard.palette import Palette
from driftboard.dashboard.service_frames import QUANTILES, STATUSES
from driftboard.dashboard.status import VERDICTS

HEIGHT = 250
_SECONDS = "datum.value ? format(datum.value, '~s') + 's' : '0'"
_LEAST_TOP = 0.02
_ROOM = 1.15
_MANY = 60


def requests(frame: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """Return requests a second by how they ended, stacked; failures below, where they are seen first."""
    looks = {
        STATUSES["success"]: palette.focus,
        STATUSES["error"]: palette.critical,
        STATUSES["rejected"]: palette.of(VERDICTS["no_data"]),
    }
    return _bars(frame, looks, title="Requests a second", noun="Requests", palette=palette)


def classes(frame: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """Return the share of each predicted class, stacked."""
    names = list(frame.groupby("name", sort=False)["count"].sum().sort_values(ascending=False).index)
    looks = dict(zip(names, palette.series, strict=False))
    return _bars(frame, looks, title="Share of predictions", noun="Predictions", palette=palette, share=True)


def predictions(frame: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """Return predictions a second."""
    return _bars(frame, {"Predictions": palette.focus}, title="Predictions a second", noun="Count", palette=palette)


def share(
    frame: pd.DataFrame, palette: Palette, *, title: str, nouns: tuple[str, str], limit: tuple[float, str] | None
) -> alt.LayerChart:
    """Return a share over time with its interval as a band, and the limit it is held against."""
    top = max([_LEAST_TOP, _highest(frame), *([limit[0]] if limit else [])])
    scale = alt.Scale(domain=[0, min(1.0, _ROOM * top)])
    axis = alt.Axis(title=title, format="~%", tickCount=4, labelFontSize=12, titleFontSize=12)
    y = alt.Y("share:Q", scale=scale, axis=axis)
    tooltip = _tips(
        ("share", title, ".2%"),
        ("low", "95 % from", ".2%"),
        ("high", "to", ".2%"),
        ("k", nouns[0], ","),
        ("n", nouns[1], ","),
    )
    band = alt.Chart(frame).mark_rect(color=palette.focus, opacity=0.25, clip=True)
    drawn = base.limit(limit[0], limit[1], palette.critical, palette=palette) if limit else []
    ends = {"x": base.when(), "x2": alt.X2("end"), "y": alt.Y("low:Q", scale=scale, axis=axis), "y2": alt.Y2("high")}
    return base.finished(band.encode(**ends), _line(frame, y, palette.focus, tooltip), drawn, height=HEIGHT)


def latencies(frame: pd.DataFrame, objectives: dict[str, float], palette: Palette) -> alt.LayerChart:
    """Return the quantiles of the duration over time, and dashed in the same colour what is promised of each."""
    names = list(QUANTILES)
    colours = dict(zip(names, (palette.series[2], palette.focus, palette.series[1]), strict=True))
    scale = alt.Scale(domain=names, range=list(colours.values()))
    axis = alt.Axis(title=None, labelExpr=_SECONDS, tickCount=5, labelFontSize=12)
    top = _ROOM * max([float(frame["seconds"].max()), *objectives.values()])
    y = alt.Y("seconds:Q", scale=alt.Scale(domain=[0, top]), axis=axis)
    legend = alt.Legend(title=None, orient="top", symbolType="stroke")
    drawn = alt.Chart(frame).encode(
        x=base.when(), y=y, color=alt.Color("name:N", scale=scale, sort=names, legend=legend)
    )
    tooltip = _tips(("name", "Quantile", None), ("seconds", "Seconds", ".4f"), ("n", "Requests", ","))
    limits = [
        base.limit(seconds, f"{name} at most {seconds:g} s", colours[name], palette=palette)
        for name, seconds in objectives.items()
    ]
    points = drawn.mark_point(size=30, filled=True, opacity=_opacity(frame)).encode(tooltip=tooltip)
    return base.finished(drawn.mark_line(strokeWidth=1.6), points, *limits, height=HEIGHT)


def rows(frame: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """Return how many predictions a request asks for on average."""
    top = max(1.0, float(frame["mean"].max()))
    y = alt.Y("mean:Q", scale=alt.Scale(domain=[0, _ROOM * top]), axis=base.axis("Rows a request", form="~g"))
    tooltip = _tips(("mean", "Mean", ".2f"), ("p95", "95 % have at most about", ".0f"), ("n", "Requests", ","))
    return base.finished(_line(frame, y, palette.focus, tooltip), height=HEIGHT)


def _bars(
    frame: pd.DataFrame, looks: dict[str, str], *, title: str, noun: str, palette: Palette, share: bool = False
) -> alt.LayerChart:
    names = list(looks)
    scale = alt.Scale(domain=names, range=list(looks.values()))
    legend = alt.Legend(title=None, orient="top", symbolType="square", columns=6, labelLimit=160)
    top = 1.0 if share else _ROOM * max(float(frame["top"].max()), 1e-9)
    axis = alt.Axis(title=title, format="%" if share else "~s", tickCount=4, labelFontSize=12, titleFontSize=12)
    tooltip = _tips(
        ("name", "Which", None), ("count", noun, ","), ("value", title, ".1%" if share else ",.3~f"), ("n", "of", ",")
    )
    colour = alt.Color("name:N", scale=scale, sort=names, legend=legend if len(names) > 1 else None)
    few = frame["at"].nunique() <= _MANY  # many bars would be parted by the background that shows through
    edge = alt.value(palette.background) if few else alt.Stroke("name:N", scale=scale, sort=names, legend=None)
    bars = alt.Chart(frame[frame["count"] > 0]).mark_rect(strokeWidth=0.3 if few else 0.7)
    drawn = bars.encode(
        x=base.when(),
        x2=alt.X2("end"),
        y=alt.Y("bottom:Q", scale=alt.Scale(domain=[0, top]), axis=axis),
        y2=alt.Y2("top"),
        color=colour,
        stroke=edge,
        tooltip=tooltip,
    )
    return base.finished(drawn, height=HEIGHT)


def _line(frame: pd.DataFrame, y: alt.Y, colour: str, tooltip: list[alt.Tooltip]) -> list[alt.Chart]:
    drawn = alt.Chart(frame).encode(x=base.when(), y=y)
    points = drawn.mark_point(size=30, filled=True, color=colour, opacity=_opacity(frame)).encode(tooltip=tooltip)
    return [drawn.mark_line(color=colour, strokeWidth=1.6), points]


def _opacity(frame: pd.DataFrame) -> float:
    return 1.0 if frame["at"].nunique() <= _MANY else 0.0


def _highest(frame: pd.DataFrame) -> float:
    """What the scale must hold: every share, and the interval of those that many requests stand behind."""
    sure = frame[frame["n"] >= frame["n"].median()]
    return max(float(frame["share"].max()), float(sure["high"].max()))


def _tips(*more: tuple[str, str, str | None]) -> list[alt.Tooltip]:
    return [alt.Tooltip("when:N", title="From")] + [
        alt.Tooltip(f"{field}:N", title=title) if form is None else alt.Tooltip(f"{field}:Q", title=title, format=form)
        for field, title, form in more
    ]
