"""What is said of a champion and a challenger that predicted the same things: plain values."""

from dataclasses import dataclass
from typing import Literal

from driftboard.monitors.interval import Interval
from driftboard.monitors.verdict import Verdict

Measure = Literal["accuracy", "mean absolute error"]
Side = Literal["champion", "challenger"]
Place = tuple[str, str]
"""Segment and level: country and NO."""


@dataclass(frozen=True, slots=True)
class PairedFigures:
    """Two models on the same n labelled predictions.

    Attributes
    ----------
    champion, challenger, difference, interval
        The measure of each; challenger less champion, with its 95 % interval.
    p_value
        Two-sided chance of such a difference by luck.
    champion_better, challenger_better
        Predictions on which only one was right, or was closer.
    needed
        Labelled predictions at which a difference of this size would be seen four times in five; None where there is
        none, or these are enough.
    """

    n: int
    champion: float
    challenger: float
    difference: float
    interval: Interval
    p_value: float
    champion_better: int
    challenger_better: int
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class PairedSegment:
    """One segment, its p-value corrected for the number of segments; `better` where that decides."""

    segment: str
    level: str
    figures: PairedFigures
    adjusted_p: float
    better: Side | None


@dataclass(frozen=True, slots=True)
class PairedF1:
    """Mean F1 over the labelled classes; challenger less champion with its bootstrap 95 % interval."""

    champion: float
    challenger: float
    difference: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class PairedReport:
    """What there is to say of a champion and a challenger.

    Attributes
    ----------
    verdict, message
        `info` when one is better, `ok` when neither is seen to be, and a sentence to act on.
    measure
        What `figures` are of.
    names
        What the champion and the challenger are called.
    n, n_labelled
        Predictions that both made, and those of them with a label.
    better
        Which of the two, if luck is ruled out; None otherwise.
    figures
        None without labels.
    macro_f1
        Classification only.
    segments, small_segments
        Those with 30 labelled predictions or more, largest first; how many have fewer or are beyond the first 50.
    """

    verdict: Verdict
    message: str
    measure: Measure
    names: tuple[str, str]
    n: int
    n_labelled: int
    better: Side | None = None
    figures: PairedFigures | None = None
    macro_f1: PairedF1 | None = None
    segments: tuple[PairedSegment, ...] = ()
    small_segments: int = 0
