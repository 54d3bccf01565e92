"""Alerts on driftboard itself, which it cannot raise once it is gone: absence, stalled parts, models gone silent."""

from datetime import timedelta

from driftboard.alerts.meta import LONGEST_QUEUE
from driftboard.alerts.severity import Severity
from driftboard.config import Settings
from driftboard.data.heartbeats import WORKER
from driftboard.exporter.families import BUILD, HEARTBEAT, HEARTBEAT_INTERVAL, NEWEST, QUEUE_AGE, SCRAPE_ERRORS
from driftboard.render.alert_rule import OF_MODEL, AlertRule
from driftboard.render.promql import lines, number, select

SILENT = timedelta(days=1)
FORGOTTEN = timedelta(days=14)
LATE = timedelta(minutes=5)
_SOON, _LATER = timedelta(minutes=2), timedelta(minutes=10)


def health_alerts(settings: Settings) -> tuple[AlertRule, ...]:
    """Return the alerts on absence and on driftboard's own parts."""
    return (_down(settings.deploy.job), _absent(), _worker_late(), _part_late(), _stuck(), _unread(), _silent())


def _down(job: str) -> AlertRule:
    return AlertRule(
        alert="DriftboardDown",
        expr=f'up{{job="{job}"}} == 0',
        severity=Severity.CRITICAL,
        threshold=0,
        summary="driftboard cannot be read at {{ $labels.instance }}",
        description="Prometheus gets no metrics: driftboard is down, not reachable, or has more series than are taken.",
        rule="worker_stalled",
        judged=False,
        hold=_SOON,
    )


def _absent() -> AlertRule:
    return AlertRule(
        alert="DriftboardAbsent",
        expr=f"absent({select(BUILD)})",
        severity=Severity.CRITICAL,
        threshold=0,
        summary="driftboard is not there",
        description="Prometheus knows of no driftboard at all: nothing watches the models, and no other alert can say.",
        rule="worker_stalled",
        judged=False,
        hold=_SOON,
    )


def _worker_late() -> AlertRule:
    """The dispatcher sees this, too, and tells people of it."""
    return _late("DriftboardWorkerLate", f'component="{WORKER}"', judged=True)


def _part_late() -> AlertRule:
    """Without a dispatcher driftboard tells nobody of anything, least of all of this."""
    return _late("DriftboardHeartbeatLate", f'component!="{WORKER}"', judged=False)


def _late(alert: str, matcher: str, *, judged: bool) -> AlertRule:
    """Late is later than three times its own rhythm, as in the app, and than so many minutes."""
    age, rhythm = select(HEARTBEAT, matcher), select(HEARTBEAT_INTERVAL, matcher)
    return AlertRule(
        alert=alert,
        expr=f"{age} > {number(LATE.total_seconds())} and {age} > 3 * {rhythm}",
        severity=Severity.CRITICAL,
        threshold=LATE.total_seconds(),
        summary="driftboard's {{ $labels.component }} gives no sign of life",
        description="Its last sign of life is {{ $value | humanizeDuration }} old: nothing is judged, or nothing sent.",
        rule="worker_stalled",
        judged=judged,
        hold=_SOON,
    )


def _stuck() -> AlertRule:
    return AlertRule(
        alert="DriftboardQueueStuck",
        expr=f"{select(QUEUE_AGE)} > {number(LONGEST_QUEUE.total_seconds())}",
        severity=Severity.CRITICAL,
        threshold=LONGEST_QUEUE.total_seconds(),
        summary="driftboard's messages are not going out",
        description="The oldest message that is due has waited for {{ $value | humanizeDuration }}.",
        rule="queue_stalled",
        hold=_SOON,
        page="alerts",
    )


def _unread() -> AlertRule:
    return AlertRule(
        alert="DriftboardScrapeErrors",
        expr=f"increase({select(SCRAPE_ERRORS)}[15m]) > 0",
        severity=Severity.WARNING,
        threshold=0,
        summary="driftboard leaves out some of its metrics",
        description="{{ $labels.part }} could not be read {{ $value | humanize }} times in 15 minutes.",
        rule="monitor_error",
        judged=False,
        hold=_LATER,
    )


def _silent() -> AlertRule:
    age = f"time() - {select(NEWEST)}"
    return AlertRule(
        alert="ModelSilent",
        expr=lines(
            f"{age} > {number(SILENT.total_seconds())}",
            f"and {age} < {number(FORGOTTEN.total_seconds())}",  # then it is taken to be retired
        ),
        severity=Severity.WARNING,
        threshold=SILENT.total_seconds(),
        summary=f"No predictions of {OF_MODEL}",
        description="The newest prediction is {{ $value | humanizeDuration }} old.",
        rule="no_data",
        hold=_LATER,
        page="predictions",
    )
