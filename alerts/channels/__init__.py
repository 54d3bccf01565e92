"""Where messages go: each channel is one small transport."""

from dataclasses import dataclass
from typing import Protocol

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.facts import Kind
from driftboard.alerts.message import Message
from driftboard.channel_settings import (
    AlertmanagerSettings,
    AppriseSettings,
    EmailSettings,
    PagerDutySettings,
    SlackSettings,
)
from driftboard.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side said when it took a message.

    Attributes
    ----------
    remark
        Worth a line in the log: who was left out, for instance; mostly empty.
    reference
        What the message is called over there: PagerDuty's dedup key, a Message-ID; empty where there is no such thing.
    """

    remark: str = ""
    reference: str = ""


class Channel(Protocol):
    """Sends one message, or says whether trying again can help."""

    @property
    def name(self) -> str:
        """What the configuration calls it."""
        ...

    @property
    def merges(self) -> bool:
        """Whether one message may tell of several incidents."""
        ...

    def takes(self, kind: Kind) -> bool:
        """Whether news of this kind means anything to it."""
        ...

    def send(self, message: Message) -> Receipt:
        """Send, within ten seconds in all.

        Raises
        ------
        ChannelError
            It was not delivered; see its attributes for what to do about it.
        """
        ...


def open_channel(name: str, settings: AlertSettings) -> Channel:
    """Return the configured channel of that name; its library is imported and its secret read only now.

    Raises
    ------
    ConfigError
        It is not configured, or its settings, secret or library cannot be used.
    """
    given = settings.channels.get(name)
    # Imported one by one: who only writes mail needs none of the others' libraries.
    match given:
        case None:
            raise ConfigError(f"no channel is called {name!r}: add [alerts.channels.{name}]")
        case SlackSettings():
            from driftboard.alerts.channels.slack import SlackChannel  # noqa: PLC0415

            return SlackChannel(name, given)
        case EmailSettings():
            from driftboard.alerts.channels.email import EmailChannel  # noqa: PLC0415

            return EmailChannel(name, given)
        case PagerDutySettings():
            from driftboard.alerts.channels.pagerduty import PagerDutyChannel  # noqa: PLC0415

            return PagerDutyChannel(name, given)
        case AlertmanagerSettings():
            from driftboard.alerts.channels.alertmanager import AlertmanagerChannel  # noqa: PLC0415

            return AlertmanagerChannel(name, given)
        case AppriseSettings():
            from driftboard.alerts.channels.apprise import AppriseChannel  # noqa: PLC0415

            return AppriseChannel(name, given)
        case _:
            from driftboard.alerts.channels.webhook import WebhookChannel  # noqa: PLC0415

            return WebhookChannel(name, given)
