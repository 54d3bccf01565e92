"""The budget of false pages: what was promised, what luck will have used of it, what was sent; no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from driftboard.budget import batches_per_day
from driftboard.monitor_settings import MonitorSettings

_QUARTER = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Spent:
    """What one model used of its budget in a quarter.

    Attributes
    ----------
    alpha
        Chance of a false page in one batch.
    judged, paged
        Batches judged, and batches somebody was (or, in a dry run, would have been) called for.
    """

    alpha: float
    judged: int
    paged: int


def false_page_chance(settings: MonitorSettings, starts: Sequence[datetime]) -> float | None:
    """Return the chance of a false page in one batch; None under a policy that promises nothing."""
    if settings.policy == "classic":
        return None
    return settings.alpha(batches_per_day(starts))


def quarter_start(now: datetime) -> datetime:
    """Return when the quarter began, UTC.

    >>> quarter_start(datetime(2026, 5, 17, 12, tzinfo=UTC)).isoformat()
    '2026-04-01T00:00:00+00:00'
    """
    month = 3 * ((now.astimezone(UTC).month - 1) // 3) + 1
    return datetime(now.astimezone(UTC).year, month, 1, tzinfo=UTC)


def period(now: datetime, newest: datetime | None) -> tuple[datetime, str]:
    """Return since when pages are counted, and what that is called: this quarter, or the last one anything was judged.

    >>> period(datetime(2026, 5, 17, tzinfo=UTC), datetime(2014, 1, 1, tzinfo=UTC))[1]
    'in the quarter to 2014-01-01'
    """
    since = quarter_start(now)
    if newest is None or newest >= since:
        return since, "this quarter"
    return newest - _QUARTER, f"in the quarter to {newest.astimezone(UTC):%Y-%m-%d}"


def sentence(spent: Sequence[Spent], when: str, *, dry_run: bool = False) -> str:
    """Return the budget, what luck is expected to have used of it in a period, and what was sent.

    >>> sentence([Spent(5e-4, 300, 3)], "this quarter")
    'Budget: 1 false page per 2,000 batches · expected by luck this quarter: 0.15 · pages sent this quarter: 3'
    """
    promised = sorted({round(1 / each.alpha) for each in spent})
    few, many = f"{promised[0]:,}", f"{promised[-1]:,}"
    rate = few if few == many else f"{few} to {many}"
    expected = sum(each.alpha * each.judged for each in spent)
    sent = sum(each.paged for each in spent)
    told = "recorded in the dry run" if dry_run else "sent"
    return (
        f"Budget: 1 false page per {rate} batches · expected by luck {when}: {expected:.2g} · "
        f"pages {told} {when}: {sent:,}"
    )
