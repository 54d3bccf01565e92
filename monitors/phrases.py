"""What the evidence says, in words good enough for a pager: how big, how sure, since when, how many rows."""

from math import floor, log10

from driftboard.monitors.finding import Evidence
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.wording import count, named

_WORDS = {
    "points": ((0.10, "severe"),),
    "KS": ((0.25, "severe"), (0.15, "moderate"), (0.10, "slight")),
    "PSI": ((0.25, "severe"), (0.20, "moderate"), (0.10, "slight")),
    "total variation": ((0.25, "severe"), (0.15, "moderate"), (0.10, "slight")),
}
_NEVER = 1e-9
_OFTEN = 0.05
_HUGE = 0.9


def luck(p_value: float) -> str:
    """Return how often luck would do that.

    >>> luck(2.5e-5), luck(0.2), luck(1e-30)
    ('1 chance in 40,000 by luck', 'luck does that 20 times in 100', 'less than 1 chance in a billion by luck')
    """
    if p_value < _NEVER:
        return "less than 1 chance in a billion by luck"
    if p_value > _OFTEN:
        return f"luck does that {100 * p_value:.0f} times in 100"
    times = 1 / p_value
    digits = 10 ** max(0, floor(log10(times)) - 1)
    return f"1 chance in {round(times / digits) * digits:,.0f} by luck"


def size(evidence: Evidence) -> str:
    """Return an effect with its unit, and the word that goes with it.

    >>> size(Evidence(1, "7", 200, 2000, 1e-5, 1e-4, 0.213, "KS", 0.1, 0.15))
    'KS 0.21 (moderate)'
    """
    if evidence.measure == "points":
        return f"{100 * evidence.effect:+.1f} points{severe(evidence)}"
    if evidence.measure == "growth":
        return f"{100 * evidence.effect:+.0f} %"
    name = "corrected PSI" if evidence.measure == "PSI" else evidence.measure
    return f"{name} {evidence.effect:.2f}{severe(evidence)}"


def severe(evidence: Evidence) -> str:
    """Return the word that goes with an effect, in brackets; empty without one.

    >>> severe(Evidence(1, "7", 200, 2000, 1e-5, 1e-4, 0.128, "points", 0.03, 0.03))
    ' (severe)'
    """
    return next((f" ({word})" for limit, word in _WORDS.get(evidence.measure, ()) if evidence.effect >= limit), "")


def over(evidence: Evidence, *, noun: str = "row") -> str:
    """Return the window: how many rows of how many batches, since when, against how many.

    >>> over(Evidence(4, "2013-03-01", 1212, 52000, 1e-5, 1e-4, 0.2, "KS", 0.1, 0.15))
    'over the last 4 batches (1,212 rows since `2013-03-01`) against 52,000'
    """
    rows = count(evidence.n, noun)
    where = (
        f"in {rows}"
        if evidence.batches == 1
        else f"over the last {evidence.batches} batches ({rows} since {named(evidence.since)})"
    )
    return f"{where} against {evidence.n_reference:,}"


def proof(evidence: Evidence, *, noun: str = "row") -> str:
    """Return everything at once: size, chance, window, and the wobble that was allowed for."""
    wobble = (
        f", though its batches vary {evidence.wobble:.1f} times as much as independent rows"
        if evidence.wobble > 1
        else ""
    )
    return f"{size(evidence)}, {luck(evidence.p_value)}, {over(evidence, noun=noun)}{wobble}"


def doubt(evidence: Evidence, *, noun: str = "row") -> str:
    """Return why these rows cannot tell, and how many more would.

    >>> doubt(Evidence(1, "7", 40, 2000, 0.03, 1e-4, 0.3, "KS", 0.1, 0.15, needed=63))
    'KS 0.30 (severe), but 40 rows cannot tell that from luck: about 63 more needed'
    """
    rows = count(evidence.n, noun)
    more = f"about {evidence.needed:,} more needed" if evidence.needed else "the reference is too small for that"
    return f"{size(evidence)}, but {rows} cannot tell that from luck: {more}"


def calm(evidence: Evidence) -> str:
    """Return what a steady subject shows, and what would have shown.

    >>> calm(Evidence(1, "7", 200, 2000, 0.3, 1e-4, 0.112, "KS", 0.1, 0.15, visible=0.194))
    'KS 0.11; 0.19 would show'
    """
    unit = {"points": 100.0, "growth": 100.0}.get(evidence.measure, 1.0)
    seen = "" if evidence.visible is None else f"; {evidence.visible * unit:.2g} would show"
    if evidence.visible is not None and evidence.visible >= _HUGE:
        seen = "; only a complete change would show"
    return f"{size(evidence).partition(' (')[0]}{seen}"


SAYS = {
    Verdict.CRITICAL: "moved",
    Verdict.WARNING: "moved somewhat",
    Verdict.INFO: "moved a little",
    Verdict.INSUFFICIENT: "may have moved",
    Verdict.OK: "is steady",
}


def said(says: dict[Verdict, str], verdict: Verdict, evidence: Evidence, *, noun: str = "row") -> str:
    """Return a verdict's words and its numbers, as one clause after the subject.

    Information is either of a small effect that is certain, or of a larger one that is not: that one "may have".
    """
    if verdict is Verdict.OK:
        return f"{says[verdict]}: {calm(evidence)}"
    if verdict is Verdict.INSUFFICIENT:
        return f"{says[verdict]}: {doubt(evidence, noun=noun)}"
    if verdict is Verdict.INFO and not evidence.passes:
        verdict = Verdict.INSUFFICIENT
    if verdict is Verdict.WARNING and evidence.effect >= evidence.page_floor:
        verdict = Verdict.CRITICAL  # `page_on` lowers a verdict; it does not make the move smaller
    return f"{says[verdict]}: {proof(evidence, noun=noun)}"
