"""Where things stand once they are deployed: the section `[deploy]`, which `driftboard config render` reads."""

from pydantic import Field

from driftboard.section import Section


class DeploySettings(Section):
    """What `driftboard config render` cannot know by itself."""

    target: str = Field(default="driftboard:8502", description="host:port at which Prometheus reaches /metrics.")
    job: str = Field(default="driftboard", description="Prometheus' name for it.")
    scrape_interval: str = Field(default="15s", pattern=r"^[1-9]\d{0,4}[smh]$")
    alertmanager: str = Field(default="alertmanager:9093", description="host:port at which Prometheus reaches it.")
    prometheus: str = Field(default="http://prometheus:9090", description="Where Grafana reaches Prometheus.")
    secrets: str = Field(default="/run/secrets", description="Folder of secret files that Alertmanager reads.")
    image: str = Field(default="driftboard:latest", description="Container image of driftboard.")
    namespace: str = Field(default="monitoring", pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")
    storage: str = Field(default="20Gi", pattern=r"^[1-9]\d{0,5}(Mi|Gi|Ti)$", description="Size of the log's volume.")
    dashboard_url: str = Field(default="", description="Linked from alerts; dashboard.base_url when empty.")
