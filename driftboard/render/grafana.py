"""Dashboards as Grafana reads them, built with its own Foundation SDK; and the files that provision them."""

import json
from typing import Any

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

from driftboard.config import Settings
from driftboard.exporter.families import MODEL, NEWEST
from driftboard.render.panel import Board, Panel, Step
from driftboard.render.rules import dashboard_url
from driftboard.render.written_yaml import NOTE

DATASOURCE = "driftboard-prometheus"
"""Uid of the provisioned data source; a dashboard asks for one by a variable, so that it can be imported anywhere."""

_SOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
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
        .tags(["driftboard"])
        .timezone("browser")
        .refresh("1m")
        .time("now-6h", "now")
        .readonly()
        .link(_link("driftboard", base_url))
        .link(
            dashboard.DashboardLink("Dashboards")
            .type(models.DashboardLinkType.DASHBOARDS)
            .tags(["driftboard"])
            .include_vars(include_vars=True)
            .keep_time(keep_time=True)
        )
        .with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"))
    )
    for label in MODEL:
        builder = builder.with_variable(_variable(label))
    return builder
