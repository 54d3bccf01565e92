"""A real message through a channel, to see that it arrives: also in a dry run, since somebody asked for it."""

import uuid
from datetime import datetime

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.channels import Receipt, open_channel
from driftboard.alerts.facts import Facts
from driftboard.alerts.fingerprint import fingerprint
from driftboard.alerts.message import message_of
from driftboard.data.incident import Affected
from driftboard.data.model_key import ModelKey

_RULE = "test"


def try_channel(name: str, settings: AlertSettings, *, base_url: str, now: datetime) -> Receipt:
    """Send a test message by the channel of that name.

    Raises
    ------
    ConfigError
        There is none, or it cannot be used as it is configured.
    ChannelError
        The message was not delivered.
    """
    channel = open_channel(name, settings)
    return channel.send(message_of((_facts(name, now),), key=f"test.{uuid.uuid4().hex}", base_url=base_url, now=now))


def _facts(channel: str, now: datetime) -> Facts:
    sentence = "If you can read this, driftboard can reach you this way."
    return Facts(
        kind="test",
        step=0,
        incident_id=0,
        fingerprint=fingerprint(_RULE, ModelKey("driftboard"), channel),
        episode=0,
        rule=_RULE,
        subject=channel,
        severity="info",
        model=None,
        batch="",
        rows=0,
        since="",
        since_at=now,
        windows=0,
        affected=(Affected(channel, "info", sentence, 0.0, "", now),),
        n_affected=1,
        news=(),
        opened_at=now,
    )
