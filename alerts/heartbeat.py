"""The outbound heartbeat: an address elsewhere that is asked every minute while all is well, and misses us if not."""

from datetime import datetime
from urllib.parse import urlsplit

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.channels.address import parse
from driftboard.alerts.channels.wire import Wire
from driftboard.alerts.meta import Health, is_well
from driftboard.config import resolve_secret
from driftboard.errors import ChannelError

SERVICE = "the heartbeat"


def send_heartbeat(settings: AlertSettings, health: Health, *, now: datetime, wire: Wire | None = None) -> bool:
    """Ask the configured address, unless something is wrong with driftboard itself; return whether it was asked.

    Raises
    ------
    ChannelError
        It did not answer with a success.
    ConfigError
        There is nothing behind the reference, or it is no plain https address.
    """
    if settings.heartbeat_url is None or not is_well(health, now=now):
        return False
    url = resolve_secret(settings.heartbeat_url)
    # Whoever configures the address names the host by it; it carries nothing, and may be in one's own network.
    target = parse(url, service=SERVICE, allow_hosts=(_host(url),), allow_private=True)
    answer = (wire or Wire()).get(target)
    if not 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's success
        raise ChannelError(f"{SERVICE} answered {answer.status}", permanent=False, status=answer.status)
    return True


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # said in words by `parse`
        return ""
