"""What service levels are measured from."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from driftboard.alerts.level_course import Course, answered, course
from driftboard.alerts.service_measures import whole_minute
from driftboard.data.service import Service
from driftboard.monitors.burn_rate import BURN_WINDOWS, Burn, Window, burn
from driftboard.monitors.service_level import Tally
from driftboard.service_settings import Objectives


@dataclass(frozen=True, slots=True)
class LevelEvidence:
    """What was promised, and what happened.

    Attributes
    ----------
    objectives
        What is promised.
    service
        What was counted in the last `days`, and at least in the longest window that a budget may burn in.
    outcomes
        Right predictions among those whose labels have arrived; None where no accuracy is promised.
    days, min_requests
        Over which compliance is counted; and without how many requests nothing is said.
    now
        Aware, UTC.
    """

    objectives: Objectives
    service: Service
    outcomes: Tally | None
    days: int
    min_requests: int
    now: datetime

    @property
    def since(self) -> datetime:
        """When the time begins over which compliance is counted."""
        return self.now - timedelta(days=self.days)

    def counted(self) -> Service:
        """Return what was counted in that time."""
        stretches = self.service.stretches
        if not stretches or stretches[0].start >= self.since:
            return self.service
        return replace(self.service, stretches=tuple(each for each in stretches if each.start >= self.since))

    def requests(self) -> Course:
        """Return the requests in order of time, those that succeeded being good."""
        return course(self.service.stretches, answered)

    def burns(self, events: Course, requests: Course, target: float) -> tuple[Burn, ...]:
        """Return how fast the budget of some events burns; where too few requests came lately, no window fires."""
        return burns(events, requests, target=target, min_requests=self.min_requests, now=self.now)


def burns(events: Course, requests: Course, *, target: float, min_requests: int, now: datetime) -> tuple[Burn, ...]:
    """Return how fast an error budget burns in each pair of windows that ends with the last whole minute.

    Where counts are kept by the hour, a window takes the hours that begin in it. No window fires for a service that has
    been asked for less than its short window: what a quarter of an hour shows is not what six hours would.
    """
    until = whole_minute(now)
    return tuple(
        burn(
            window,
            events.between(until - window.long, until),
            events.between(until - window.short, until),
            target=target,
            enough=_is_enough(requests, window, until, min_requests),
        )
        for window in BURN_WINDOWS
    )


def _is_enough(requests: Course, window: Window, until: datetime, least: int) -> bool:
    began = until - window.short
    return requests.began_by(began, since=until - window.long) and requests.between(began, until).total >= least
