"""Receivers of Alertmanager, made of the configured channels; a secret is the path of a file, never itself.

What a message says is not driftboard's here but Alertmanager's; title and text of Slack and PagerDuty are ours, in
Alertmanager's templates, which escape nothing: Slack's markup characters are replaced in them.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from driftboard.channel_settings import (
    EmailSettings,
    PagerDutySettings,
    SlackSettings,
    WebhookSettings,
)
from driftboard.config import Settings

NOBODY = "nobody"
_UNFIT = re.compile(r"[^a-z0-9]+")
_REGIONS = {"us": "https://events.pagerduty.com/v2/enqueue", "eu": "https://events.eu.pagerduty.com/v2/enqueue"}
_TITLE = (
    "[{{ .Status | toUpper }}] {{ .CommonLabels.severity }}: {{ .CommonLabels.alertname }}"
    "{{ with .CommonLabels.model }} of {{ . }}{{ end }}"
)
_TEXT = """\
{{ range .Alerts }}{{ .Annotations.summary }}
{{ .Annotations.description }}
{{ .Annotations.dashboard }}
{{ .Annotations.runbook_url }}
{{ end }}"""

Receiver = dict[str, Any]


def slug(name: str) -> str:
    """Return a channel's name as files and receivers are called: unlike for unlike names.

    >>> slug("ops"), slug("Ops!")
    ('ops', 'ops-492cc6bc')
    """
    plain = _UNFIT.sub("-", name.lower()).strip("-")[:40]
    if plain == name:
        return plain
    mark = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{plain}-{mark}" if plain else mark


def secret_names(name: str, channel: object) -> tuple[str, ...]:
    """Return the names of the secret files that a channel's receiver reads."""
    if isinstance(channel, SlackSettings):
        return (f"{slug(name)}.webhook_url",)
    if isinstance(channel, PagerDutySettings):
        return (f"{slug(name)}.routing_key",)
    if isinstance(channel, WebhookSettings):
        return (f"{slug(name)}.url",)
    if isinstance(channel, EmailSettings) and channel.password is not None:
        return (f"{slug(name)}.password",)
    return ()


def receivers(settings: Settings) -> dict[str, Receiver]:
    """Return a receiver for each channel that Alertmanager can reach by itself, by the channel's name."""
    made: dict[str, Receiver] = {}
    for name, channel in settings.alerts.channels.items():
        make = next((make for kind, make in _KINDS.items() if isinstance(channel, kind)), None)
        if make is not None:
            files = [f"{settings.deploy.secrets}/{each}" for each in secret_names(name, channel)]
            made[name] = {"name": slug(name)} | make(channel, *files)
    return made


def _slack(_: SlackSettings, url_file: str) -> Receiver:
    config = {
        "api_url_file": url_file,
        "send_resolved": True,
        "title": _for_slack(_TITLE),
        "text": _for_slack(_TEXT),
        "mrkdwn_in": [],
    }
    return {"slack_configs": [config]}


def _for_slack(template: str) -> str:
    """Escape what Slack would read as a mention or a link, in every value that a template writes."""
    escape = '| reReplaceAll "&" "&amp;" | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;"'
    return re.sub(r"\{\{ (\.[\w.]*(?: \| toUpper)?) \}\}", lambda match: f"{{{{ {match[1]} {escape} }}}}", template)


def _pagerduty(channel: PagerDutySettings, key_file: str) -> Receiver:
    config = {
        "routing_key_file": key_file,
        "url": channel.url or _REGIONS[channel.region],
        "severity": "{{ .CommonLabels.severity }}",
        "description": _TITLE,
    }
    return {"pagerduty_configs": [config]}


def _email(channel: EmailSettings, *password_file: str) -> Receiver:
    default = {"starttls": True, "implicit": False, "none": False}
    config: dict[str, Any] = {
        "to": ", ".join(channel.recipients),
        "from": channel.sender,
        "smarthost": f"{channel.host}:{channel.port}",
        "require_tls": default[channel.tls],
        "send_resolved": True,
    }
    if channel.username is not None:
        config |= {"auth_username": channel.username, "auth_password_file": password_file[0]}
    return {"email_configs": [config]}


def _webhook(_: WebhookSettings, url_file: str) -> Receiver:
    return {"webhook_configs": [{"url_file": url_file, "send_resolved": True}]}


_KINDS: dict[type, Callable[..., Receiver]] = {
    SlackSettings: _slack,
    PagerDutySettings: _pagerduty,
    EmailSettings: _email,
    WebhookSettings: _webhook,
}
