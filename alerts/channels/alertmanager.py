"""Alertmanager: every incident is an alert, told to every instance; it groups, repeats, escalates and silences itself.

It keeps alerts in memory only, so they are told again every minute (`resend`), each time to end four minutes later;
what is over is told for a while too. A batch with one alert that it dislikes answers 400 though it keeps the others,
so alerts are made to fit before they are sent: names of labels as its release 0.25 takes them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from driftboard.alerts.channels import Receipt, kinds
from driftboard.alerts.channels.address import parse_inside
from driftboard.alerts.channels.deadline import DEADLINE
from driftboard.alerts.channels.wire import Wire
from driftboard.alerts.entry import Entry, entry_of
from driftboard.alerts.facts import Facts, Kind
from driftboard.alerts.message import Message
from driftboard.alerts.plain import one_line
from driftboard.alerts.severity import Severity
from driftboard.channel_settings import AlertmanagerSettings
from driftboard.errors import ChannelError

HOLDS = timedelta(minutes=4)
"""How long an alert lasts over there if it is not told again: four times the interval, as Prometheus has it."""
_API = "/api/v2/alerts"
_OK = 200
_AT_ONCE = 200
_VALUE = 200

Alert = dict[str, Any]


class AlertmanagerChannel:
    """Posts alerts to every instance; one that takes them is enough.

    Parameters
    ----------
    name
        What the configuration calls it.
    settings
        The instances.
    deadline
        Seconds for all instances together.

    Raises
    ------
    ConfigError
        An address is no http or https address.
    """

    def __init__(self, name: str, settings: AlertmanagerSettings, *, deadline: float = DEADLINE) -> None:
        self.name = name
        self.merges = kinds.merges(settings)
        self._settings = settings
        self._wire = Wire(deadline / len(settings.urls))
        self._targets = [parse_inside(url.rstrip("/") + _API, service="Alertmanager") for url in settings.urls]

    def takes(self, kind: Kind) -> bool:
        """See `Channel.takes`."""
        return kinds.takes(self._settings, kind)

    def send(self, message: Message) -> Receipt:
        """Tell every instance; see `Channel.send`."""
        pairs = zip(message.facts, message.entries, strict=False)
        alerts = [alert for facts, entry in pairs for alert in _alerts(facts, entry, message.sent_at)]
        return Receipt(remark=self.post(alerts))

    def post(self, alerts: Sequence[Alert]) -> str:
        """Post the alerts; return a remark on instances that did not take them.

        Raises
        ------
        ChannelError
            None took them; for good only if all said so. A repetition does no harm, so nothing is `unknown`.
        """
        body = orjson.dumps(alerts)
        failures: list[ChannelError] = []
        for target in self._targets:
            try:
                answer = self._wire.post(target, body, {"Content-Type": "application/json"})
                if answer.status != _OK:
                    raise answer.refusal()
            except ChannelError as error:
                failures.append(error)
        if len(failures) == len(self._targets):
            raise _worst(failures)
        return f"{len(failures)} of {len(self._targets)} instances did not take it" if failures else ""


def resend(
    settings: AlertmanagerSettings, firing: Sequence[Facts], resolved: Sequence[Facts], *, base_url: str, now: datetime
) -> None:
    """Tell every instance again what fires and what is over: every minute, and for a quarter of an hour.

    Raises
    ------
    ChannelError
        No instance took it.
    """
    told = [*(replace(each, kind="fire") for each in firing), *(replace(each, kind="resolve") for each in resolved)]
    alerts = [alert_of(facts, entry_of(facts, base_url=base_url, now=now), now) for facts in told]
    channel = AlertmanagerChannel("alertmanager", settings)
    for first in range(0, len(alerts), _AT_ONCE):
        channel.post(alerts[first : first + _AT_ONCE])


def alert_of(facts: Facts, entry: Entry, now: datetime) -> Alert:
    """Return an incident as an alert: what makes it the same alert is in the labels, all else in annotations."""
    end = facts.resolved_at or now if facts.kind == "resolve" else now + HOLDS
    model = facts.model
    labels = {
        "alertname": alert_name(facts.rule),
        "rule": facts.rule,
        "model": model.name if model else "",
        "version": model.version if model else "",
        "environment": model.environment if model else "",
        "severity": facts.severity,
        "subject": facts.subject,
    }
    notes = {
        "summary": entry.headline,
        "description": "\n".join([entry.evidence, *entry.context]).strip(),
        "affected": ", ".join(one_line(each.subject, limit=_VALUE) for each in facts.affected if each.subject),
        "dashboard": entry.url,
        "runbook": entry.runbook,
    }
    return {
        "labels": {name: value for name, text in labels.items() if (value := one_line(text, limit=_VALUE))},
        "annotations": {name: text for name, text in notes.items() if text},
        "startsAt": _rfc3339(min(facts.opened_at, end)),
        "endsAt": _rfc3339(end),
        "generatorURL": entry.url,
    }


def alert_name(rule: str) -> str:
    """Return the rule as alerts are called.

    >>> alert_name("feature_drift")
    'DriftboardFeatureDrift'
    """
    words = "".join(character if character.isalnum() and character.isascii() else " " for character in rule).split()
    return "Driftboard" + "".join(word.capitalize() for word in words)


def _alerts(facts: Facts, entry: Entry, now: datetime) -> list[Alert]:
    """Return the alert; when its severity may have changed, which is a label, also the end of the others."""
    told = [alert_of(facts, entry, now)]
    if facts.kind == "change":
        others = [each for each in Severity if each != facts.severity]
        ended = (replace(facts, kind="resolve", severity=str(each), resolved_at=now) for each in others)
        told += [alert_of(each, entry, now) for each in ended]
    return told


def _worst(failures: Sequence[ChannelError]) -> ChannelError:
    """Return one error for all: a retry helps if it helps with any."""
    first = next((each for each in failures if not each.permanent), failures[0])
    return ChannelError(
        f"no Alertmanager took it: {first}",
        permanent=first.permanent,
        retry_after=first.retry_after,
        status=first.status,
    )


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
