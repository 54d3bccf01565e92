"""`alertmanager.yml`: who is told of what by Prometheus, by the same policy as `[alerts]`."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from driftboard.alert_settings import AlertSettings, Inhibition, QuietHours
from driftboard.alert_settings import Route as ConfiguredRoute
from driftboard.alerts.service_cover import COVERS
from driftboard.alerts.severity import Severity, at_least
from driftboard.config import Settings
from driftboard.render.matchers import among, matchers_of
from driftboard.render.promql import written
from driftboard.render.receivers import NOBODY, receivers, slug
from driftboard.render.rules import rule_groups
from driftboard.render.written_yaml import as_yaml

_OF_MODEL = ["model", "version", "environment"]
_LEAST = timedelta(seconds=1)  # Alertmanager takes no interval of nothing
_QUIET = "quiet-hours"
_ABOUT = """\
Whom Alertmanager tells (0.26 or newer, where a webhook is among them): amtool check-config says whether it is sound.
Each alert says who owns it: what driftboard itself tells people of (owner=driftboard) is shown, and pages nobody."""

Tree = dict[str, Any]


def alertmanager_file(settings: Settings) -> str:
    """Return the text of `alertmanager.yml`."""
    alerts, made = settings.alerts, receivers(settings)
    config: Tree = {
        "route": {
            "receiver": NOBODY,
            "group_by": ["alertname", *_OF_MODEL, "severity"],
            "group_wait": written(alerts.group_wait),
            "group_interval": written(max(alerts.group_interval, _LEAST)),
            "repeat_interval": written(alerts.repeat_interval),
            "routes": [_owned(), *_routes(alerts, tuple(made))],
        },
        "inhibit_rules": [*_graver(), *_covered(), *_inhibitions(settings)],
    }
    if alerts.quiet_hours is not None:
        config["time_intervals"] = [_quiet(alerts.quiet_hours)]
    return as_yaml(config | {"receivers": [{"name": NOBODY}, *made.values()]}, about=_ABOUT)


def _owned() -> Tree:
    """One owner of each alert: what driftboard tells people of, Alertmanager does not tell them again."""
    return {"receiver": NOBODY, "matchers": ['owner="driftboard"']}


def _routes(alerts: AlertSettings, known: Sequence[str]) -> Iterator[Tree]:
    """Yield the configured routes, the first that matches decides; without any, every channel is asked."""
    for route in alerts.routes or (ConfiguredRoute(channels=tuple(alerts.channels)),):
        names = [name for name in dict.fromkeys(route.channels) if name in known]
        inner = [each for name in names for each in _to_channel(name, alerts)]
        tree: Tree = {"receiver": NOBODY, "routes": inner} if inner else {"receiver": NOBODY}
        matchers = matchers_of(route.match)
        yield ({"matchers": matchers} if matchers else {}) | tree


def _to_channel(name: str, alerts: AlertSettings) -> Iterator[Tree]:
    """Yield what a channel takes: what is critical at once and at any hour, the rest in company."""
    levels = at_least(Severity(alerts.channels[name].min_severity))
    rest = tuple(str(each) for each in reversed(levels) if each != Severity.CRITICAL)
    yield {
        "receiver": slug(name),
        "matchers": [among("severity", (str(Severity.CRITICAL),))],
        "group_wait": "0s",
        "continue": True,
    }
    if rest:
        quiet = {"mute_time_intervals": [_QUIET]} if alerts.quiet_hours else {}
        yield {"receiver": slug(name), "matchers": [among("severity", rest)], "continue": True, **quiet}


def _quiet(hours: QuietHours) -> Tree:
    start, end = f"{hours.start:%H:%M}", f"{hours.end:%H:%M}"
    spans = [(start, end)] if start < end else [(start, "24:00"), ("00:00", end)]
    times = [{"start_time": first, "end_time": last} for first, last in spans if first != last]
    return {"name": _QUIET, "time_intervals": [{"times": times, "location": hours.timezone}]}


def _graver() -> Iterator[Tree]:
    """What is critical says all that the same warning would; what cannot be read at all says why it is absent."""
    yield {
        "source_matchers": ['severity="critical"'],
        "target_matchers": ['severity=~"warning|info"'],
        "equal": ["alertname", *_OF_MODEL, "feature", "slo", "subject"],
    }
    yield {
        "source_matchers": ['alertname="DriftboardDown"'],
        "target_matchers": ['alertname="DriftboardAbsent"'],
    }


def _covered() -> Iterator[Tree]:
    """One outage is one page, as in the app: what adds nothing to a critical alert about the same service."""
    for (rule, slo), covered in COVERS.items():
        source = [among("rule", (rule,)), *([among("slo", (slo,))] if slo else ()), 'severity="critical"']
        for target in dict.fromkeys(name for name, _ in covered):
            levels = tuple(level for name, level in covered if name == target)
            yield {
                "source_matchers": source,
                "target_matchers": [among("rule", (target,)), among("slo", levels)],
                "equal": _OF_MODEL,
            }


def _inhibitions(settings: Settings) -> Iterator[Tree]:
    """Yield those of `[alerts]` that are about rules which Prometheus evaluates too."""
    known = {rule.rule for rules in rule_groups(settings).values() for rule in rules}
    for each in settings.alerts.inhibit:
        targets = tuple(name for name in each.targets if name in known)
        if each.source in known and targets:
            yield _inhibition(each, targets)


def _inhibition(each: Inhibition, targets: tuple[str, ...]) -> Tree:
    return {
        "source_matchers": [among("rule", (each.source,))],
        "target_matchers": [among("rule", targets)],
        "equal": [*_OF_MODEL, "feature"] if each.same_subject else _OF_MODEL,
    }
