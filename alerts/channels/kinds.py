"""What each kind of channel can be told, before a message is made for it."""

from driftboard.alerts.facts import Kind
from driftboard.channel_settings import AlertmanagerSettings, ChannelSettings, PagerDutySettings, WebhookSettings

_TO_ALERTMANAGER: frozenset[Kind] = frozenset({"fire", "change", "resolve"})
_TO_PAGERDUTY: frozenset[Kind] = frozenset({"fire", "change", "escalate", "acknowledge", "resolve"})


def takes(channel: ChannelSettings, kind: Kind) -> bool:
    """Whether news of this kind means anything to the channel.

    People are not told that one of them acknowledged. PagerDuty and Alertmanager remind by themselves, and
    Alertmanager knows no acknowledgement.
    """
    if isinstance(channel, AlertmanagerSettings):
        return kind in _TO_ALERTMANAGER
    if isinstance(channel, PagerDutySettings):
        return kind in _TO_PAGERDUTY
    return kind != "acknowledge" or isinstance(channel, WebhookSettings)


def merges(channel: ChannelSettings) -> bool:
    """Whether one message may tell of several incidents: not where each is an object on the other side."""
    return not isinstance(channel, AlertmanagerSettings | PagerDutySettings)
