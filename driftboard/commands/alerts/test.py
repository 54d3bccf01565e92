"""`driftboard alerts test`: whether a message arrives."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftboard.commands import options
from driftboard.errors import ChannelError, ConfigError, DriftboardError

if TYPE_CHECKING:
    from datetime import datetime

    from driftboard.alert_settings import AlertSettings
    from driftboard.config import Settings

_NETWORK = "try again; if it stays so, look at the network between here and there"
_REFUSED = "look at the channel's address and secret: trying again will not help"
_UNKNOWN = "it may have arrived all the same: look there"


def test(
    context: typer.Context,
    channels: Annotated[
        list[str] | None, typer.Argument(metavar="[CHANNEL]...", help="Names of channels. [default: all of them]")
    ] = None,  # noqa: PT028 - a command of this name, no test
    config: options.ConfigFile = None,  # noqa: PT028
) -> None:
    """Send a real test message by each channel, and say what became of it.

    Also in a dry run. The exit code is 0 when every message was delivered, else 1.

    \b
    Examples:
      driftboard alerts test
      driftboard alerts test team pager
    """  # noqa: D301 - the escape is click's
    settings = options.settings_of(context, config)
    names = _names(channels or [], settings.alerts)
    failed = False
    for name in names:
        delivered, told = _try(name, settings)
        failed |= not delivered
        typer.echo(f"{name:<{max(map(len, names))}}  {'delivered' if delivered else 'failed':<9}  {told}".rstrip())
    if settings.alerts.dry_run:
        typer.echo("note: alerts.dry_run is true, so nothing but this test is sent")
    raise typer.Exit(int(failed))


def _names(asked: list[str], settings: "AlertSettings") -> list[str]:
    """Return the channels to try.

    Raises
    ------
    ConfigError
        There is none, or none of such a name.
    """
    known = sorted(settings.channels)
    if not known:
        raise ConfigError("no channel is configured: add [alerts.channels.NAME]")
    if unknown := [name for name in asked if name not in known]:
        raise ConfigError(f"no channel is called {unknown[0]!r}: known are {', '.join(known)}")
    return list(dict.fromkeys(asked)) or known


def _try(name: str, settings: "Settings") -> tuple[bool, str]:
    """Return whether the message was delivered, and what is to be said of it."""
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.alerts.trial import try_channel  # noqa: PLC0415

    now = datetime.now(UTC)
    try:
        receipt = try_channel(name, settings.alerts, base_url=settings.dashboard.base_url, now=now)
    except ChannelError as error:
        return False, f"{error} -> {_advice(error)}"
    except DriftboardError as error:
        return False, str(error)
    try:
        _note(name, settings, now)
    except DriftboardError as error:
        return True, f"{receipt.remark} (not noted in the log: {error})".lstrip()
    return True, receipt.remark


def _note(name: str, settings: "Settings", now: "datetime") -> None:
    """Note in the log, where there is one, that the channel works: one that was broken is not any more."""
    where = options.log_of(settings)
    if isinstance(where, Path) and not where.exists():
        return
    from driftboard.alerts.channel_health import proved  # noqa: PLC0415
    from driftboard.data import open_store  # noqa: PLC0415

    with open_store(where) as store:
        proved(store, name, settings.alerts, now=now)


def _advice(error: ChannelError) -> str:
    if error.unknown:
        return _UNKNOWN
    return _REFUSED if error.permanent else _NETWORK
