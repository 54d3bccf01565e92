"""What is wrong with the rendered files, or probably not meant: by our own tables, and by the servers' own tools."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from driftboard.channel_settings import AlertmanagerSettings, AppriseSettings, EmailSettings
from driftboard.config import Settings
from driftboard.exporter.families import FAMILIES, PREFIX
from driftboard.render.folder import changes, write
from driftboard.render.prometheus import RULES

_NAME = re.compile(rf"\b{PREFIX}[a-z0-9_]+")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_ENDINGS = {"counter": ("",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
_DEADLINE = 30
_IMPLICIT_PORT = 465


def problems(texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is wrong, a line each; empty when all is sound. Runs promtool and amtool where they are on PATH."""
    return (*_unknown_metrics(texts), *_refused(texts))


def remarks(settings: Settings) -> tuple[str, ...]:
    """Return what is allowed and probably not meant, a line each; for `driftboard doctor`, too."""
    return (*told_twice(settings), *_not_told(settings), *_tools())


def expressions(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (where, PromQL) of every rule and every panel."""
    for group in yaml.safe_load(texts[RULES])["groups"]:
        for rule in group["rules"]:
            yield f"alert {rule['alert']}", rule["expr"]
    for path, text in texts.items():
        if path.startswith("grafana/dashboards/"):
            for panel in json.loads(text)["panels"]:
                for target in panel.get("targets", ()):
                    yield f"{path}, panel {panel['title']!r}", target["expr"]


def metric_names(expression: str) -> set[str]:
    """Return the names of driftboard's metrics in PromQL.

    >>> metric_names('rate(driftboard_requests_total{model="driftboard_x"}[5m])')
    {'driftboard_requests_total'}
    """
    return set(_NAME.findall(_STRING.sub('""', expression)))


def _unknown_metrics(texts: Mapping[str, str]) -> Iterator[str]:
    known = {family.name + ending for family in FAMILIES for ending in _ENDINGS[family.kind]}
    for where, expression in expressions(texts):
        for name in sorted(metric_names(expression) - known):
            yield f"{where}: no metric is called {name}"


def _refused(texts: Mapping[str, str]) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(changes(texts, folder), folder)
        yield from _asked("promtool", ["check", "config", "--syntax-only", str(folder / "prometheus.yml")])
        yield from _asked("promtool", ["check", "rules", str(folder / RULES)])
        yield from _asked("amtool", ["check-config", str(folder / "alertmanager.yml")])


def _asked(tool: str, arguments: list[str]) -> Iterator[str]:
    """Run one of the servers' tools, if it is there; yield what it has against a file."""
    path = shutil.which(tool)
    if path is None:
        return
    try:
        done = subprocess.run([path, *arguments], capture_output=True, timeout=_DEADLINE, check=False)  # noqa: S603 - a tool by its path, on files of ours
    except (OSError, subprocess.TimeoutExpired) as error:
        yield f"{tool} could not be run: {type(error).__name__}"
        return
    if done.returncode:
        said = b" ".join((done.stdout + done.stderr).split()).decode(errors="replace")
        yield f"{tool} refuses {Path(arguments[-1]).name}: {said}"


def _tools() -> Iterator[str]:
    for tool in ("promtool", "amtool"):
        if shutil.which(tool) is None:
            yield f"{tool} is not on PATH: what it would say of these files is not known"


def told_twice(settings: Settings) -> Iterator[str]:
    """One owner of each alert: a channel `alertmanager` hands over what the channels beside it tell people already."""
    alerts = settings.alerts
    if alerts.dry_run:
        return
    routes = [route.channels for route in alerts.routes] if alerts.routes else [tuple(alerts.channels)]
    for names in dict.fromkeys(routes):
        hubs = [name for name in names if isinstance(alerts.channels[name], AlertmanagerSettings)]
        direct = [name for name in names if name not in hubs]
        if hubs and direct:
            yield (
                f"channels {direct[0]!r} and {hubs[0]!r} are told of the same incidents, and the rendered Alertmanager "
                f"tells {direct[0]!r} too: take one of them out of the route, or people are told twice"
            )


def _not_told(settings: Settings) -> Iterator[str]:
    """Channels that Alertmanager cannot reach as it is rendered."""
    for name, channel in settings.alerts.channels.items():
        if isinstance(channel, AppriseSettings):
            yield f"channel {name!r}: Alertmanager knows no Apprise, so it tells this channel nothing"
        if isinstance(channel, EmailSettings) and channel.tls == "implicit" and channel.port != _IMPLICIT_PORT:
            yield f"channel {name!r}: Alertmanager speaks TLS from the start on port 465 only"
