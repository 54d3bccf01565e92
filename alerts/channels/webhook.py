"""Any https address, told in JSON; signed, so that the receiver knows who speaks and when.

The signature is a header `X-Driftboard-Signature: t=<unix seconds>,v1=<hex>`, where the hexadecimal digits are
HMAC-SHA256 over `<unix seconds>.<body>`. A receiver refuses what is older than a few minutes, and recognises what it
has seen before by `X-Notification-Id`.
"""

import hashlib
import hmac
from typing import Any

import orjson

from driftboard.alerts.channels import Receipt, kinds
from driftboard.alerts.channels.address import parse
from driftboard.alerts.channels.wire import Wire
from driftboard.alerts.entry import Entry, written_at
from driftboard.alerts.facts import Facts, Kind
from driftboard.alerts.message import Message
from driftboard.alerts.plain import one_line
from driftboard.channel_settings import WebhookSettings
from driftboard.config import resolve_secret

VERSION = 1
_TAKEN = range(200, 300)
_NAME = 200


class WebhookChannel:
    """Posts to one address.

    Parameters
    ----------
    name
        What the configuration calls it.
    settings
        Refers to address and signing key, which are read now and never shown in an error or a log.
    wire
        How requests are made.

    Raises
    ------
    ConfigError
        A secret is not there, or the address is not https on an allowed host.
    """

    def __init__(self, name: str, settings: WebhookSettings, *, wire: Wire | None = None) -> None:
        self.name = name
        self.merges = kinds.merges(settings)
        self._settings = settings
        self._wire = wire or Wire()
        self._signing_key = None if settings.signing_key is None else resolve_secret(settings.signing_key)
        self._target = parse(
            resolve_secret(settings.url),
            service="the webhook",
            allow_hosts=settings.allow_hosts,
            allow_private=settings.allow_private,
        )

    def takes(self, kind: Kind) -> bool:
        """See `Channel.takes`."""
        return kinds.takes(self._settings, kind)

    def send(self, message: Message) -> Receipt:
        """Post the message; see `Channel.send`. Any 2xx is a delivery."""
        body = orjson.dumps(body_of(message))
        headers = {"Content-Type": "application/json", "X-Notification-Id": message.key}
        if self._signing_key is not None:
            at = int(message.sent_at.timestamp())
            headers["X-Driftboard-Signature"] = f"t={at},v1={signature(self._signing_key, at, body)}"
        answer = self._wire.post(self._target, body, headers)
        if answer.status not in _TAKEN:
            raise answer.refusal()
        return Receipt(reference=message.key)


def signature(key: str, at: int, body: bytes) -> str:
    """Return the hexadecimal HMAC-SHA256 over time and body.

    >>> signature("key", 0, b"{}")[:8]
    '7314351d'
    """
    return hmac.new(key.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()


def body_of(message: Message) -> dict[str, Any]:
    """Return the message for a machine; the incidents that lead are listed, all are counted."""
    return {
        "version": VERSION,
        "message": {
            "id": message.key,
            "headline": message.headline,
            "severity": str(message.severity),
            "sent_at": written_at(message.sent_at),
            "repeated": message.repeated,
            "n_incidents": message.n_entries,
        },
        "incidents": [_incident(*pair) for pair in zip(message.facts, message.entries, strict=False)],
    }


def _incident(facts: Facts, entry: Entry) -> dict[str, Any]:
    model = facts.model
    return {
        "kind": facts.kind,
        "id": facts.incident_id,
        "fingerprint": facts.fingerprint,
        "episode": facts.episode,
        "rule": facts.rule,
        "severity": facts.severity,
        "subject": one_line(facts.subject, limit=_NAME),
        "model": None if model is None else one_line(model.name, limit=_NAME),
        "model_version": None if model is None else one_line(model.version, limit=_NAME),
        "environment": None if model is None else one_line(model.environment, limit=_NAME),
        "headline": entry.headline,
        "evidence": entry.evidence,
        "context": entry.context,
        "affected": [one_line(each.subject, limit=_NAME) for each in facts.affected],
        "n_affected": facts.n_affected,
        "batch": one_line(facts.batch, limit=_NAME),
        "rows": facts.rows,
        "windows": facts.windows,
        "since": written_at(facts.since_at),
        "opened_at": written_at(facts.opened_at),
        "resolved_at": None if facts.resolved_at is None else written_at(facts.resolved_at),
        "resolution": facts.resolution,
        "url": entry.url,
        "runbook": entry.runbook,
    }
