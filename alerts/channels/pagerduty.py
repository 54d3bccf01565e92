"""PagerDuty: Events API v2, one event for each incident, by a key that is the same while the problem lasts.

Not through PagerDuty's own library: it makes its connections itself, by names that it looks up again, and so cannot
keep what `alerts.channels.address` promises. An event is one JSON object.
"""

import hashlib
from typing import Any

import orjson

from driftboard.alerts.channels import Receipt, kinds
from driftboard.alerts.channels.address import parse
from driftboard.alerts.channels.wire import Wire
from driftboard.alerts.entry import Entry
from driftboard.alerts.facts import Facts, Kind
from driftboard.alerts.message import Message
from driftboard.alerts.plain import one_line
from driftboard.channel_settings import PagerDutySettings
from driftboard.config import resolve_secret

HOSTS = {"us": "events.pagerduty.com", "eu": "events.eu.pagerduty.com"}
SUMMARY_LIMIT = 1024
_TAKEN = 202
_NAME = 200
_ACTIONS: dict[Kind, str] = {"acknowledge": "acknowledge", "resolve": "resolve"}

Event = dict[str, Any]


class PagerDutyChannel:
    """Sends events with one integration's key.

    Parameters
    ----------
    name
        What the configuration calls it.
    settings
        Refers to the key, which is read now and never shown in an error or a log.
    wire
        How requests are made.

    Raises
    ------
    ConfigError
        The key is not there, or the relay's address is not https on an allowed host.
    """

    def __init__(self, name: str, settings: PagerDutySettings, *, wire: Wire | None = None) -> None:
        self.name = name
        self.merges = kinds.merges(settings)
        self._settings = settings
        self._wire = wire or Wire()
        self._key = resolve_secret(settings.routing_key)
        self._target = parse(
            settings.url or f"https://{HOSTS[settings.region]}/v2/enqueue",
            service="PagerDuty",
            own=tuple(HOSTS.values()),
            allow_hosts=settings.allow_hosts,
            allow_private=settings.allow_private,
        )

    def takes(self, kind: Kind) -> bool:
        """See `Channel.takes`."""
        return kinds.takes(self._settings, kind)

    def send(self, message: Message) -> Receipt:
        """Send an event for each incident; see `Channel.send`. A test is resolved at once."""
        keys = []
        for facts, entry in zip(message.facts, message.entries, strict=False):
            event = event_of(facts, entry)
            self._post(event)
            if facts.kind == "test":
                self._post(event | {"event_action": "resolve"})
            keys.append(event["dedup_key"])
        return Receipt(reference=", ".join(keys[:3]))

    def _post(self, event: Event) -> None:
        body = orjson.dumps({"routing_key": self._key, **event})
        answer = self._wire.post(self._target, body, {"Content-Type": "application/json"})
        if answer.status != _TAKEN:
            raise answer.refusal()


def event_of(facts: Facts, entry: Entry) -> Event:
    """Return the event that tells of an incident; without the key of the integration."""
    action = _ACTIONS.get(facts.kind, "trigger")
    event: Event = {"event_action": action, "dedup_key": dedup_key(facts)}
    if action == "trigger":
        event |= {"client": "driftboard", "client_url": entry.url, "links": _links(entry)}
        event["payload"] = _payload(facts, entry)
    return event


def dedup_key(facts: Facts) -> str:
    """Return PagerDuty's name for the problem: of the fingerprint, and of the version, which that leaves out.

    Not of the episode: should the end of one be lost, the next one's end closes both.
    """
    if facts.model is None:
        return f"driftboard-{facts.fingerprint}"
    version = hashlib.sha256(facts.model.version.encode("utf-8", "replace")).hexdigest()
    return f"driftboard-{facts.fingerprint}-{version[:8]}"


def _payload(facts: Facts, entry: Entry) -> Event:
    model = one_line(str(facts.model), limit=_NAME) if facts.model else "driftboard"
    return {
        "summary": one_line(f"{entry.headline}. {entry.evidence}", limit=SUMMARY_LIMIT),
        "severity": str(entry.severity),
        "source": model,
        "timestamp": facts.opened_at.isoformat(),
        "class": facts.rule,
        "group": model,
        "custom_details": {
            "evidence": entry.evidence,
            "context": list(entry.context),
            "affected": list(entry.affected),
            "affected_in_all": facts.n_affected,
            "runbook": entry.runbook,
        },
    }


def _links(entry: Entry) -> list[dict[str, str]]:
    return [{"href": entry.url, "text": "Open the incident"}, {"href": entry.runbook, "text": "What to do"}]
