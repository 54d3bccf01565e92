"""A day at an installation, as a script: what is judged and done when, and what may leave when. A clock turned by hand.

Everything but the clock is real: the log, the desk, the dispatcher, and an https server that plays Slack, PagerDuty
and a webhook. In the manner of Alertmanager's acceptance tests::

    day.at(1).judge(age=CRITICAL)
    day.want("team", at(1), "CRITICAL", "age")
    day.want("team", between(240, 242), "STILL")
    day.run(minutes=300)

Times are minutes. What was wanted and did not come is a failure, and so is everything that came and was not wanted.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from driftboard.alerts import act
from driftboard.alerts.desk import record_reports
from driftboard.alerts.dispatch import Dispatcher
from driftboard.config import Settings
from driftboard.data import Store, find_batch, get_model, log_predictions, register_model, tables
from driftboard.data.backend import hold_alert_queue, hold_model
from driftboard.data.incidents import open_incidents, wake
from driftboard.data.outbox import Delivery
from driftboard.data.times import from_micros
from driftboard.monitors.verdict import Verdict
from tests.alerts.batches import quality
from tests.alerts.fakes import HOOK_PATH, PAGER_PATH, SLACK_PATH, FakeSite, features, finding
from tests.alerts.incidents import MODEL, NOW, alert_settings
from tests.data.batches import make_batch

STEP, LONGEST = timedelta(seconds=15), timedelta(minutes=10)
_CHANNEL_OF = {SLACK_PATH: "team", PAGER_PATH: "pager", HOOK_PATH: "hook"}
_PATHS = {name: path for path, name in _CHANNEL_OF.items()}


@dataclass(frozen=True)
class Arrived:
    """One message as it came in: when (minutes), where, and its text."""

    minute: float
    channel: str
    text: str

    def __str__(self) -> str:
        return f"{self.minute:7.2f}  {self.channel:<5}  {self.text[:150]}"


@dataclass(frozen=True)
class Wanted:
    """One message that must come between two times, and hold these words."""

    channel: str
    first: float
    last: float
    words: tuple[str, ...]

    def fits(self, message: Arrived) -> bool:
        """Whether this is the message."""
        in_time = self.first <= message.minute <= self.last
        return in_time and message.channel == self.channel and all(word in message.text for word in self.words)

    def __str__(self) -> str:
        return f"{self.first:7.2f}  {self.channel:<5}  {' ... '.join(self.words)}  (until {self.last:.2f})"


def between(first: float, last: float) -> tuple[float, float]:
    """From one minute to another."""
    return first, last


def at(minute: float) -> tuple[float, float]:
    """At this minute, as exactly as the clock of a script steps."""
    return minute, minute + STEP.total_seconds() / 60 + 0.05


@dataclass
class Moment:
    """A time of the script, at which things are done in the order they are written."""

    day: "Day"
    minute: float

    def judge(self, *, schema: tuple[str, ...] = (), **verdicts: Verdict) -> "Moment":
        """A batch comes in, and the monitors say this of its features; of all others, that they are fine."""
        return self._do(lambda now: self.day.record(now, schema, verdicts))

    def acknowledge(self, *, minutes: float) -> "Moment":
        """Ada has the open incident in hand."""
        return self._do(lambda now: self._act(act.acknowledge, now, until=now + timedelta(minutes=minutes)))

    def snooze(self, *, minutes: float) -> "Moment":
        """Ada wants to hear no more of the open incident for now."""
        return self._do(lambda now: self._act(act.snooze, now, until=now + timedelta(minutes=minutes)))

    def resolve(self) -> "Moment":
        """Ada says that it is over."""
        return self._do(lambda now: self._act(act.resolve, now))

    def silence(self, *, minutes: float, **matchers: str) -> "Moment":
        """Ada asks for quiet."""
        return self._do(
            lambda now: act.silence(
                self.day.store, matchers, by="ada", comment="planned", until=now + timedelta(minutes=minutes), now=now
            )
        )

    def restart(self, **policy: object) -> "Moment":
        """Everything is started again, with another policy; the log is what is left."""
        return self._do(lambda now: self.day.start(now, **policy))

    def answer(self, *steps: object) -> "Moment":
        """The other side answers the next messages so; see `FakeSite.script`."""
        return self._do(lambda _: self.day.site.script.extend(steps))

    def _act(self, change: Callable[..., object], now: datetime, **given: object) -> None:
        with self.day.store.read() as connection:
            [incident] = open_incidents(connection)
        change(self.day.store, incident.incident_id, by="ada", settings=self.day.settings.alerts, now=now, **given)

    def _do(self, deed: Callable[[datetime], object]) -> "Moment":
        self.day.script.append((self.minute, deed))
        return self


@dataclass
class Day:
    """One installation and its script."""

    store: Store
    site: FakeSite
    script: list[tuple[float, Callable[[datetime], object]]] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    arrived: list[Arrived] = field(default_factory=list)
    batches: int = 0
    settings: Settings = field(init=False)
    dispatcher: Dispatcher = field(init=False)

    def __post_init__(self) -> None:
        register_model(self.store, MODEL)
        self.start(NOW)

    def start(self, now: datetime, **policy: object) -> None:
        """Start the worker and the dispatcher; without a word about channels there is Slack, called `team`."""
        channels = {"channels": {"team": self.channel("team")}}
        self.settings = Settings(alerts=alert_settings(**(channels | policy)))
        self.dispatcher = Dispatcher(self.store, self.settings)
        with self.store.write() as connection:  # as the first round of the patrol does
            hold_alert_queue(connection)
            wake(connection, None, at=now)

    def channel(self, name: str, **changes: object) -> dict[str, object]:
        """The settings of a channel that leads to the server: team (Slack), pager (PagerDuty) or hook (a webhook)."""
        kinds: dict[str, dict[str, object]] = {
            "team": {"type": "slack", "webhook_url": "env:SLACK_URL"},
            "pager": {"type": "pagerduty", "routing_key": "env:PAGER_KEY", "url": self.site.pager_url},
            "hook": {"type": "webhook", "url": "env:HOOK_URL"},
        }
        return kinds[name] | {"allow_hosts": ["localhost"], "allow_private": True, "min_seconds": 0} | changes

    def at(self, minute: float) -> Moment:
        """Return a time of the script."""
        return Moment(self, minute)

    def want(self, channel: str, when: tuple[float, float], *words: str) -> None:
        """Expect one message."""
        self.wanted.append(Wanted(channel, *when, words))

    def run(self, *, minutes: float) -> None:
        """Let the time pass, and compare what came with what was wanted."""
        now, end = NOW, NOW + timedelta(minutes=minutes)
        script = sorted(self.script, key=lambda each: each[0])
        while now <= end:
            while script and NOW + timedelta(minutes=script[0][0]) <= now:
                script.pop(0)[1](now)
            self.dispatcher.run_once(now)
            self._collect(now)
            now = self._next(now, script)
        self._compare()

    def record(self, now: datetime, schema: tuple[str, ...], verdicts: dict[str, Verdict]) -> None:
        """Log a batch, and record what the monitors say of it, as the worker does."""
        self.batches += 1
        name = f"b{self.batches:03}"
        ids = [f"{name}-{row}" for row in range(6)]
        log_predictions(self.store, make_batch(MODEL, batch_id=name, predicted_at=now, prediction_ids=ids), now=now)
        findings = [finding("feature_drift", verdict, each) for each, verdict in verdicts.items()]
        broken = [finding("schema", Verdict.CRITICAL, each) for each in schema]
        reports = [_report(features, findings), _report(quality, broken)]
        with self.store.write() as connection:
            model = get_model(connection, MODEL)
            hold_model(connection, model.model_id)
            batch = find_batch(connection, model, name)
            record_reports(connection, model, batch, reports, self.settings.alerts, now=now)

    def _next(self, now: datetime, script: list[tuple[float, Callable[[datetime], object]]]) -> datetime:
        """Step on; over a time in which nothing can happen, as far as anybody knows, in larger steps."""
        i, n = tables.incidents.c, tables.notifications.c
        with self.store.read() as connection:
            times = [
                connection.execute(select(func.min(i.wake_at))).scalar(),
                connection.execute(select(func.min(n.not_before)).where(n.state == Delivery.QUEUED)).scalar(),
            ]
        known = [from_micros(each) for each in times if each is not None]
        known += [NOW + timedelta(minutes=minute) for minute, _ in script[:1]]
        steps = max(1, int((min([*known, now + LONGEST]) - now) / STEP))
        return now + steps * STEP

    def _collect(self, now: datetime) -> None:
        minute = (now - NOW).total_seconds() / 60
        for path, _, body in self.site.requests[len(self.arrived) :]:
            text = json.dumps(json.loads(body), ensure_ascii=False)
            self.arrived.append(Arrived(minute, _CHANNEL_OF[path], text))

    def _compare(self) -> None:
        """Pair what was wanted with what came, the narrowest first; say what is left of either."""
        rest = list(self.arrived)
        missing = []
        for wanted in sorted(self.wanted, key=lambda each: each.last - each.first):
            found = next((each for each in rest if wanted.fits(each)), None)
            if found is None:
                missing.append(wanted)
            else:
                rest.remove(found)
        lines = ["", "wanted, and did not come:", *map(str, missing), "came, and was not wanted:", *map(str, rest)]
        lines += ["all that came:", *map(str, self.arrived)]
        assert missing == rest == [], "\n".join(lines)


def _report(kind: Callable[..., object], findings: list) -> object:
    worst = max((each.verdict for each in findings), key=lambda each: each.rank, default=Verdict.OK)
    return kind(*findings, verdict=worst)
