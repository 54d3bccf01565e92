"""One thing a monitor has to say; a report's verdict and sentence are made of several."""

from collections.abc import Sequence
from dataclasses import dataclass

from driftboard.monitors.report import Verdict, worst
from driftboard.monitors.wording import count


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict and the clause that explains it."""

    verdict: Verdict
    text: str


def conclude(findings: Sequence[Finding]) -> tuple[Verdict, str]:
    """Return the worst verdict, and one sentence with the gravest clause first.

    >>> conclude([Finding(Verdict.OK, "the mix is steady"), Finding(Verdict.WARNING, "9 % of the requests failed")])
    (<Verdict.WARNING: 'warning'>, '9 % of the requests failed; the mix is steady.')
    """
    ordered = sorted(findings, key=lambda finding: -finding.verdict.rank)
    return worst([finding.verdict for finding in ordered]), "; ".join(finding.text for finding in ordered) + "."


def too_few(n: int, least: int, *, noun: str = "row", where: str = "") -> Finding:
    """Return the finding that n are too few to judge, with how many more it takes.

    >>> too_few(12, 50).text
    '12 rows are too few to judge: 38 more needed'
    """
    verb = "is" if n == 1 else "are"
    return Finding(Verdict.INSUFFICIENT, f"{count(n, noun)}{where} {verb} too few to judge: {least - n:,} more needed")
