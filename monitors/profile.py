"""A batch summarised once against the reference's frozen cells: counts that add up, so that any window is a sum."""

from dataclasses import dataclass, fields

from driftboard.monitors.cbpe import ExpectedClasses
from driftboard.monitors.dle import ExpectedValues
from driftboard.monitors.levels import LevelCounts
from driftboard.monitors.numeric import NumericCounts
from driftboard.monitors.outcomes import ClassOutcomes, ValueOutcomes
from driftboard.monitors.relations import RelationMoments
from driftboard.monitors.sample import Floats
from driftboard.monitors.segment_outcomes import SegmentOutcomes

MOST_UNEXPECTED = 100


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Everything the monitors want to know of a batch, or of several: `a + b` is the profile of both together.

    Attributes
    ----------
    names
        The batches in it, oldest first.
    n, failed, duplicates
        Rows; requests without a prediction; rows that repeat an earlier row of the same batch in every feature.
    inputs, levels
        Numeric and categorical features.
    outputs
        Two numeric columns: `confidence` (classification) or `value` (regression), and `error`, the absolute error of
        labelled rows (regression).
    predicted
        The predicted class, as one categorical column; none for regression.
    relations
        Moments of the rank correlations.
    outcomes, segments
        What the labelled rows say, all together and for each segment of the baseline.
    expected
        What they would say by estimate (CBPE or DLE); None where the reference does not allow one.
    errors
        One array a batch: the first thousand outcomes in order, 1 for an error (or the absolute error).
    retyped, unexpected
        Features that were numbers and are text now, or the reverse; features the reference does not know.
    """

    names: tuple[str, ...]
    n: int
    failed: int
    duplicates: int
    inputs: NumericCounts
    levels: LevelCounts
    outputs: NumericCounts
    predicted: LevelCounts
    relations: RelationMoments
    outcomes: ClassOutcomes | ValueOutcomes
    errors: tuple[Floats, ...]
    segments: tuple[SegmentOutcomes, ...]
    expected: ExpectedClasses | ExpectedValues | None
    retyped: tuple[str, ...]
    unexpected: tuple[str, ...]

    def __add__(self, other: "Profile") -> "Profile":
        """Return the profile of both together; both were made against the same reference."""
        sums = {name: getattr(self, name) + getattr(other, name) for name in _ADDED}
        both = self.expected is not None and other.expected is not None
        return Profile(
            **sums,
            segments=tuple(first + second for first, second in zip(self.segments, other.segments, strict=True)),
            expected=self.expected + other.expected if both else None,  # type: ignore[operator]
            retyped=_union(self.retyped, other.retyped),
            unexpected=_union(self.unexpected, other.unexpected),
        )


_APART = ("segments", "expected", "retyped", "unexpected")
"""The fields that are not simply added."""
_ADDED = tuple(each.name for each in fields(Profile) if each.name not in _APART)


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*first, *second})[:MOST_UNEXPECTED])
