"""The ways out: the sections `[alerts.channels.NAME]`. Secrets are references, shown as asterisks everywhere."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from driftboard.section import Section

_SECRET = "A reference to the secret: env:NAME or file:PATH."  # noqa: S105 - says what to write


class _Channel(Section):
    """What every channel has."""

    min_severity: Literal["info", "warning", "critical"] = "critical"
    fallback: str | None = Field(default=None, description="The channel that is told when this one is broken for good.")
    min_seconds: float = Field(default=1.0, ge=0, description="Least time between two messages.")
    max_per_hour: int = Field(default=60, ge=1, description="More are merged into fewer; first criticals never wait.")


class _WebChannel(_Channel):
    """What every channel that speaks https has."""

    allow_hosts: tuple[str, ...] = Field(default=(), description="Hosts it may be on besides the service's own.")
    allow_private: bool = Field(default=False, description="True: these may have addresses of a private network.")


class SlackSettings(_WebChannel):
    """One incoming webhook."""

    type: Literal["slack"]
    webhook_url: SecretStr = Field(description=_SECRET)
    min_severity: Literal["info", "warning", "critical"] = "warning"


class EmailSettings(_Channel):
    """One SMTP relay and whom it writes to."""

    type: Literal["email"]
    host: str
    port: int = Field(default=587, gt=0, lt=65536)
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    username: str | None = None
    password: SecretStr | None = Field(default=None, description=_SECRET)
    sender: str
    recipients: tuple[str, ...] = Field(min_length=1)


class PagerDutySettings(_WebChannel):
    """One integration (Events API v2)."""

    type: Literal["pagerduty"]
    routing_key: SecretStr = Field(description=_SECRET)
    region: Literal["us", "eu"] = "us"
    url: str | None = Field(default=None, description="Instead of PagerDuty's own: a relay, named in allow_hosts.")


class WebhookSettings(_WebChannel):
    """Any https address, told in JSON; signed when there is a signing key."""

    type: Literal["webhook"]
    url: SecretStr = Field(description=_SECRET)
    signing_key: SecretStr | None = Field(default=None, description=_SECRET)
    min_severity: Literal["info", "warning", "critical"] = "warning"


class AlertmanagerSettings(_Channel):
    """An Alertmanager that groups, repeats, escalates and silences by itself; every instance is told."""

    type: Literal["alertmanager"]
    urls: tuple[str, ...] = Field(min_length=1, description="As in http://127.0.0.1:9093; http is allowed here.")
    min_severity: Literal["info", "warning", "critical"] = "warning"


class AppriseSettings(_Channel):
    """One of the hundred services that Apprise knows; needs `pip install 'driftboard[apprise]'`."""

    type: Literal["apprise"]
    url: SecretStr = Field(description=_SECRET)
    min_severity: Literal["info", "warning", "critical"] = "warning"


ChannelSettings = Annotated[
    SlackSettings | EmailSettings | PagerDutySettings | WebhookSettings | AlertmanagerSettings | AppriseSettings,
    Field(discriminator="type"),
]
