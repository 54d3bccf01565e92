"""Configurations that are rendered in tests: as it comes, with every channel, with names that mean harm."""

from driftboard.config import Settings

HOSTILE = 'x"} or vector(1) # \\ {{ $labels.x }} <!channel> \U0001f642'

_CHANNELS = {
    "ops": {"type": "slack", "webhook_url": "env:SLACK_URL", "min_severity": "warning"},
    "Night shift!": {"type": "pagerduty", "routing_key": "file:/run/secrets/pager", "region": "eu"},
    "mail": {
        "type": "email",
        "host": "mail.example.com",
        "sender": "driftboard@example.com",
        "recipients": ["oncall@example.com", "ml@example.com"],
        "username": "driftboard",
        "password": "env:MAIL_PASSWORD",
    },
    "relay": {"type": "email", "host": "relay", "port": 25, "tls": "none", "sender": "a@b.example",
              "recipients": ["c@d.example"]},
    "hook": {"type": "webhook", "url": "env:HOOK_URL", "min_severity": "info"},
    "chat": {"type": "apprise", "url": "env:CHAT_URL"},
    "hub": {"type": "alertmanager", "urls": ["http://127.0.0.1:9093"]},
}  # fmt: skip


def default() -> Settings:
    """Nothing configured."""
    return Settings()


def every_channel() -> Settings:
    """All kinds of channels, routes, quiet hours, another objective for some models."""
    alerts = {
        "dry_run": False,
        "channels": _CHANNELS,
        "routes": [
            {
                "match": {"model": "churn*", "rule": "high_*", "severity": "critical"},
                "channels": ["Night shift!", "ops"],
            },
            {"match": {"environment": "staging"}, "channels": ["chat"]},
            {"channels": ["ops", "mail", "relay", "hook"]},
        ],
        "quiet_hours": {"start": "22:00", "end": "07:00", "timezone": "Europe/Berlin"},
        "inhibit": [{"source": "high_error_rate", "targets": ["high_latency", "schema"], "same_subject": False}],
        "rules": {"low_accuracy": {"enabled": False}},
    }  # fmt: skip
    slo = {"models": {"churn": {"latency_p95": 0.25}, "churn:3@production": {"latency_p99": 1.0, "error_rate": 0.05}}}
    return Settings(alerts=alerts, slo=slo, metrics={"open": False}, monitors={"policy": "classic"})


def hostile() -> Settings:
    """Names that would be PromQL, YAML, TOML, a template or a mention, were they not quoted."""
    channel = {"type": "slack", "webhook_url": "env:X"}
    match = {"model": HOSTILE, "environment": "*[a](b) c-d#e", "subject": HOSTILE}
    return Settings(
        alerts={
            "channels": {HOSTILE: channel, HOSTILE + " ": channel},
            "routes": [{"match": match, "channels": [HOSTILE]}],
        },
        slo={"models": {HOSTILE.replace(":", "").replace("@", ""): {"latency_p95": 1.0}}},
    )


ALL = {"default": default, "every channel": every_channel, "hostile": hostile}
