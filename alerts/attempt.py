"""One attempt to send one message: what came of it, in a form that every channel has in common. No transaction here."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from driftboard.alerts.channels import Receipt, open_channel
from driftboard.alerts.channels.deadline import DEADLINE, Cord, within
from driftboard.alerts.claim import Claim
from driftboard.alerts.message import Message, build, ranked
from driftboard.alerts.store import AlertStore
from driftboard.channel_settings import EmailSettings
from driftboard.config import Settings
from driftboard.errors import ChannelError, ConfigError

_logger = logging.getLogger(__name__)

TOO_LATE = "not sent: this process stood still for too long, somebody else may have the message by now"


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of an attempt: a receipt, or an error.

    Attributes
    ----------
    was_held_back
        Nothing left: there was no time for it.
    """

    receipt: Receipt | None = None
    error: ChannelError | None = None
    was_held_back: bool = False


def attempt(store: AlertStore, settings: Settings, claim: Claim, *, now: datetime, in_time: Callable[[], bool]) -> Sent:
    """Send what was claimed.

    Parameters
    ----------
    in_time
        Whether the lease still holds for as long as sending can take; asked right before it begins.
    """
    try:
        channel = open_channel(claim.rows[0].channel, settings.alerts)
        message = _message(store, settings, claim, now)
        if not in_time():
            return Sent(error=ChannelError(TOO_LATE, permanent=False), was_held_back=True)
        return Sent(receipt=channel.send(message))
    except ChannelError as error:
        return Sent(error=error)
    except ConfigError as error:  # a secret that is not there: somebody may put it there
        return Sent(error=ChannelError(str(error), permanent=False))
    except Exception as error:  # noqa: BLE001 - one message nobody foresaw must not hold up all those behind it
        return Sent(error=ChannelError(f"unexpected {type(error).__name__}", permanent=False))


def _message(store: AlertStore, settings: Settings, claim: Claim, now: datetime) -> Message:
    return build(
        claim.rows,
        base_url=settings.dashboard.base_url,
        now=now,
        repeated=claim.repeated,
        chart=_chart(store, settings, claim),
    )


def _chart(store: AlertStore, settings: Settings, claim: Claim) -> bytes | None:
    """Return the picture that goes with a mail about what leads; a message without one is better than none."""
    if not isinstance(settings.alerts.channels.get(claim.rows[0].channel), EmailSettings):
        return None
    incident_id = ranked(claim.rows)[0].incident_id
    if incident_id is None:
        return None
    # Imported here: the renderer is large, and for those who are told by mail.
    from driftboard.alerts.chart import chart_png  # noqa: PLC0415
    from driftboard.alerts.series import series_of  # noqa: PLC0415
    from driftboard.data.incidents import find_incident  # noqa: PLC0415

    try:
        with store.read() as connection:
            series = series_of(connection, find_incident(connection, incident_id))
        return None if series is None else within(DEADLINE, lambda: chart_png(series), cord=Cord())
    except Exception as error:  # noqa: BLE001 - the renderer is another language's; the words go out without it
        _logger.warning("a mail goes out without its chart: %s", type(error).__name__)
        return None
