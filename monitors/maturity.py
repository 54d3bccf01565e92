"""Label maturity: whether enough of a batch's labels have arrived for its performance to stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from driftboard.monitors.label_delays import Cohort, LabelDelays
from driftboard.monitors.wording import percent

SHARE = 0.8
"""A batch is mature at the age by which this share of its labels has usually arrived."""

COVERED = 0.95
"""A batch with labels for this share of its predictions is mature at any age."""

LONGEST_WAIT = 30 * 86_400.0
"""Seconds after which a batch is mature while the usual delay is unknown: an alert is not held back for ever."""

_LATE = 0.5
_FEWEST_LATE = 10
_UNITS = ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute"))


@dataclass(frozen=True, slots=True)
class Maturity:
    """Whether the performance of a batch may be judged.

    Attributes
    ----------
    mature, message
        The answer, and the sentence that says so.
    coverage
        Share of the predictions that have a label now.
    expected_share
        Share of the labels that will ever arrive which have usually arrived at this age, 0 to 1; None while unknown.
    matures_in
        Seconds until the batch is mature by its age; 0 when it is mature, None while unknown.
    """

    mature: bool
    message: str
    coverage: float
    expected_share: float | None
    matures_in: float | None


@dataclass(frozen=True, slots=True)
class CohortCoverage:
    """One line of the cohort table: the age of a batch in seconds, its coverage now, and the coverage usual by now."""

    batch: str
    age: float
    n_predictions: int
    n_labels: int
    coverage: float
    expected_coverage: float | None
    expected_share: float | None


def maturity(n_labels: int, n_predictions: int, age: float, delays: LabelDelays, *, share: float = SHARE) -> Maturity:
    """Return whether a batch is mature: by its age, or by its coverage, whatever the age.

    By age, because a model may only ever get labels for a sample of its predictions. While the usual delay is unknown a
    batch is mature at a coverage of `share`, or after 30 days.

    Parameters
    ----------
    n_labels, n_predictions
        Of the batch.
    age
        Seconds since it was complete.
    delays
        What is usual for its model.
    share
        Of its labels, 0 to 1, that must usually have arrived.

    >>> delays = LabelDelays(500, 9, (0.0, 86400.0, 432000.0), (0.0, 0.4, 1.0), 0.9)
    >>> maturity(30, 100, 86400.0, delays).message
    'provisional: 40 % of the labels are usually known by now, mature in about 3 days'
    >>> maturity(30, 100, 86400.0, LabelDelays(40, 2, unknown="40 of 100 labels needed")).message
    'provisional: the usual label delay is not known yet: 40 of 100 labels needed'
    """
    age = max(0.0, age) if isfinite(age) else 0.0
    coverage = _coverage(n_labels, n_predictions)
    expected = delays.arrived_by(age)
    mature_at = delays.age_at(share)
    mature_at = LONGEST_WAIT if mature_at is None else mature_at
    if coverage >= (COVERED if delays.arrived else share):
        return _mature(f"{percent(coverage)} of the predictions are labelled", coverage, expected)
    if age >= mature_at:
        return _mature(_because_of_age(n_labels, n_predictions, age, delays), coverage, expected)
    if expected is None:
        return _provisional(f"the usual label delay is not known yet: {delays.unknown}", coverage, None, None)
    wait = mature_at - age
    message = f"{percent(expected)} of the labels are usually known by now, mature in {duration(wait)}"
    return _provisional(message, coverage, expected, wait)


def cohorts(batches: Sequence[Cohort], delays: LabelDelays) -> tuple[CohortCoverage, ...]:
    """Return the cohort table: each batch's coverage now beside the coverage that is usual at its age."""
    return tuple(
        CohortCoverage(
            batch=each.batch,
            age=each.age,
            n_predictions=each.n_predictions,
            n_labels=each.n_labels,
            coverage=_coverage(each.n_labels, each.n_predictions),
            expected_coverage=delays.expected_coverage(each.age),
            expected_share=delays.arrived_by(each.age),
        )
        for each in batches
    )


def duration(seconds: float) -> str:
    """Return a time to wait, in its largest unit.

    >>> duration(190_000.0), duration(4_000.0), duration(20.0)
    ('about 2 days', 'about 1 hour', 'less than a minute')
    """
    for length, unit in _UNITS:
        n = round(seconds / length)
        if seconds >= length:
            return f"about {n:,} {unit}{'' if n == 1 else 's'}"
    return "less than a minute"


def _mature(message: str, coverage: float, expected: float | None) -> Maturity:
    return Maturity(mature=True, message=f"mature: {message}", coverage=coverage, expected_share=expected, matures_in=0)


def _provisional(message: str, coverage: float, expected: float | None, wait: float | None) -> Maturity:
    return Maturity(
        mature=False,
        message=f"provisional: {message}",
        coverage=coverage,
        expected_share=expected,
        matures_in=wait,
    )


def _because_of_age(n_labels: int, n_predictions: int, age: float, delays: LabelDelays) -> str:
    arrived, usual = delays.arrived_by(age), delays.expected_coverage(age)
    if arrived is None:
        return f"labels are not waited for longer than {duration(LONGEST_WAIT).removeprefix('about ')}"
    text = f"{percent(arrived)} of the labels are usually known by now"
    if usual is None or usual * n_predictions < _FEWEST_LATE or n_labels >= _LATE * usual * n_predictions:
        return text
    return f"{text}, but here only {n_labels:,} of about {round(usual * n_predictions):,}: labels may be late"


def _coverage(n_labels: int, n_predictions: int) -> float:
    return min(1.0, max(0, n_labels) / n_predictions) if n_predictions > 0 else 0.0
