"""One outage is one page: what says the same as an incident that was told already opens none of its own."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from driftboard.alerts.level_trouble import BURNS, MISSED
from driftboard.alerts.service_trouble import Subject
from driftboard.alerts.severity import Severity
from driftboard.data.incident import Incident

STILL_TOLD = timedelta(hours=6)
"""So long after its end an incident still covers: the windows of burn rates remember an outage that is over."""

_LATENCIES = ("latency_p50", "latency_p95", "latency_p99")
_FAILURES = ("error_rate", "availability")
COVERS: dict[Subject, tuple[Subject, ...]] = {
    ("high_error_rate", ""): tuple((rule, level) for rule in (BURNS, MISSED) for level in _FAILURES),
    ("high_latency", ""): tuple((rule, level) for rule in (BURNS, MISSED) for level in _LATENCIES),
    ("low_accuracy", ""): ((BURNS, "accuracy"), (MISSED, "accuracy")),
    (BURNS, "error_rate"): ((BURNS, "availability"), (MISSED, "error_rate"), (MISSED, "availability")),
    **{(BURNS, level): ((MISSED, level),) for level in ("availability", *_LATENCIES, "accuracy")},
}
"""An incident, and what adds nothing to it."""


def covering(subject: Subject) -> tuple[Subject, ...]:
    """Return which incidents would have told of a subject already.

    >>> covering(("slo_burn", "availability"))
    (('high_error_rate', ''), ('slo_burn', 'error_rate'))
    """
    return tuple(each for each, covered in COVERS.items() if subject in covered)


def is_covered(severity: Severity, told: Iterable[Incident], *, now: datetime) -> bool:
    """Return whether one of these incidents, open or just over, is as grave as what would be opened.

    Parameters
    ----------
    severity
        Of what would be opened.
    told
        The newest incident of each of `covering`.
    """
    return any(Severity(each.worst).rank >= severity.rank and _is_fresh(each, now) for each in told)


def _is_fresh(incident: Incident, now: datetime) -> bool:
    return incident.is_open or (incident.resolved_at is not None and now - incident.resolved_at < STILL_TOLD)
