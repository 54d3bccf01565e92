"""The file of alert rules that Prometheus evaluates."""

from collections.abc import Iterable
from dataclasses import replace

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.severity import Severity
from driftboard.config import Settings
from driftboard.render.alert_rule import AlertRule
from driftboard.render.drift_alerts import drift_alerts
from driftboard.render.health_alerts import health_alerts
from driftboard.render.owners import owner_of
from driftboard.render.service_alerts import service_alerts
from driftboard.render.slo_alerts import slo_alerts
from driftboard.render.written_yaml import as_yaml

_EVERY = {"driftboard-slo": "1m"}
"""Sums over days are dear, and no faster to change."""


def rule_groups(settings: Settings) -> dict[str, tuple[AlertRule, ...]]:
    """Return every alert, by group; none is graver than `[alerts.rules]` lets it be."""
    groups = {
        "driftboard-service": service_alerts(settings),
        "driftboard-slo": slo_alerts(settings),
        "driftboard-drift": drift_alerts(settings),
        "driftboard-health": health_alerts(settings),
    }
    return {name: _capped(rules, settings.alerts) for name, rules in groups.items()}


def _capped(rules: Iterable[AlertRule], alerts: AlertSettings) -> tuple[AlertRule, ...]:
    """Of two that are the same once they are capped the milder one stays: it fires whenever the other does."""
    capped = (replace(rule, severity=_at_most(rule, alerts)) for rule in rules)
    return tuple({(rule.alert, rule.severity, rule.labels): rule for rule in capped}.values())


def _at_most(rule: AlertRule, alerts: AlertSettings) -> Severity:
    most = alerts.rule(rule.rule).severity
    return rule.severity if most == "as judged" else min(rule.severity, Severity(most), key=lambda each: each.rank)


def rules_file(settings: Settings) -> str:
    """Return the text of `rules/driftboard.rules.yml`."""
    base_url = dashboard_url(settings)
    groups = [
        {"name": name}
        | ({"interval": _EVERY[name]} if name in _EVERY else {})
        | {"rules": [rule.as_yaml(owner_of(rule, settings.alerts), base_url) for rule in rules]}
        for name, rules in rule_groups(settings).items()
        if rules
    ]
    return as_yaml(
        {"groups": groups}, about="Alert rules of Prometheus: promtool check rules says whether they are sound."
    )


def dashboard_url(settings: Settings) -> str:
    """Return where people reach driftboard's dashboard, without a slash at the end."""
    return (settings.deploy.dashboard_url or settings.dashboard.base_url).rstrip("/")
