"""Where messages go: each channel is one small transport."""

from typing import Protocol

from driftboard.alerts.message import Notification
from driftboard.config import AlertSettings, resolve_secret
from driftboard.errors import ConfigError


class Channel(Protocol):
    """Sends one notification, or says whether trying again can help."""

    @property
    def name(self) -> str:
        """What the alert log calls it."""
        ...

    def send(self, notification: Notification) -> str:
        """Send, and return a remark for the log: empty, or who was left out.

        Raises
        ------
        ChannelError
            It was not delivered; `permanent` says that a retry is no use, `retry_after` when to try again.
        """
        ...


def open_channel(name: str, settings: AlertSettings) -> Channel:
    """Return the configured channel of that name; its library is imported and its secret read only now.

    Raises
    ------
    ConfigError
        It is not configured, or its settings or secret cannot be used.
    """
    if name == "slack" and settings.slack is not None:
        from driftboard.alerts.channels.slack import SlackChannel  # noqa: PLC0415 - slack_sdk is for those who send

        slack = settings.slack
        return SlackChannel(resolve_secret(slack.webhook_url), allow_hosts=slack.allow_hosts)
    if name == "email" and settings.email is not None:
        from driftboard.alerts.channels.email import EmailChannel  # noqa: PLC0415

        password = settings.email.password
        return EmailChannel(settings.email, password=None if password is None else resolve_secret(password))
    raise ConfigError(f"the channel {name!r} is not configured")
