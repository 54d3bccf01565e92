"""Who is told of what, when and by which way: the section `[alerts]` of the configuration. Policy, as data."""

import difflib
from datetime import time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, field_validator, model_validator

from driftboard.channel_settings import ChannelSettings
from driftboard.rule_names import known_pattern, known_rule
from driftboard.section import SecretRef, Section
from driftboard.written_times import parse_span, written_span

Level = Literal["info", "warning", "critical"]


def _span(value: Any) -> Any:
    return parse_span(value) if isinstance(value, str) else value


Span = Annotated[timedelta, BeforeValidator(_span), PlainSerializer(written_span)]
"""A length of time, written `30s`, `15m`, `4h`, `7d` or `2w`."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone: write UTC or Europe/Berlin") from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]


def _wall(at: time) -> time:
    if at.tzinfo is not None:
        raise ValueError("write 22:00 here, and the time zone as timezone")
    return at


WallTime = Annotated[time, AfterValidator(_wall)]
RuleName = Annotated[str, AfterValidator(known_rule)]
RulePattern = Annotated[str, AfterValidator(known_pattern)]
_LONGEST_NAME = 64
_SHORTEST_REPEAT = timedelta(minutes=1)


class Match(Section):
    """Which incidents: every field that is given must fit; `*` and `?` stand for any characters and any one."""

    model: str = Field(default="*", description="Name of the model, without version and environment.")
    environment: str = "*"
    rule: RulePattern = "*"
    subject: str = Field(default="*", description="The feature, class, pair or segment.")
    severity: Level | None = None


class Route(Section):
    """Incidents that match go to these channels; the first route that matches decides."""

    match: Match = Match()
    channels: tuple[str, ...]


class EscalationStep(Section):
    """Whom a critical incident goes to when nobody has acknowledged it for so long."""

    after: Span
    channels: tuple[str, ...] = Field(default=(), description="None: every channel that takes critical incidents.")


class RulePolicy(Section):
    """How one rule is treated."""

    severity: Literal["info", "warning", "critical", "as judged"] = Field(
        default="as judged", description="At most this severity, whatever the monitor says."
    )
    enabled: bool = True
    group: Literal["model", "subject"] = Field(
        default="model", description="One incident with a list of features, or one for each feature."
    )
    critical_windows: int = Field(default=1, ge=1, description="Bad windows in a row until a critical incident opens.")
    for_windows: int = Field(default=2, ge=1, description="The same for warnings and information.")
    keep_windows: int = Field(default=2, ge=1, description="Clear windows in a row until it is over.")
    no_data: Literal["keep", "resolve"] = Field(
        default="keep", description="What becomes of an open incident after three windows that cannot tell."
    )


class Inhibition(Section):
    """While the first rule fires for a subject, the others are not judged for it."""

    source: RuleName
    targets: tuple[RuleName, ...]
    same_subject: bool = True


class QuietHours(Section):
    """Hours in which warnings wait for the morning; critical incidents do not."""

    start: WallTime
    end: WallTime
    timezone: Zone = "UTC"


class Digest(Section):
    """One message a day: what is open, and what was information only."""

    at: WallTime = time(8)
    timezone: Zone = "UTC"
    channels: tuple[str, ...] = Field(default=(), description="None: no digest.")


_BROKEN_SCHEMA = Inhibition(
    source="schema", targets=("feature_drift", "missing_values", "new_category", "out_of_range", "constant")
)


class AlertSettings(Section):
    """Who is told of what, when and by which way."""

    dry_run: bool = Field(default=True, description="True: messages are recorded, nothing is sent.")
    group_wait: Span = Field(default=timedelta(seconds=30), description="Warnings wait so long for company.")
    group_interval: Span = Field(default=timedelta(minutes=5), description="Least time between news of one incident.")
    repeat_interval: Span = Field(default=timedelta(hours=4), description="Reminder of what is open, unacknowledged.")
    ack_timeout: Span = Field(default=timedelta(hours=12), description="How long an acknowledgement holds by default.")
    give_up: Span = Field(default=timedelta(hours=24), description="How long delivery is tried.")
    heartbeat_url: SecretRef | None = Field(
        default=None, description="Asked every minute while all is well: env:NAME or file:PATH of an https address."
    )
    channels: dict[str, ChannelSettings] = Field(default={}, description="By a name of your own.")
    routes: tuple[Route, ...] = Field(
        default=(), description="Without one, every channel takes what reaches its min_severity."
    )
    escalation: tuple[EscalationStep, ...] = Field(default=(EscalationStep(after=timedelta(minutes=15)),), max_length=3)
    inhibit: tuple[Inhibition, ...] = (_BROKEN_SCHEMA,)
    rules: dict[RuleName, RulePolicy] = Field(default={}, description="By the name of the rule; see the runbooks.")
    quiet_hours: QuietHours | None = None
    digest: Digest = Digest()

    def without_wait(self) -> "AlertSettings":
        """Return the same policy for a run that ends: what it queues, it sends, in one message a model all the same."""
        return self.model_copy(update={"group_wait": timedelta(0)})

    def rule(self, name: str) -> RulePolicy:
        """Return how a rule is treated: as configured, or by the defaults."""
        return self.rules.get(name) or _DEFAULT_RULE

    @field_validator("repeat_interval", "give_up", "ack_timeout")
    @classmethod
    def _is_no_flood(cls, length: timedelta) -> timedelta:
        if length < _SHORTEST_REPEAT:
            raise ValueError("at least 1m, or it would never end")
        return length

    @field_validator("escalation")
    @classmethod
    def _goes_up(cls, steps: tuple[EscalationStep, ...]) -> tuple[EscalationStep, ...]:
        waits = [step.after for step in steps]
        if waits != sorted(set(waits)):
            raise ValueError("each step comes later than the one before it")
        return steps

    @model_validator(mode="after")
    def _names_are_known(self) -> "AlertSettings":
        routed = [name for route in self.routes for name in route.channels]
        escalated = [name for step in self.escalation for name in step.channels]
        fallbacks = [each.fallback for each in self.channels.values() if each.fallback is not None]
        for name in (*routed, *escalated, *fallbacks, *self.digest.channels):
            if name not in self.channels:
                raise ValueError(_unknown_channel(name, list(self.channels)))
        for name, each in self.channels.items():
            if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
                raise ValueError(f"a channel's name has 1 to {_LONGEST_NAME} characters on one line")
            if each.fallback == name:
                raise ValueError(f"channel {name!r} cannot stand in for itself: name another as its fallback")
        return self


_DEFAULT_RULE = RulePolicy()


def _unknown_channel(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
    return f"no channel is called {name!r}: {hint}"
