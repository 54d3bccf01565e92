"""Who tells people of an alert: driftboard itself, or Prometheus by way of Alertmanager. Never both."""

from driftboard.alert_settings import AlertSettings
from driftboard.render.alert_rule import AlertRule, Owner


def owner_of(rule: AlertRule, settings: AlertSettings) -> Owner:
    """Return who tells of it.

    What driftboard judges it also tells, once it sends messages at all (`alerts.dry_run = false` and a channel), unless
    the rule is switched off there (`[alerts.rules.NAME] enabled = false`): that hands it over to Prometheus.
    """
    sends = not settings.dry_run and bool(settings.channels)
    return "driftboard" if rule.judged and sends and settings.rule(rule.rule).enabled else "prometheus"
