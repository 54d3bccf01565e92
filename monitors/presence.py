"""How many values are there at all: the check that comes before every test."""

from dataclasses import dataclass

import numpy as np

from driftboard.monitors.finding import Finding, too_few
from driftboard.monitors.fisher import rise_p_value
from driftboard.monitors.policy import RISE_ALPHA, ClassicPolicy
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.sample import Sample
from driftboard.monitors.wording import count, percent


@dataclass(frozen=True, slots=True)
class Presence:
    """Rows of a column, and how many of them have no value, or have one that a test can use.

    A numeric column's usable values are the finite ones; ±inf is neither missing nor usable.
    """

    rows: int
    missing: int
    usable: int

    @property
    def missing_rate(self) -> float:
        """Share of the rows without a value; 0 without rows."""
        return self.missing / self.rows if self.rows else 0.0


def absence(name: str, here: Presence, reference: Presence, policy: ClassicPolicy) -> Finding | None:
    """Return why the column cannot be judged, if so: no rows, too few of them, or nothing in them.

    A column that is wholly missing is broken, unless its reference is so sparse that luck does that.
    """
    if here.rows == 0:
        return Finding(Verdict.NO_DATA, f"{name} has no rows")
    if here.rows < policy.min_rows:
        return too_few(here.rows, policy.min_rows, where=f" of {name}")
    if here.usable == 0 and here.missing < here.rows:
        return Finding(Verdict.INVALID, f"{name} has no finite value in {count(here.rows, 'row')}")
    return _emptiness(name, here, reference) or _scarcity(name, here, reference, policy)


def _emptiness(name: str, here: Presence, reference: Presence) -> Finding | None:
    if reference.usable == 0:
        return Finding(Verdict.NO_DATA, f"{name} has no values in the reference to compare with")
    if here.usable:
        return None
    lucky = _missing_p_value(here, reference) >= RISE_ALPHA
    verdict = Verdict.NO_DATA if lucky else Verdict.INVALID
    return Finding(verdict, f"{name} is missing in all {count(here.rows, 'row')}, {_in_reference(reference)}")


def _scarcity(name: str, here: Presence, reference: Presence, policy: ClassicPolicy) -> Finding | None:
    where = f" of {name}"
    if reference.usable < policy.min_rows:
        return too_few(reference.usable, policy.min_rows, noun="reference value", where=where)
    return too_few(here.usable, policy.min_rows, noun="value", where=where) if here.usable < policy.min_rows else None


def missing_rise(here: Presence, reference: Presence, policy: ClassicPolicy, *, noun: str = "values") -> list[Finding]:
    """Return a finding when more values are missing than in the reference, by more than luck."""
    if here.rows < policy.min_rows or reference.rows == 0:
        return []
    if here.missing_rate - reference.missing_rate < policy.missing_points:
        return []  # the p-value is only worth computing beyond that
    verdict = policy.rise(here.missing_rate, reference.missing_rate, _missing_p_value(here, reference))
    if verdict is Verdict.OK:
        return []
    return [Finding(verdict, f"{percent(here.missing_rate)} of the {noun} are missing, {_in_reference(reference)}")]


def prediction_presence(sample: Sample) -> Presence:
    """Count the predictions of a sample.

    A failed classification has a negative code, a failed regression NaN; ±inf did not fail, but cannot be used.
    """
    if sample.task == "classification":
        failed = int(np.count_nonzero(np.isnan(sample.predicted) | (sample.predicted < 0)))
        return Presence(sample.predicted.size, failed, sample.predicted.size - failed)
    failed = int(np.count_nonzero(np.isnan(sample.predicted)))
    return Presence(sample.predicted.size, failed, int(np.count_nonzero(np.isfinite(sample.predicted))))


def _in_reference(reference: Presence) -> str:
    return f"{percent(reference.missing_rate)} in the reference"


def _missing_p_value(here: Presence, reference: Presence) -> float:
    return rise_p_value(here.missing, here.rows, reference.missing, reference.rows)
