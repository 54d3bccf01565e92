"""What is said of the data quality of one batch."""

from dataclasses import dataclass
from typing import Literal

from driftboard.monitors.finding import Evidence, Finding
from driftboard.monitors.verdict import Verdict


@dataclass(frozen=True, slots=True)
class QualityResult:
    """One feature's data quality in one batch, beside the reference's. Rates are shares of the rows, 0 to 1.

    Attributes
    ----------
    state
        `present`, `absent` (the column is gone), `retyped` (numbers became text, or the reverse).
    new_rate
        Levels that the reference never had; categorical features only.
    below_rate, above_rate, infinite_rate
        Values outside the reference's range, and infinite ones; numeric features only.
    lowest, highest, reference_lowest, reference_highest
        Range of the finite values; numeric features only.
    constant
        All values of the batch are equal, those of the reference are not.
    """

    feature: str
    kind: Literal["numeric", "categorical"]
    verdict: Verdict
    message: str
    n: int
    state: Literal["present", "absent", "retyped"] = "present"
    missing_rate: float = 0.0
    reference_missing_rate: float = 0.0
    new_rate: float | None = None
    below_rate: float | None = None
    above_rate: float | None = None
    infinite_rate: float | None = None
    lowest: float | None = None
    highest: float | None = None
    reference_lowest: float | None = None
    reference_highest: float | None = None
    constant: bool = False
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Data quality: missing, new, out-of-range and constant values, columns gone or retyped, duplicate rows.

    Attributes
    ----------
    unexpected
        Features that the reference does not know.
    duplicate_rate, reference_duplicate_rate
        Share of the rows that repeat an earlier row of the same batch in every feature.
    """

    verdict: Verdict
    message: str
    n: int
    n_reference: int
    features: tuple[QualityResult, ...] = ()
    unexpected: tuple[str, ...] = ()
    duplicate_rate: float = 0.0
    reference_duplicate_rate: float = 0.0
    findings: tuple[Finding, ...] = ()
