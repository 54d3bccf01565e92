"""The delay distribution of labels, learnt from batches of which the young ones still wait for theirs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftboard.monitors.sample import Codes, Floats
from driftboard.monitors.wording import count

FEWEST_LABELS = 100
FEWEST_BATCHES = 3
_FEWEST_AT_THE_END = 30  # the curve is scaled to end there: a handful of labels would scale it by luck
_REMEMBERED = 90 * 86_400.0
_SEEN_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Cohort:
    """The labels of one batch so far.

    Attributes
    ----------
    batch
        Its id.
    age
        Seconds since it was complete.
    n_predictions, n_labels
        All of them.
    counts
        Labels looked at, a sample or all, by delay: as many as there are edges and one, counts[i] of delays in
        (edges[i - 1], edges[i]] and the last of those beyond. Empty, or all 0, where nothing is known.
    """

    batch: str
    age: float
    n_predictions: int
    n_labels: int
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelDelays:
    """What is usual: F(age), the share of the labels that ever arrive which arrive within an age.

    Attributes
    ----------
    n_labels, n_batches
        What it was learnt from: labels looked at, and batches that have some.
    edges, arrived
        Ages in seconds and F there, rising to 1; empty while it is not known.
    final_coverage
        Share of the predictions that get a label in the end; None while it is not known.
    unknown
        Why it is not known yet, as a clause; empty when it is.
    """

    n_labels: int
    n_batches: int
    edges: tuple[float, ...] = ()
    arrived: tuple[float, ...] = ()
    final_coverage: float | None = None
    unknown: str = ""

    def arrived_by(self, age: float) -> float | None:
        """Return F(age), linear between the edges; None while it is not known.

        >>> LabelDelays(100, 3, (0.0, 60.0, 120.0), (0.0, 0.5, 1.0)).arrived_by(90.0)
        0.75
        """
        return float(np.interp(age, self.edges, self.arrived)) if self.arrived else None

    def age_at(self, share: float) -> float | None:
        """Return the first age, in seconds, by which that share of the labels has arrived; None while not known.

        >>> LabelDelays(100, 3, (0.0, 60.0, 120.0), (0.0, 0.5, 1.0)).age_at(0.75)
        90.0
        """
        return _age_at(share, np.array(self.edges), np.array(self.arrived)) if self.arrived else None

    def expected_coverage(self, age: float) -> float | None:
        """Return the share of a batch's predictions that usually have a label at that age; None while not known."""
        arrived = self.arrived_by(age)
        return None if arrived is None or self.final_coverage is None else arrived * self.final_coverage


def learn_delays(cohorts: Sequence[Cohort], edges: Sequence[float]) -> LabelDelays:
    """Learn how late labels usually are.

    A young batch has only had time for its early labels, so counting delays makes labels look fast. Here each interval
    of delays is judged by the batches old enough to have lived through all of it: of their labels up to its end, the
    share that came inside it is h, and F(start) = F(end)·(1 - h), from F = 1 at the oldest age seen. That is the chain
    ladder of loss reserving (1/(1 - h) is the development factor), and the estimate of reporting delays from
    right-truncated data. As actuaries use the newest factors only, an interval that a batch lived through more than 90
    days ago does not count: a change of the delay, or a backfill of old batches, is forgotten.

    What comes after the oldest age seen cannot be known. So the delay counts as known only when 80 % have arrived by
    half that age: for exponential delays F is then too high by at most 6.3 points.

    Parameters
    ----------
    cohorts
        Batches of one model, in any order; the counts add up, so a cohort may stand for several batches of one age.
    edges
        Rising upper ends of the delays counted together, in seconds, the first 0.

    Sources: T. Mack, ASTIN Bulletin 23 (1993), 213; J. F. Lawless, Canadian Journal of Statistics 22 (1994), 15.

    >>> day = 86400.0
    >>> old = [Cohort(f"old {i}", 4 * day, 100, 80, (0, 40, 40, 0, 0)) for i in range(3)]
    >>> delays = learn_delays([Cohort("young", 1 * day, 100, 40, (0, 40, 0, 0, 0)), *old], (0.0, day, 2 * day, 4 * day))
    >>> delays.arrived, delays.final_coverage
    ((0.0, 0.5, 1.0, 1.0), 0.8)
    """
    told = [each for each in cohorts if len(each.counts) == len(edges) + 1 and any(each.counts)]
    counts = np.array([each.counts for each in told], dtype=np.int64).reshape(len(told), len(edges) + 1)
    n_labels, n_batches = int(counts.sum()), len(told)
    if n_labels < FEWEST_LABELS:
        return LabelDelays(n_labels, n_batches, unknown=f"{n_labels} of {count(FEWEST_LABELS, 'label')} needed")
    if n_batches < FEWEST_BATCHES:
        return LabelDelays(n_labels, n_batches, unknown=f"labels of {n_batches} of {FEWEST_BATCHES} batches needed")
    ends = np.array(edges, dtype=np.float64)
    inside, until = _lived_through(counts[:, :-1], np.array([each.age for each in told]), ends)
    arrived = _chain(inside, until)
    if arrived.size == 0 or _age_at(_SEEN_SHARE, ends[: arrived.size], arrived) > ends[arrived.size - 1] / 2:
        unknown = "the oldest labelled batches are not old enough to tell"
        return LabelDelays(n_labels, n_batches, unknown=unknown)
    known = LabelDelays(n_labels, n_batches, tuple(ends[: arrived.size].tolist()), tuple(arrived.tolist()))
    return LabelDelays(n_labels, n_batches, known.edges, known.arrived, _final_coverage(cohorts, known))


def _lived_through(counts: Codes, ages: Floats, ends: Floats) -> tuple[Codes, Codes]:
    """Labels inside each interval, and up to its end, of the batches that have lived through it, and not long ago."""
    old_enough = (ages[:, None] >= ends) & (ages[:, None] <= ends + _REMEMBERED)
    inside: Codes = np.where(old_enough, counts, 0).sum(axis=0)
    until: Codes = np.where(old_enough, counts.cumsum(axis=1), 0).sum(axis=0)
    return inside, until


def _chain(inside: Codes, until: Codes) -> Floats:
    """F at the ends of the intervals, up to the last one that enough labels tell of."""
    told = np.flatnonzero(until >= _FEWEST_AT_THE_END)
    if told.size == 0:
        return np.empty(0)
    last = int(told[-1])
    later = 1 - inside[1 : last + 1] / np.maximum(until[1 : last + 1], 1)
    arrived: Floats = np.append(np.cumprod(later[::-1])[::-1], 1.0)
    return arrived


def _age_at(share: float, ends: Floats, arrived: Floats) -> float:
    share = min(share, 1.0)
    after = int(np.searchsorted(arrived, share, side="left"))
    if after == 0:
        return float(ends[0])
    span = ends[after] - ends[after - 1]
    rise = arrived[after] - arrived[after - 1]
    return float(ends[after - 1] + span * (share - arrived[after - 1]) / rise)


def _final_coverage(cohorts: Sequence[Cohort], delays: LabelDelays) -> float | None:
    """Labels so far over the predictions that have had the time for theirs."""
    due = sum(each.n_predictions * (delays.arrived_by(each.age) or 0.0) for each in cohorts)
    return min(1.0, sum(each.n_labels for each in cohorts) / due) if due > 0 else None
