"""`prometheus.yml`: where driftboard is scraped, which rules are evaluated, where alerts go."""

from typing import Any

from driftboard.config import Settings
from driftboard.render.written_yaml import as_yaml

RULES = "rules/driftboard.rules.yml"
KEY_FILE = "driftboard-metrics-key"
"""Name of the secret file that holds an API key which may read, where /metrics asks for one."""

SAMPLE_LIMIT = 200_000
"""Beyond it Prometheus drops the whole scrape and `DriftboardDown` fires: better than to fill a disk."""


def prometheus_file(settings: Settings) -> str:
    """Return the text of `prometheus.yml`."""
    deploy = settings.deploy
    config = {
        "global": {"scrape_interval": deploy.scrape_interval, "evaluation_interval": deploy.scrape_interval},
        "rule_files": [RULES],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [deploy.alertmanager]}]}]},
        "scrape_configs": [_driftboard(settings), _itself()],
    }
    return as_yaml(
        config, about="What Prometheus scrapes and evaluates: promtool check config says whether it is sound."
    )


def _driftboard(settings: Settings) -> dict[str, Any]:
    """The job. Prometheus' own labels win (no honor_labels): a model's name cannot pose as another target."""
    job: dict[str, Any] = {
        "job_name": settings.deploy.job,
        "metrics_path": "/metrics",
        "sample_limit": SAMPLE_LIMIT,
        "label_value_length_limit": 1024,
        "static_configs": [{"targets": [settings.deploy.target]}],
    }
    if not settings.metrics.open:
        job["authorization"] = {"type": "Bearer", "credentials_file": f"{settings.deploy.secrets}/{KEY_FILE}"}
    return job


def _itself() -> dict[str, Any]:
    return {"job_name": "prometheus", "static_configs": [{"targets": ["localhost:9090"]}]}
