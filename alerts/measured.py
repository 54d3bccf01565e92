"""One number that a report holds of the part an incident is about: what the incident's chart draws."""

from dataclasses import dataclass

from driftboard.monitors.finding import Evidence, Finding
from driftboard.monitors.report import Report
from driftboard.monitors.wilson import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One number of one report.

    Attributes
    ----------
    value, low, high
        The number, and its 95 % interval where there is one.
    n
        Rows, predictions or labels it rests on.
    measure
        What it is: `PSI`, `accuracy`, `share missing`, ...
    is_share
        It reads best in per cent.
    reference
        The same number of the reference.
    warning, page
        Where it is worth a warning, and a page.
    """

    value: float
    n: int
    measure: str
    is_share: bool = False
    low: float | None = None
    high: float | None = None
    reference: float | None = None
    warning: float | None = None
    page: float | None = None


def findings_on(report: Report, rule: str, subject: str) -> tuple[Finding, ...]:
    """Return the findings of a rule on one subject."""
    return tuple(each for each in report.findings if (each.kind, each.subject) == (rule, subject))


def by_evidence(found: Evidence) -> Measured:
    """Return the effect that the look-back windows prove, with its floors."""
    return Measured(
        value=found.effect,
        n=found.n,
        measure=found.measure,
        warning=found.warning_floor,
        page=found.page_floor,
    )


def share(value: float, n: int, measure: str, *, reference: float | None = None) -> Measured:
    """Return a share with Wilson's 95 % interval, which always holds it."""
    interval = wilson(round(value * n), n)
    low, high = min(interval.low, value), max(interval.high, value)
    return Measured(value=value, n=n, measure=measure, is_share=True, low=low, high=high, reference=reference)
