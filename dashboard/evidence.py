"""Evidence in words: how sure, how big, over which window; plain text, to be escaped where it is shown."""

from driftboard.dashboard.text import plural
from driftboard.monitors.finding import Evidence

_LUCK = 0.05  # from here on a plain p-value says more than "1 chance in 20"
_SURE = 1e-9
_MILLION = 10**6
_TENFOLD = 10
_SCALES = {
    "PSI": ((0.25, "severe"), (0.20, "moderate"), (0.10, "slight")),
    "KS": ((0.25, "severe"), (0.15, "moderate"), (0.10, "slight")),
    "total variation": ((0.25, "severe"), (0.15, "moderate"), (0.10, "slight")),
}
_CORRELATION = "correlation"


def luck(p_value: float) -> str:
    """Return how often luck alone would do as much.

    >>> luck(2.5e-5), luck(0.31), luck(0.0)
    ('1 chance in 40,000', 'p = 0.31', 'less than 1 chance in a billion')
    """
    if p_value >= _LUCK:
        return f"p = {p_value:.2g}"
    if p_value < _SURE:
        return "less than 1 chance in a billion"
    return f"1 chance in {_rounded(1 / p_value):,}"


def odds(p_value: float) -> str:
    """Return the same, as short as a card is narrow.

    >>> odds(2.5e-5), odds(3e-9), odds(0.31), odds(0.0)
    ('1 in 40,000', '1 in 330 million', 'p = 0.31', '< 1 in a billion')
    """
    if p_value >= _LUCK:
        return f"p = {p_value:.2g}"
    if p_value < _SURE:
        return "< 1 in a billion"
    chances = _rounded(1 / p_value)
    return f"1 in {chances / _MILLION:.3g} million" if chances >= _MILLION else f"1 in {chances:,}"


def _rounded(value: float) -> int:
    """Two digits, so that nobody reads more into it."""
    return int(float(f"{value:.2g}"))


def window(evidence: Evidence, *, noun: str = "row") -> str:
    """Return the look-back window that says most.

    >>> window(Evidence(4, "2013-03-01", 1212, 52000, 1e-5, 1e-4, 0.24, "PSI", 0.1, 0.2))
    'last 4 batches, 1,212 rows, since 2013-03-01'
    """
    if evidence.batches == 1:
        return f"this batch, {plural(evidence.n, noun)}"
    return f"last {evidence.batches} batches, {plural(evidence.n, noun)}, since {evidence.since}"


def size(value: float, measure: str) -> str:
    """Return an effect in the unit of its measure.

    >>> size(0.21, "KS"), size(0.034, "points"), size(0.3, "correlation"), size(0.12, "growth")
    ('KS 0.21', '3.4 points', 'correlation by 0.30', 'error +12 %')
    """
    if measure == "points":
        return f"{100 * value:.1f} points"
    if measure == "growth":
        return f"error {100 * value:+.0f} %"
    if measure == _CORRELATION:
        return f"correlation by {value:.2f}"
    return f"{measure} {value:.2f}"


def strength(value: float, measure: str) -> str:
    """Return the usual word for a PSI or KS; empty for other measures, and below the scale.

    >>> strength(0.21, "KS"), strength(0.21, "PSI"), strength(0.02, "PSI"), strength(0.3, "points")
    ('moderate', 'moderate', '', '')
    """
    return next((word for least, word in _SCALES.get(measure, ()) if value >= least), "")


def effect(evidence: Evidence) -> str:
    """Return the effect with its word.

    >>> effect(Evidence(1, "a", 200, 52000, 1e-5, 1e-4, 0.24, "PSI", 0.1, 0.2))
    'PSI 0.24 (moderate)'
    """
    word = strength(evidence.effect, evidence.measure)
    return size(evidence.effect, evidence.measure) + (f" ({word})" if word else "")


def visible(evidence: Evidence) -> str:
    """Return the smallest effect that these rows would show half the time; a dash when it cannot be told."""
    return "-" if evidence.visible is None else size(evidence.visible, evidence.measure)


def clause(evidence: Evidence, *, noun: str = "row") -> str:
    """Return the evidence as one clause.

    >>> clause(Evidence(1, "a", 200, 52000, 2.5e-5, 1e-4, 0.24, "PSI", 0.1, 0.2, visible=0.2))
    'PSI 0.24 (moderate), 1 chance in 40,000 of that by luck; this batch, 200 rows, against 52,000 in the reference'
    """
    parts = [
        f"{effect(evidence)}, {_cause(evidence)}",
        f"{window(evidence, noun=noun)}, against {evidence.n_reference:,} in the reference",
    ]
    if evidence.wobble > 1:
        times = f"{evidence.wobble:.1f}" if evidence.wobble < _TENFOLD else f"{evidence.wobble:,.0f}"
        parts.append(f"whose own batches vary {times} times as much as independent rows")
    if evidence.needed:
        parts.append(f"would need about {evidence.needed:,} more {noun}s")
    return "; ".join(parts)


def _cause(evidence: Evidence) -> str:
    if evidence.p_value < _LUCK:
        return f"{luck(evidence.p_value)} of that by luck"
    usual = "the reference's own batches do as much" if evidence.wobble > 1 else "luck explains it"
    return f"{usual} ({luck(evidence.p_value)})"


def expected(psi: float, noise: float, n: int) -> str:
    """Return how much of a PSI the sample size explains.

    >>> expected(0.14, 0.05, 200)
    'PSI 0.14, of which 0.05 is expected from 200 rows'
    """
    return f"PSI {psi:.2f}, of which {min(noise, psi):.2f} is expected from {n:,} rows"
