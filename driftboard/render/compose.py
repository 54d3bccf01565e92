"""`compose.yml`: driftboard, Prometheus, Alertmanager and Grafana on one machine, reachable from that machine only."""

from typing import Any

from driftboard.config import Settings
from driftboard.render import container
from driftboard.render.prometheus import KEY_FILE, RULES
from driftboard.render.provisioning import DASHBOARDS
from driftboard.render.receivers import secret_names
from driftboard.render.written_yaml import as_yaml

PROMETHEUS, ALERTMANAGER, GRAFANA = "prom/prometheus:v2.53.4", "prom/alertmanager:v0.28.1", "grafana/grafana:11.6.0"
PASSWORD = "grafana-admin-password"  # noqa: S105 - the name of a file
_ABOUT = """\
docker compose up -d, once the secrets are there: see README.md. Every port is published on loopback only."""
_GRAFANA_MOUNTS = {"grafana/provisioning": "/etc/grafana/provisioning", "grafana/dashboards": DASHBOARDS}

Tree = dict[str, Any]


def compose_file(settings: Settings) -> str:
    """Return the text of `compose.yml`."""
    services = {
        "driftboard": _driftboard(settings),
        "prometheus": _prometheus(settings),
        "alertmanager": _alertmanager(settings),
        "grafana": _grafana(settings),
    }
    names = sorted({each["source"] for service in services.values() for each in service.get("secrets", ())})
    config = {
        "name": "driftboard",
        "services": services,
        "volumes": {f"{name}-data": {} for name in services},
        "secrets": {name: {"file": f"./secrets/{name}"} for name in names},
    }
    return as_yaml(config, about=_ABOUT)


def alertmanager_secrets(settings: Settings) -> tuple[str, ...]:
    """Return the names of the secret files that Alertmanager reads."""
    return tuple(each for name, channel in settings.alerts.channels.items() for each in secret_names(name, channel))


def prometheus_secrets(settings: Settings) -> tuple[str, ...]:
    """Return the names of the secret files that Prometheus reads."""
    return () if settings.metrics.open else (KEY_FILE,)


def _service(image: str, alive: list[str], *ports: int) -> Tree:
    return {
        "image": image,
        "restart": "unless-stopped",
        "ports": [f"127.0.0.1:{port}:{port}" for port in ports],
        "healthcheck": {"test": alive, "interval": "30s", "timeout": "10s", "retries": 3, "start_period": "60s"},
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
    }


def _driftboard(settings: Settings) -> Tree:
    alive = container.health_check(settings)
    return _service(settings.deploy.image, alive, *container.ports(settings).values()) | {
        "build": {"context": "..", "dockerfile": "deploy/Dockerfile"},
        "command": container.command(),
        "environment": container.environment(),
        "env_file": [{"path": "./driftboard.env", "required": False}],
        "volumes": [
            f"driftboard-data:{container.DATA}",
            f"./driftboard.toml:{container.CONFIG}:ro",
            f"./secrets:{settings.deploy.secrets}:ro",
        ],
        "stop_grace_period": "30s",
    }


def _prometheus(settings: Settings) -> Tree:
    return _service(PROMETHEUS, _asked(9090, "/-/healthy"), 9090) | {
        "command": [
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            "--storage.tsdb.retention.time=30d",
        ],
        "volumes": [
            "prometheus-data:/prometheus",
            "./prometheus.yml:/etc/prometheus/prometheus.yml:ro",
            f"./{RULES}:/etc/prometheus/{RULES}:ro",
        ],
        **_secrets(settings, *prometheus_secrets(settings)),
    }


def _alertmanager(settings: Settings) -> Tree:
    return _service(ALERTMANAGER, _asked(9093, "/-/healthy"), 9093) | {
        "command": ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager"],
        "volumes": [
            "alertmanager-data:/alertmanager",
            "./alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro",
        ],
        **_secrets(settings, *alertmanager_secrets(settings)),
    }


def _grafana(settings: Settings) -> Tree:
    """Grafana, whose administrator has the password of a file: without it nothing starts, and none is known to all."""
    return _service(GRAFANA, _asked(3000, "/api/health"), 3000) | {
        "environment": {
            "GF_SECURITY_ADMIN_PASSWORD__FILE": f"{settings.deploy.secrets}/{PASSWORD}",
            "GF_USERS_ALLOW_SIGN_UP": "false",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        },
        "volumes": [
            "grafana-data:/var/lib/grafana",
            *(f"./{ours}:{there}:ro" for ours, there in _GRAFANA_MOUNTS.items()),
        ],
        **_secrets(settings, PASSWORD),
    }


def _asked(port: int, path: str) -> list[str]:
    return ["CMD", "wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{port}{path}"]


def _secrets(settings: Settings, *names: str) -> Tree:
    found = [{"source": name, "target": f"{settings.deploy.secrets}/{name}"} for name in names]
    return {"secrets": found} if found else {}
