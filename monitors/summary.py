"""Many findings in one sentence: the gravest first, a few of each by name, the rest by number."""

from collections.abc import Sequence
from itertools import groupby

from driftboard.monitors.finding import Finding
from driftboard.monitors.phrases import size
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.wording import listing, named

_SAYS = {
    Verdict.CRITICAL: "moved",
    Verdict.INVALID: "broken",
    Verdict.WARNING: "moved somewhat",
    Verdict.INFO: "moved a little",
    Verdict.INSUFFICIENT: "may have moved, more rows needed",
    Verdict.NO_DATA: "with nothing to compare",
}
_UNTESTED = "with too few rows to judge"


def summarise(findings: Sequence[Finding], total: str, says: dict[Verdict, str] | None = None) -> str:
    """Return the findings as one sentence: a single one in full, several grouped by verdict.

    Parameters
    ----------
    findings
        The gravest first.
    total
        Of how many: `5 features`.
    says
        What each verdict is called; the words for a shift by default.

    >>> moved = Finding(Verdict.CRITICAL, "`a` moved: KS 0.30", "feature_drift", "a")
    >>> summarise([moved, Finding(Verdict.CRITICAL, "`b` moved: KS 0.20", "feature_drift", "b")], "5 features")
    '2 of 5 features moved: `a`, `b`.'
    >>> summarise([], "5 features")
    '5 features steady.'
    """
    if not findings:
        return f"{total} steady."
    grave = [each for each in findings if each.verdict.rank >= Verdict.INFO.rank]
    shown = grave or findings
    if len(shown) == 1:
        return f"{shown[0].text}."
    words = _SAYS if says is None else says
    groups = [
        _group(verdict, list(group), total, words)
        for (verdict, _), group in groupby(shown, lambda each: (each.verdict, each.evidence is None))
    ]
    return "; ".join(groups) + "."


def _group(verdict: Verdict, findings: Sequence[Finding], total: str, says: dict[Verdict, str]) -> str:
    names = listing([_name(each) for each in findings])
    untested = verdict is Verdict.INSUFFICIENT and findings[0].evidence is None
    return f"{len(findings)} of {total} {_UNTESTED if untested else says.get(verdict, str(verdict))}: {names}"


def _name(finding: Finding) -> str:
    subject = named(finding.subject) if finding.subject else finding.text
    return f"{subject} {size(finding.evidence)}" if finding.subject and finding.evidence else subject


def report_message(rows: int, subjects: Sequence[object], message: str) -> str:
    """Return the message, unless there is nothing to say it of."""
    if not subjects:
        return "The reference has no features to compare with."
    return "The batch has no rows." if rows == 0 else message
