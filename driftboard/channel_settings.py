"""The ways out: the sections `[alerts.channels.NAME]`. Secrets are references, shown as asterisks everywhere."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from driftboard.section import SecretRef, Section

_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")
_HOST = re.compile(r"[^\s/@:?#]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def _mailbox(text: str) -> str:
    if not text.isprintable() or _ADDRESS.fullmatch(text) is None:
        raise ValueError("write an address as in oncall@example.com")
    return text


def _host(text: str) -> str:
    if not text.isprintable() or _HOST.fullmatch(text) is None:
        raise ValueError("write a host as in example.com or example.com:8443, without https:// and path")
    return text


def _web_address(url: str, schemes: tuple[str, ...]) -> str:
    """The address, once it is plain; the errors never hold it, since people put passwords into addresses."""
    allowed = " or ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port != 0
    except ValueError:
        raise ValueError(f"this is no web address: write {allowed}host:port/path") from None
    if parts.scheme not in schemes or not parts.hostname or not port_is_fine or not url.isprintable() or " " in url:
        raise ValueError(f"this is no web address that can be used here: it begins with {allowed}and names a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a name or password does not belong into an address")
    return url


def _https(url: str) -> str:
    return _web_address(url, ("https",))


def _http_or_https(url: str) -> str:
    return _web_address(url, ("https", "http"))


Mailbox = Annotated[str, AfterValidator(_mailbox)]
Host = Annotated[str, AfterValidator(_host)]
HttpsAddress = Annotated[str, AfterValidator(_https)]
WebAddress = Annotated[str, AfterValidator(_http_or_https)]

_SECRET = "A reference to the secret: env:NAME or file:PATH."  # noqa: S105 - says what to write


class _Channel(Section):
    """What every channel has."""

    min_severity: Literal["info", "warning", "critical"] = "critical"
    fallback: str | None = Field(default=None, description="The channel that is told when this one is broken for good.")
    min_seconds: float = Field(default=1.0, ge=0, description="Least time between two messages.")
    max_per_hour: int = Field(default=60, ge=1, description="More are merged into fewer; first criticals never wait.")


class _WebChannel(_Channel):
    """What every channel that speaks https has."""

    allow_hosts: tuple[Host, ...] = Field(default=(), description="Hosts it may be on besides the service's own.")
    allow_private: bool = Field(default=False, description="True: these may have addresses of a private network.")


class SlackSettings(_WebChannel):
    """One incoming webhook."""

    type: Literal["slack"]
    webhook_url: SecretRef = Field(description=_SECRET)
    min_severity: Literal["info", "warning", "critical"] = "warning"


class EmailSettings(_Channel):
    """One SMTP relay and whom it writes to."""

    type: Literal["email"]
    host: Host
    port: int = Field(default=587, gt=0, lt=65536)
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    username: str | None = None
    password: SecretRef | None = Field(default=None, description=_SECRET)
    sender: Mailbox
    recipients: tuple[Mailbox, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _keeps_its_password(self) -> "EmailSettings":
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together: give both or neither")
        if self.username is not None and self.tls == "none":
            raise ValueError("a password is only ever sent over TLS: set tls to starttls or implicit")
        return self


class PagerDutySettings(_WebChannel):
    """One integration (Events API v2)."""

    type: Literal["pagerduty"]
    routing_key: SecretRef = Field(description=_SECRET)
    region: Literal["us", "eu"] = "us"
    url: HttpsAddress | None = Field(
        default=None, description="Instead of PagerDuty's own: a relay, named in allow_hosts."
    )


class WebhookSettings(_WebChannel):
    """Any https address, told in JSON; signed when there is a signing key."""

    type: Literal["webhook"]
    url: SecretRef = Field(description=_SECRET)
    signing_key: SecretRef | None = Field(default=None, description=_SECRET)
    min_severity: Literal["info", "warning", "critical"] = "warning"


class AlertmanagerSettings(_Channel):
    """An Alertmanager that groups, repeats, escalates and silences by itself; every instance is told."""

    type: Literal["alertmanager"]
    urls: tuple[WebAddress, ...] = Field(min_length=1, description="As in http://127.0.0.1:9093; http is allowed here.")
    min_severity: Literal["info", "warning", "critical"] = "warning"


class AppriseSettings(_Channel):
    """One of the hundred services that Apprise knows; needs `pip install 'driftboard[apprise]'`."""

    type: Literal["apprise"]
    url: SecretRef = Field(description=_SECRET)
    min_severity: Literal["info", "warning", "critical"] = "warning"


ChannelSettings = Annotated[
    SlackSettings | EmailSettings | PagerDutySettings | WebhookSettings | AlertmanagerSettings | AppriseSettings,
    Field(discriminator="type"),
]
