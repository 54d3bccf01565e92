"""What Grafana reads as it starts: its data source, and where the dashboards are."""

from driftboard.config import Settings
from driftboard.render.grafana import DATASOURCE
from driftboard.render.written_yaml import as_yaml

DASHBOARDS = "/etc/grafana/dashboards"


def datasources_file(settings: Settings) -> str:
    """Return the text of `grafana/provisioning/datasources/driftboard.yml`."""
    source = {
        "name": "driftboard Prometheus",
        "uid": DATASOURCE,
        "type": "prometheus",
        "access": "proxy",
        "url": settings.deploy.prometheus,
        "isDefault": True,
        "editable": False,
        "jsonData": {"httpMethod": "POST", "timeInterval": settings.deploy.scrape_interval},
    }
    return as_yaml({"apiVersion": 1, "datasources": [source]}, about="The Prometheus that Grafana asks.")


def dashboards_file() -> str:
    """Return the text of `grafana/provisioning/dashboards/driftboard.yml`."""
    provider = {
        "name": "driftboard",
        "folder": "driftboard",
        "type": "file",
        "allowUiUpdates": False,
        "disableDeletion": True,
        "options": {"path": DASHBOARDS},
    }
    return as_yaml({"apiVersion": 1, "providers": [provider]}, about="Where Grafana finds the dashboards.")
