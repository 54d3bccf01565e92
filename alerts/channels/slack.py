"""Slack: one incoming webhook, through slack_sdk.

Delivered means HTTP 200 *and* the body `ok`: Slack tells webhook errors in the text. The SDK makes the message; the
request itself goes through our wire, in place of urllib's opener that would follow redirects and proxies.
"""

import logging
import re
from urllib.request import Request

from slack_sdk.webhook import WebhookClient, WebhookResponse

from driftboard.alerts.channels import Receipt, kinds
from driftboard.alerts.channels.address import parse
from driftboard.alerts.channels.answer import Answer
from driftboard.alerts.channels.slack_blocks import HEADER_LIMIT, blocks_of, escaped
from driftboard.alerts.channels.wire import Wire
from driftboard.alerts.facts import Kind
from driftboard.alerts.message import Message
from driftboard.channel_settings import SlackSettings
from driftboard.config import resolve_secret

HOST = "hooks.slack.com"
_OK = 200
# The SDK logs the secret URL; this logger is in no hierarchy, so that no configuration can make it speak.
_SILENT = logging.Logger("slack_sdk", level=logging.CRITICAL + 1)  # noqa: LOG001


class SlackChannel:
    """Posts to one webhook.

    Parameters
    ----------
    name
        What the configuration calls it.
    settings
        Refers to the secret, which is read now and never shown in an error or a log.
    wire
        How requests are made.

    Raises
    ------
    ConfigError
        The secret is not there, or is no https address on an allowed host.
    """

    def __init__(self, name: str, settings: SlackSettings, *, wire: Wire | None = None) -> None:
        self.name = name
        self.merges = kinds.merges(settings)
        self._settings = settings
        self._wire = wire or Wire()
        self._target = parse(
            resolve_secret(settings.webhook_url),
            service="Slack",
            own=(HOST,),
            allow_hosts=settings.allow_hosts,
            allow_private=settings.allow_private,
        )

    def takes(self, kind: Kind) -> bool:
        """See `Channel.takes`."""
        return kinds.takes(self._settings, kind)

    def send(self, message: Message) -> Receipt:
        """Post the message; see `Channel.send`."""
        post = _Post(self)
        post.send_dict(
            {
                "text": escaped(message.headline, HEADER_LIMIT),
                "mrkdwn": False,
                "blocks": blocks_of(message),
                "unfurl_links": False,
                "unfurl_media": False,
            }
        )
        _check(post.answer)
        return Receipt()

    def post(self, body: bytes) -> Answer:
        """Post bytes to the webhook."""
        return self._wire.post(self._target, body, {"Content-Type": "application/json; charset=utf-8"})


def _check(answer: Answer | None) -> None:
    """Raise unless Slack took the message; its words are kept only if they look like one of its error codes.

    A 200 that is neither `ok` nor an error code is not Slack's (a proxy's page): worth a retry.
    """
    if answer is None:
        raise RuntimeError("slack_sdk did not use the way it was given")
    body = answer.body.strip()
    if answer.status == _OK and body == "ok":
        return
    code = body if re.fullmatch(r"[a-z_]{1,40}", body) else ""
    raise answer.refusal(code, permanent=bool(code) if answer.status == _OK else None)


class _Post(WebhookClient):
    """The SDK's client for one message, with our wire in place of its own and without retries of its own."""

    def __init__(self, channel: SlackChannel) -> None:
        super().__init__("https://" + HOST, logger=_SILENT, retry_handlers=[])
        self._channel = channel
        self.answer: Answer | None = None

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        body = req.data
        self.answer = answer = self._channel.post(body if isinstance(body, bytes) else b"")
        return WebhookResponse(url=url, status_code=answer.status, body=answer.body, headers=dict(answer.headers))
