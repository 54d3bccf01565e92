"""A two-sample test: the batch against the reference."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Test:
    """A two-sample test against the reference: statistic, p-value and its rejection level."""

    statistic: float
    p_value: float
    alpha: float

    __test__ = False  # not a test case, whatever pytest makes of the name

    @property
    def rejects(self) -> bool:
        """Whether the batch and the reference differ at level alpha."""
        return self.p_value < self.alpha
