"""The chart that proves an incident, as Vega-Lite: an image in mail and evidence file, live on the dashboard."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from driftboard.alerts.plain import one_line
from driftboard.alerts.png import tightened
from driftboard.alerts.series import Point, Series

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # a name: nothing is fetched
_VERSION = "6.4"
_WIDTH, _HEIGHT = 620, 250
_FONT = "DejaVu Sans, Liberation Sans, Arial, sans-serif"
_TIMES = (
    "utchours(datum.value) || utcminutes(datum.value) ? utcFormat(datum.value, '%H:%M') "
    ": utcdate(datum.value) != 1 ? utcFormat(datum.value, '%-d %b') "
    ": utcmonth(datum.value) ? utcFormat(datum.value, '%b') : utcFormat(datum.value, '%Y')"
)


@dataclass(frozen=True, slots=True)
class Colours:
    """The few colours of a chart; those of the dashboard's palette."""

    text: str
    muted: str
    faint: str
    line: str
    reference: str
    warning: str
    bad: str
    background: str


LIGHT = Colours("#1B2530", "#5E6872", "#C9D1D9", "#0072B2", "#8C959F", "#E69F00", "#A3123A", "#FFFFFF")
DARK = Colours("#E4E9EE", "#9AA5B1", "#3A4550", "#56A9DE", "#7D8894", "#E69F00", "#FF6B81", "#11161C")


def chart_spec(series: Series, *, dark: bool = False) -> dict[str, Any]:
    """Return a Vega-Lite specification with its values inside; it names no address that anything is loaded from."""
    colours = DARK if dark else LIGHT
    return {
        "$schema": _SCHEMA,
        "description": _description(series),
        "title": {"text": _title(series), "subtitle": _subtitle(series)},
        "width": _WIDTH,
        "height": _HEIGHT,
        "layer": [
            *_span(series, colours),
            *_band(series, colours),
            *_limits(series, colours),
            _line(series, colours),
            _marks(series, colours),
        ],
        "config": _config(colours),
    }


def chart_png(series: Series) -> bytes:
    """Return the light chart as a PNG, without any network."""
    import vl_convert  # noqa: PLC0415 - a JavaScript engine: whoever sends no chart never starts it

    image = vl_convert.vegalite_to_png(chart_spec(series), vl_version=_VERSION, scale=1.5, allowed_base_urls=[])
    return tightened(bytes(image))


def chart_svg(series: Series) -> str:
    """Return the light chart as SVG, without any network."""
    import vl_convert  # noqa: PLC0415

    return str(vl_convert.vegalite_to_svg(chart_spec(series), vl_version=_VERSION, allowed_base_urls=[]))


def _title(series: Series) -> str:
    subject = one_line(series.subject, limit=60)
    return f"{series.title}: {subject}" if subject else series.title


def _subtitle(series: Series) -> str:
    bad = sum(point.bad for point in series.points)
    return f"{series.measure}; {bad} of {len(series.points)} batches at {series.least} or worse (squares)"


def _description(series: Series) -> str:
    """What a screen reader says."""
    newest = next((point for point in reversed(series.points) if point.bad), series.points[-1])
    form = f"{newest.value:.1%}" if series.is_share else f"{newest.value:.3g}"
    return f"{_title(series)}. {_subtitle(series)}. {one_line(newest.batch_id, limit=60)}: {form}."


def _rows(points: tuple[Point, ...]) -> list[dict[str, Any]]:
    return [
        {
            "at": _when(point.at),
            "batch": one_line(point.batch_id, limit=60),
            "value": point.value,
            "low": point.low,
            "high": point.high,
            "n": point.n,
            "state": "bad" if point.bad else "ok",
        }
        for point in points
    ]


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def _x(field: str = "at") -> dict[str, Any]:
    axis = {"title": None, "labelExpr": _TIMES, "labelOverlap": "greedy", "tickCount": 8, "grid": False}
    return {"field": field, "type": "temporal", "scale": {"type": "utc", "nice": False, "padding": 12}, "axis": axis}


def _y(series: Series, field: str = "value") -> dict[str, Any]:
    axis = {"title": None, "format": "~%" if series.is_share else "~g", "tickCount": 5}
    return {"field": field, "type": "quantitative", "scale": {"zero": False, "nice": True}, "axis": axis}


def _span(series: Series, colours: Colours) -> list[dict[str, Any]]:
    if series.since is None or not series.points:
        return []
    start = max(series.since, series.points[0].at)
    end = max(start, series.until or series.points[-1].at)
    row = {"start": _when(start), "end": _when(end)}
    mark = {"type": "rect", "color": colours.bad, "opacity": 0.08, "stroke": colours.bad, "strokeOpacity": 0.35}
    return [
        {
            "data": {"values": [row]},
            "mark": mark,
            "encoding": {"x": _x("start"), "x2": {"field": "end"}},
        }
    ]


def _band(series: Series, colours: Colours) -> list[dict[str, Any]]:
    known = tuple(point for point in series.points if point.low is not None and point.high is not None)
    if not known:
        return []
    encoding = {"x": _x(), "y": _y(series, "low"), "y2": {"field": "high"}}
    one = {"type": "rule", "color": colours.line, "opacity": 0.5}
    mark = {"type": "area", "color": colours.line, "opacity": 0.18} if len(known) > 1 else one
    return [{"data": {"values": _rows(known)}, "mark": mark, "encoding": encoding}]


def _limits(series: Series, colours: Colours) -> list[dict[str, Any]]:
    """The floors and the reference: dashed lines, each with its name beyond the right end, away from the data."""
    lines = [
        (series.page, "page", colours.bad, [6, 3]),
        (None if series.warning == series.page else series.warning, "warning", colours.warning, [6, 3]),
        (series.reference, "reference", colours.reference, [2, 3]),
    ]
    known = sorted((value, name, colour, dash) for value, name, colour, dash in lines if value is not None)
    places = {0: "top", len(known) - 1: "bottom"} if len(known) > 1 else {}
    return [
        layer
        for place, line in enumerate(known)
        for layer in _limit(series, *line, baseline=places.get(place, "middle"))
    ]


def _limit(
    series: Series, value: float, name: str, colour: str, dash: list[int], *, baseline: str
) -> list[dict[str, Any]]:
    said = f"{name} {value:.1%}" if series.is_share else f"{name} {value:.2g}"
    data = {"values": [{"limit": value, "label": said}]}
    y = _y(series, "limit")
    rule = {"type": "rule", "color": colour, "strokeDash": dash, "strokeWidth": 1.5}
    words = {"type": "text", "align": "left", "baseline": baseline, "dx": 5, "fontSize": 11}
    at_right = {"x": {"value": "width"}, "y": y, "text": {"field": "label"}}
    return [{"data": data, "mark": rule, "encoding": {"y": y}}, {"data": data, "mark": words, "encoding": at_right}]


def _line(series: Series, colours: Colours) -> dict[str, Any]:
    mark = {"type": "line", "color": colours.line, "strokeWidth": 1.8}
    return {"data": {"values": _rows(series.points)}, "mark": mark, "encoding": {"x": _x(), "y": _y(series)}}


def _marks(series: Series, colours: Colours) -> dict[str, Any]:
    """The batches: a bad one is a square in the colour of what is critical, so that neither alone tells it."""
    domain = ["ok", "bad"]
    shape = {"field": "state", "type": "nominal", "scale": {"domain": domain, "range": ["circle", "square"]}}
    colour = {"field": "state", "type": "nominal", "scale": {"domain": domain, "range": [colours.line, colours.bad]}}
    size = {"field": "state", "type": "ordinal", "scale": {"domain": domain, "range": [34, 78]}}
    encoding = {
        "x": _x(),
        "y": _y(series),
        "shape": shape | {"legend": None},
        "color": colour | {"legend": None},
        "size": size | {"legend": None},
        "tooltip": _tooltip(series),
    }
    mark = {"type": "point", "filled": True, "opacity": 1}
    return {"data": {"values": _rows(series.points)}, "mark": mark, "encoding": encoding}


def _tooltip(series: Series) -> list[dict[str, Any]]:
    form = ".1%" if series.is_share else ".3~g"
    shown = [
        {"field": "batch", "type": "nominal", "title": "Batch"},
        {"field": "value", "type": "quantitative", "title": series.measure, "format": form},
        {"field": "n", "type": "quantitative", "title": "n", "format": ","},
        {"field": "state", "type": "nominal", "title": "State"},
    ]
    interval = [
        {"field": name, "type": "quantitative", "title": f"95 % {word}", "format": form}
        for name, word in (("low", "from"), ("high", "to"))
    ]
    return shown + (interval if any(point.low is not None for point in series.points) else [])


def _config(colours: Colours) -> dict[str, Any]:
    axis = {
        "labelColor": colours.muted,
        "titleColor": colours.muted,
        "gridColor": colours.faint,
        "gridOpacity": 0.5,
        "domainColor": colours.faint,
        "tickColor": colours.faint,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    }
    title = {
        "anchor": "start",
        "color": colours.text,
        "fontSize": 14,
        "subtitleColor": colours.muted,
        "subtitleFontSize": 12,
        "offset": 10,
    }
    text = {"color": colours.text}
    view = {"stroke": None}
    return {"background": colours.background, "font": _FONT, "axis": axis, "title": title, "text": text, "view": view}
