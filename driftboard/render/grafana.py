"""Dashboards as Grafana reads them, built with its own Foundation SDK."""

import json
from typing import Any

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

from driftboard.config import Settings
from driftboard.exporter.families import MODEL, NEWEST
from driftboard.render.panel import CHOSEN, Board, Panel, Step
from driftboard.render.rules import dashboard_url
from driftboard.render.written_yaml import NOTE

DATASOURCE = "driftboard-prometheus"
"""Uid of the provisioned data source; a dashboard asks for one by a variable, so that it can be imported anywhere."""

_SOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
_TAG = "driftboard"
_HEIGHT = 8
_LOW_HEIGHT = 5
_KINDS: dict[str, Any] = {"stat": stat.Panel, "timeseries": timeseries.Panel, "bars": bargauge.Panel}


def as_json(board: Board, settings: Settings) -> str:
    """Return the text of a dashboard's file, keys in order."""
    builder = _empty(board, dashboard_url(settings))
    for heading, panels in board.rows:
        builder = builder.with_row(dashboard.Row(heading))
        for each in panels:
            builder = builder.with_panel(_panel(each))
    plain = json.loads(JSONEncoder().encode(builder.build()))
    return json.dumps(plain, sort_keys=True, indent=2, ensure_ascii=True) + "\n"


def _empty(board: Board, base_url: str) -> dashboard.Dashboard:
    builder = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(f"{board.description} ({NOTE})")
        .tags([_TAG])
        .timezone("browser")
        .refresh("1m")
        .time("now-6h", "now")
        .readonly()
        .link(dashboard.DashboardLink("driftboard").type(models.DashboardLinkType.LINK).url(base_url))
        .link(_siblings())
        .with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"))
    )
    for label in MODEL:
        builder = builder.with_variable(_variable(label))
    return builder


def _siblings() -> dashboard.DashboardLink:
    link = dashboard.DashboardLink("Dashboards").type(models.DashboardLinkType.DASHBOARDS).tags([_TAG])
    return link.include_vars(include_vars=True).keep_time(keep_time=True)


def _variable(label: str) -> dashboard.QueryVariable:
    """A choice of models; by default all."""
    chosen_before = ",".join(CHOSEN[: MODEL.index(label)])
    selector = f"{NEWEST.name}{{{chosen_before}}}" if chosen_before else NEWEST.name
    every = models.VariableOption(selected=True, text="All", value="$__all")
    return (
        dashboard.QueryVariable(label)
        .label(label.capitalize())
        .datasource(_SOURCE)
        .query(f"label_values({selector}, {label})")
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(multi=True)
        .include_all(include_all=True)
        .current(every)
    )


def _panel(each: Panel) -> Any:
    builder = (
        _KINDS[each.kind]()
        .title(each.title)
        .description(each.description)
        .datasource(_SOURCE)
        .unit(each.unit)
        .span(each.width)
        .height(_HEIGHT if each.kind == "timeseries" else _LOW_HEIGHT)
        .thresholds(_thresholds(each.steps or ((None, "green"),)))
    )
    for place, (expression, legend) in enumerate(each.queries):
        builder = builder.with_target(_query(expression, legend, chr(ord("A") + place), instant=each.kind == "bars"))
    if each.low is not None:
        builder = builder.min(each.low)
    if each.high is not None:
        builder = builder.max(each.high)
    return _dressed(builder, each)


def _dressed(builder: Any, each: Panel) -> Any:
    """What only this kind of panel has."""
    newest = common.ReduceDataOptions().calcs(["lastNotNull"])
    if each.kind == "stat":
        colour = common_models.BigValueColorMode.BACKGROUND if each.steps else common_models.BigValueColorMode.NONE
        return builder.reduce_options(newest).color_mode(colour).no_value("no data")
    if each.kind == "bars":
        return builder.reduce_options(newest).orientation(common_models.VizOrientation.HORIZONTAL)
    legend = common.VizLegendOptions().show_legend(show_legend=True)
    builder = builder.legend(
        legend.display_mode(common_models.LegendDisplayMode.LIST).placement(common_models.LegendPlacement.BOTTOM)
    )
    if each.steps:
        lines = common.GraphThresholdsStyleConfig().mode(common_models.GraphTresholdsStyleMode.DASHED)
        builder = builder.thresholds_style(lines)
    return builder


def _query(expression: str, legend: str, name: str, *, instant: bool) -> prometheus.Dataquery:
    query = prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(name)
    return query.instant() if instant else query.range()


def _thresholds(steps: tuple[Step, ...]) -> dashboard.ThresholdsConfig:
    found = [models.Threshold(value=value, color=colour) for value, colour in steps]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(found)
