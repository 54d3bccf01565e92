"""Manifests for Kubernetes: one driftboard with its volume, asked whether it is alive and ready."""

from typing import Any

from driftboard.config import Settings
from driftboard.render import container
from driftboard.render.settings_toml import settings_toml
from driftboard.render.written_yaml import as_yaml

NAME = "driftboard"
SECRET = "driftboard-secrets"  # noqa: S105 - the name of one
_LABELS = {"app.kubernetes.io/name": NAME}
_CONFIG_FOLDER = container.CONFIG.rpartition("/")[0]

Tree = dict[str, Any]


def kubernetes_files(settings: Settings) -> dict[str, str]:
    """Return the text of each manifest, by the name of its file."""
    return {
        "driftboard.yaml": as_yaml(
            _namespace(settings),
            _config(settings),
            _claim(settings),
            _deployment(settings),
            _service(settings),
            about="kubectl apply -f kubernetes/driftboard.yaml, once there is a key: see README.md.",
        ),
        "shell.yaml": as_yaml(
            _shell(settings),
            about="A shell on driftboard's volume, to make the first key: see README.md. Delete it afterwards.",
        ),
    }


def _meta(settings: Settings, name: str = NAME) -> Tree:
    return {"name": name, "namespace": settings.deploy.namespace, "labels": _LABELS}


def _namespace(settings: Settings) -> Tree:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": settings.deploy.namespace}}


def _config(settings: Settings) -> Tree:
    data = {"driftboard.toml": settings_toml(settings)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _meta(settings), "data": data}


def _claim(settings: Settings) -> Tree:
    asked = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": settings.deploy.storage}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": _meta(settings), "spec": asked}


def _deployment(settings: Settings) -> Tree:
    """One pod, ended before the next begins: a volume, and a database file, have one machine."""
    inside = _container(settings) | {
        "args": container.command(),
        "ports": [{"name": name, "containerPort": port} for name, port in container.ports(settings).items()],
        "startupProbe": _probe(container.ALIVE, period=5, failures=60),
        "livenessProbe": _probe(container.ALIVE, period=30, failures=3),
        "readinessProbe": _probe(container.READY, period=15, failures=2),
        "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "4Gi"}},
    }
    spec = {
        "replicas": 1,
        "strategy": {"type": "Recreate"},
        "selector": {"matchLabels": _LABELS},
        "template": {"metadata": {"labels": _LABELS}, "spec": _pod(inside)},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _meta(settings), "spec": spec}


def _shell(settings: Settings) -> Tree:
    inside = _container(settings) | {"command": ["sleep", "3600"]}
    pod = _pod(inside) | {"restartPolicy": "Never"}
    meta = _meta(settings, f"{NAME}-shell") | {"labels": {"app.kubernetes.io/name": f"{NAME}-shell"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod}


def _container(settings: Settings) -> Tree:
    closed = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return {
        "name": NAME,
        "image": settings.deploy.image,
        "env": [{"name": name, "value": value} for name, value in container.environment().items()],
        "envFrom": [{"secretRef": {"name": SECRET, "optional": True}}],
        "securityContext": closed,
        "volumeMounts": [
            {"name": "data", "mountPath": container.DATA},
            {"name": "config", "mountPath": _CONFIG_FOLDER, "readOnly": True},
            {"name": "secrets", "mountPath": settings.deploy.secrets, "readOnly": True},
        ],
    }


def _pod(inside: Tree) -> Tree:
    user = {"runAsNonRoot": True, "runAsUser": container.USER, "fsGroup": container.USER}
    return {
        "automountServiceAccountToken": False,
        "securityContext": user | {"seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [inside],
        "volumes": [
            {"name": "data", "persistentVolumeClaim": {"claimName": NAME}},
            {"name": "config", "configMap": {"name": NAME}},
            {"name": "secrets", "secret": {"secretName": SECRET, "optional": True}},
        ],
    }


def _probe(path: str, *, period: int, failures: int) -> Tree:
    asked = {"httpGet": {"path": path, "port": "api"}}
    return asked | {"periodSeconds": period, "timeoutSeconds": 5, "failureThreshold": failures}


def _service(settings: Settings) -> Tree:
    ports = [{"name": name, "port": port, "targetPort": name} for name, port in container.ports(settings).items()]
    scraped = {"prometheus.io/scrape": "true", "prometheus.io/port": str(settings.api.port)}
    meta = _meta(settings) | {"annotations": scraped}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"selector": _LABELS, "ports": ports}}
