"""Champion against challenger: who is better, overall and by segment. A comparison, never a page."""

from collections.abc import Mapping

from scipy.stats import false_discovery_control

from driftboard.monitors.paired_report import Measure, PairedF1, PairedFigures, PairedReport, PairedSegment, Place, Side
from driftboard.monitors.paired_words import comparison, nothing_to_compare
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.wording import count

LEVEL = 0.05
"""A p-value above this decides nothing; over segments after Benjamini-Hochberg."""

LEAST_PAIRS = 30
"""Labelled predictions in common, overall or of a segment, below which nothing is decided."""

MOST_SEGMENTS = 50
"""Segments reported at the most, the largest; the correction is over all that are."""


def largest(sizes: Mapping[Place, int]) -> list[Place]:
    """Return which segments are worth a comparison: those with 30 rows or more, the 50 largest, in that order.

    >>> largest({("country", "NO"): 40, ("country", "DE"): 90, ("country", "FR"): 7})
    [('country', 'DE'), ('country', 'NO')]
    """
    enough = [place for place, n in sizes.items() if n >= LEAST_PAIRS]
    return sorted(enough, key=lambda place: (-sizes[place], place))[:MOST_SEGMENTS]


def conclude_pairs(
    measure: Measure,
    names: tuple[str, str],
    n: int,
    figures: PairedFigures | None,
    *,
    segments: Mapping[Place, PairedFigures],
    small_segments: int,
    macro_f1: PairedF1 | None = None,
) -> PairedReport:
    """Return the report: who is better, overall and by segment, and the sentence.

    Source of the correction over segments: Y. Benjamini and Y. Hochberg, Journal of the Royal Statistical Society B 57
    (1995), 289.
    """
    if figures is None:
        return PairedReport(Verdict.NO_DATA, nothing_to_compare(names, n), measure, names, n, 0)
    if figures.n < LEAST_PAIRS:
        short = f"{count(figures.n, 'labelled prediction')} of both {names[0]} and {names[1]}"
        message = f"{short} are too few to compare: {LEAST_PAIRS - figures.n} more needed."
        return PairedReport(Verdict.INSUFFICIENT, message, measure, names, n, figures.n, None, figures)
    better = _better(measure, figures, figures.p_value)
    return PairedReport(
        verdict=Verdict.INFO if better else Verdict.OK,
        message=comparison(measure, names, figures, better),
        measure=measure,
        names=names,
        n=n,
        n_labelled=figures.n,
        better=better,
        figures=figures,
        macro_f1=macro_f1,
        segments=_judged(measure, segments),
        small_segments=small_segments,
    )


def _judged(measure: Measure, segments: Mapping[Place, PairedFigures]) -> tuple[PairedSegment, ...]:
    p_values = [figures.p_value for figures in segments.values()]
    adjusted = false_discovery_control(p_values).tolist() if p_values else []
    return tuple(
        PairedSegment(*place, figures, p_value, _better(measure, figures, p_value))
        for (place, figures), p_value in zip(segments.items(), adjusted, strict=True)
    )


def _better(measure: Measure, figures: PairedFigures, p_value: float) -> Side | None:
    if p_value > LEVEL or figures.difference == 0:
        return None
    return "challenger" if (figures.difference > 0) == (measure == "accuracy") else "champion"
