"""Which findings ask for attention, and how many there are; no I/O."""

from collections.abc import Sequence

from driftboard.dashboard.text import plural
from driftboard.monitors.finding import Finding
from driftboard.monitors.verdict import Verdict

_NAMES = {
    Verdict.CRITICAL: ("critical finding", "critical findings"),
    Verdict.INVALID: ("invalid finding", "invalid findings"),
    Verdict.WARNING: ("warning", "warnings"),
    Verdict.INFO: ("finding worth knowing", "findings worth knowing"),
}


def worth_a_word(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that are more than steady or too few to judge, the gravest first.

    >>> worth_a_word([Finding(Verdict.OK, "steady"), Finding(Verdict.INFO, "small")])[0].text
    'small'
    """
    return sorted((each for each in findings if each.verdict in _NAMES), key=lambda each: -each.verdict.rank)


def counted(findings: Sequence[Finding]) -> str:
    """Return how many findings there are of each verdict.

    >>> counted([Finding(Verdict.CRITICAL, "a"), Finding(Verdict.WARNING, "b"), Finding(Verdict.WARNING, "c")])
    '1 critical finding, 2 warnings'
    """
    counts = {verdict: sum(each.verdict is verdict for each in findings) for verdict in _NAMES}
    return ", ".join(plural(n, *_NAMES[verdict]) for verdict, n in counts.items() if n)
