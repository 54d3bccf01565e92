"""Apprise: the door to a hundred other services, each by its own kind of address.

What Apprise connects to, and how, is its own affair: what `alerts.channels.address` promises does not hold here. The
time it may take is limited all the same, and nothing it logs while it sends for us is kept: it may hold the secret.
"""

import logging
import warnings
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from driftboard.alerts.channels import Receipt, kinds
from driftboard.alerts.channels.deadline import DEADLINE, Cord, within
from driftboard.alerts.entry import Entry
from driftboard.alerts.facts import Kind
from driftboard.alerts.message import Message
from driftboard.alerts.severity import Severity
from driftboard.channel_settings import AppriseSettings
from driftboard.config import resolve_secret
from driftboard.errors import ChannelError, ConfigError

# Whether what runs is a message of ours: Apprise hands it on to threads of its own, and the context with it.
_OURS: ContextVar[bool] = ContextVar("driftboard_apprise", default=False)
_TALKATIVE = ("apprise", "requests", "urllib3", "urllib3.connectionpool", "urllib3.util.retry")
_TYPES = {Severity.CRITICAL: "failure", Severity.WARNING: "warning", Severity.INFO: "info"}
_TITLE = 200
_MOST_ENTRIES = 5
_MOST_PARTS = 5
# What begins a mention, a tag or emphasis in one of the hundred services, and what looks much the same in all of them.
_DEAD = str.maketrans({"<": "‹", ">": "›", "@": "\uff20", "`": "'", "*": "∗", "&": "\uff06", "#": "\uff03", "~": "∼"})  # noqa: RUF001


class AppriseChannel:
    """Sends to one address that Apprise knows.

    Parameters
    ----------
    name
        What the configuration calls it.
    settings
        Refers to the address, which is read now and never shown in an error or a log.
    deadline
        Seconds it may take.

    Raises
    ------
    ConfigError
        Apprise is not installed, or the secret is not there, or is no address that it knows.
    """

    def __init__(self, name: str, settings: AppriseSettings, *, deadline: float = DEADLINE) -> None:
        self.name = name
        self.merges = kinds.merges(settings)
        self._settings = settings
        self._deadline = deadline
        self._url = resolve_secret(settings.url)
        self._apprise = _library()
        if within(deadline, self._way, cord=Cord()) is None:
            raise ConfigError(f"alerts.channels.{name}: Apprise knows no service of such an address")

    def takes(self, kind: Kind) -> bool:
        """See `Channel.takes`."""
        return kinds.takes(self._settings, kind)

    def send(self, message: Message) -> Receipt:
        """Send the message; see `Channel.send`. Apprise says only whether it worked, so a failure is tried again."""
        cord = Cord()
        cord.sent = True  # nobody tells us when it leaves
        if not within(self._deadline, lambda: self._notify(message), cord=cord):
            raise ChannelError("Apprise could not deliver it: try the address with its own command", permanent=False)
        return Receipt()

    def _notify(self, message: Message) -> bool:
        way = self._way()
        try:
            return way is not None and bool(
                way.notify(
                    title=dead(message.headline)[:_TITLE],
                    body=_body(message),
                    body_format="text",
                    notify_type=_TYPES[message.severity],
                )
            )
        except Exception as error:  # noqa: BLE001 - any of a hundred plug-ins; its text may hold the secret
            raise ChannelError(f"Apprise failed: {type(error).__name__}", permanent=False, unknown=True) from None

    def _way(self) -> Any:
        """Return the library's way to the address, None when it knows none; from here on, this thread is silent."""
        _OURS.set(True)
        way = self._apprise.Apprise()
        return way if way.add(self._url) else None


def dead(text: str) -> str:
    """Return the text without what some service might take for markup; `_` stays, names need it.

    >>> dead("[a](b) `c`")
    "[a] (b) 'c'"
    """
    return text.translate(_DEAD).replace("](", "] (")


def _body(message: Message) -> str:
    shown = message.entries[:_MOST_ENTRIES]
    more = message.n_entries - len(shown)
    return "\n\n".join([*map(_paragraph, shown), *([f"+{more:,} more incidents"] if more else [])])


def _paragraph(entry: Entry) -> str:
    parts = entry.affected[:_MOST_PARTS]
    more = entry.n_affected - len(parts)
    lines = [entry.headline, f"Evidence: {entry.evidence}", *entry.context, *(f"Part: {part}" for part in parts)]
    counted = [f"+{more:,} more"] if more else []
    return "\n".join([*map(dead, lines), *counted, f"Incident: {entry.url}", f"What to do: {entry.runbook}"])


def _library() -> Any:
    """Return the library, silenced where it works for us.

    Raises
    ------
    ConfigError
        It is not installed.
    """
    try:
        with warnings.catch_warnings():  # its hundred plug-ins are not ours to mend
            warnings.simplefilter("ignore")
            library = import_module("apprise")
            import_module("apprise.plugins").N_MGR.load_modules()
    except ImportError:
        raise ConfigError("Apprise is not installed: pip install 'driftboard[apprise]'") from None
    for name in _TALKATIVE:
        logging.getLogger(name).addFilter(_not_ours)  # once: a filter that is there is not added again
    return library


def _not_ours(record: logging.LogRecord) -> bool:
    del record
    return not _OURS.get()
