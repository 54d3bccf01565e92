"""Slack: one incoming webhook, through slack_sdk.

Delivered means HTTP 200 *and* the body `ok`: Slack tells webhook errors in the text. Redirects, proxies and other
schemes are not followed: the opener below has no part that could.
"""

import logging
import re
import ssl
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from socket import SHUT_RDWR
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, OpenerDirector, Request

from slack_sdk.webhook import WebhookClient, WebhookResponse

from driftboard.alerts.channels.deadline import within
from driftboard.alerts.message import Finding, Notification
from driftboard.alerts.plain import one_line
from driftboard.errors import ChannelError, ConfigError

DEADLINE = 10.0
HEADER_LIMIT = 150
SECTION_LIMIT = 3000
_HOST = "hooks.slack.com"
_BODY_LIMIT = 64 * 1024
_OK, _TOO_MANY, _SERVER_ERROR = 200, 429, 500
_LATER = frozenset({408, 425, _TOO_MANY})
# The SDK logs the secret URL; this logger is in no hierarchy, so that no configuration can make it speak.
_SILENT = logging.Logger("slack_sdk", level=logging.CRITICAL + 1)  # noqa: LOG001
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class SlackChannel:
    """Posts to one webhook.

    Parameters
    ----------
    webhook_url
        The secret: never shown in an error or a log.
    allow_hosts
        Hosts it may be on besides hooks.slack.com.
    deadline
        Seconds the whole exchange may take.

    Raises
    ------
    ConfigError
        The address is not https, or not on an allowed host.
    """

    name = "slack"

    def __init__(self, webhook_url: str, *, allow_hosts: tuple[str, ...] = (), deadline: float = DEADLINE) -> None:
        _check_address(webhook_url, allow_hosts)
        self._webhook_url = webhook_url
        self._deadline = deadline

    def send(self, notification: Notification) -> str:
        """Post the notification; see `Channel.send`."""
        wire = _Wire(self._deadline)
        client = _Client(self._webhook_url, wire)
        blocks = slack_blocks(notification)
        text = escaped(notification.headline, HEADER_LIMIT)
        try:
            response = within(self._deadline, lambda: client.send(text=text, blocks=blocks), cut=wire.cut)
        except (OSError, HTTPException, ValueError) as error:
            # ValueError: an answer in no known character set. The error's own text may hold the address.
            raise ChannelError(f"Slack cannot be reached: {_cause(error)}", permanent=False) from None
        _check_answer(response)
        return ""


def slack_blocks(notification: Notification) -> list[dict[str, Any]]:
    """Return the message as Block Kit: names only in plain text, links only where we made them."""
    url = escaped(notification.findings[0].url, SECTION_LIMIT - HEADER_LIMIT)
    return [
        {"type": "header", "text": _plain(notification.headline, HEADER_LIMIT)},
        {"type": "section", "text": _plain("\n".join(notification.facts), SECTION_LIMIT)},
        *({"type": "section", "text": _plain(text, SECTION_LIMIT)} for text in _sections(notification)),
        {"type": "section", "text": {"type": "mrkdwn", "text": f"<{url}|Open in the dashboard>"}},
    ]


def escaped(text: str, limit: int) -> str:
    """Return the text with & < > as Slack wants them, cut so that the result keeps within `limit`.

    >>> escaped("<!channel>", 40)
    '&lt;!channel&gt;'
    >>> escaped("a<<<", 6)
    'a&lt;'
    """
    pieces: list[str] = []
    for character in text:
        piece = _ENTITIES.get(character, character)
        limit -= len(piece)
        if limit < 0:
            break
        pieces.append(piece)
    return "".join(pieces)


def _sections(notification: Notification) -> list[str]:
    sections = [_section(finding) for finding in notification.findings]
    return [*sections, f"+{notification.more:,} more"] if notification.more else sections


def _section(finding: Finding) -> str:
    return f"{finding.headline}\n{finding.evidence}\nRunbook: {finding.runbook}"


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": escaped(text, limit), "emoji": False}


def _check_address(url: str, allow_hosts: tuple[str, ...]) -> None:
    """Refuse anything but https on an allowed host; the text never holds the address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigError("the Slack webhook is not a URL") from None
    if parts.scheme != "https" or not re.fullmatch(r"[!-~]+", url):
        raise ConfigError("the Slack webhook must be an https:// URL")
    if "@" in parts.netloc or (host == _HOST and port not in (None, 443)):
        raise ConfigError("the Slack webhook's address must be plain: no user, no port")
    if host not in {_HOST, *allow_hosts}:
        raise ConfigError(f"the Slack webhook is not on {_HOST}: name its host in alerts.slack.allow_hosts")


def _check_answer(response: WebhookResponse) -> None:
    """Raise unless Slack took the message; its words are kept only if they look like one of its error codes.

    A 200 that is neither `ok` nor an error code is not Slack's (a proxy's page): worth a retry.
    """
    status, body = response.status_code, response.body.strip()
    if status == _OK and body == "ok":
        return
    code = body if re.fullmatch(r"[a-z_]{1,40}", body) else ""
    later = status in _LATER or status >= _SERVER_ERROR or (status == _OK and not code)
    text = f"Slack answered {status} {code}".rstrip()
    raise ChannelError(text, permanent=not later, retry_after=_retry_after(response))


def _retry_after(response: WebhookResponse) -> float | None:
    """Return the seconds Slack asked us to wait, given as seconds or as a date."""
    if response.status_code != _TOO_MANY:
        return None
    value = str(response.headers.get("Retry-After", ""))
    with suppress(ValueError, OverflowError):
        return max(0.0, float(int(value)))
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    return None


def _cause(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return one_line(getattr(reason, "strerror", None) or type(reason).__name__, limit=120)


class _Wire(HTTPSHandler):
    """https and nothing else, with a certificate that is checked; `cut` ends what is under way."""

    def __init__(self, deadline: float) -> None:
        context = ssl.create_default_context()
        super().__init__(context=context)
        self._tls = context
        self._until = time.monotonic() + deadline
        self._connection: HTTPSConnection | None = None

    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(self._connect, req, context=self._tls)

    def read(self, response: HTTPResponse) -> str:
        """Return the body, as far as it comes in time and is of a sane size."""
        body = b""
        while len(body) < _BODY_LIMIT and (piece := response.read1(4096)):
            if time.monotonic() > self._until:
                raise TimeoutError
            body += piece
        return body.decode("utf-8", "replace")

    def cut(self) -> None:
        """Close the connection under the feet of whoever reads from it."""
        sock = self._connection.sock if self._connection else None
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)

    def _connect(self, host: str, **options: Any) -> HTTPSConnection:
        self._connection = HTTPSConnection(host, **options)
        return self._connection


class _Client(WebhookClient):
    """The SDK's client, with our wire in place of urllib's default opener and without retries of its own."""

    def __init__(self, url: str, wire: _Wire) -> None:
        super().__init__(url, timeout=int(DEADLINE), logger=_SILENT, retry_handlers=[])
        self._wire = wire

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        opener = OpenerDirector()
        opener.add_handler(self._wire)
        with opener.open(req, timeout=self.timeout) as response:
            body = self._wire.read(response)
            return WebhookResponse(url=url, status_code=response.status, body=body, headers=dict(response.headers))
