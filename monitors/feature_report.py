"""What is said of the inputs of one batch: each feature, and the relations between them."""

from dataclasses import dataclass
from typing import Literal

from driftboard.monitors.finding import Evidence, Finding
from driftboard.monitors.two_sample import Test
from driftboard.monitors.verdict import Verdict


@dataclass(frozen=True, slots=True)
class FeatureResult:
    """One feature of one batch against the reference.

    Attributes
    ----------
    feature, kind
        Its name; `numeric` or `categorical`.
    verdict, message
        What is made of the numbers below, and the sentence that says so.
    n, n_reference
        Finite (numeric) or present (categorical) values on each side.
    missing_rate, reference_missing_rate
        Share of missing values, 0 to 1; judged by the quality monitor.
    psi, psi_noise, psi_limit
        Population stability index on the frozen cells, what it would be on average with nothing drifting:
        (k - 1)(1/n + 1/N) for k cells, and what luck exceeds once in a thousand times. None when it could not be
        computed. The corrected PSI is max(0, psi - psi_noise).
    ks
        Kolmogorov-Smirnov test; numeric features only.
    chi_square
        Two-sample chi-square test on the levels; categorical features only.
    mean, reference_mean
        Of the finite values; numeric features only.
    cells
        Labels of the frozen cells, in order; the last may be "new" (levels the reference never had).
    share, reference_share
        Share of the values in each cell.
    evidence
        What the look-back windows say; None under the classic policy and where nothing could be tested.
    """

    feature: str
    kind: Literal["numeric", "categorical"]
    verdict: Verdict
    message: str
    n: int
    n_reference: int
    missing_rate: float
    reference_missing_rate: float
    psi: float | None = None
    psi_noise: float | None = None
    psi_limit: float | None = None
    ks: Test | None = None
    chi_square: Test | None = None
    mean: float | None = None
    reference_mean: float | None = None
    cells: tuple[str, ...] = ()
    share: tuple[float, ...] = ()
    reference_share: tuple[float, ...] = ()
    evidence: Evidence | None = None

    @property
    def corrected_psi(self) -> float | None:
        """PSI less what luck gives on average; None without a PSI."""
        return None if self.psi is None or self.psi_noise is None else max(0.0, self.psi - self.psi_noise)


@dataclass(frozen=True, slots=True)
class FeatureReport:
    """Inputs: how far every feature of the reference moved.

    Attributes
    ----------
    features, n_features
        The features, of more than 2,000 those that ask for most attention; and how many there are.
    psi_warning, psi_critical
        Limits of the (corrected, unless the policy is classic) PSI.
    consequence
        `with consequence` or `harmless so far`, by the estimated performance, when some feature drifted and there is an
        estimate.
    findings
        What is worth a word, the gravest first.
    """

    verdict: Verdict
    message: str
    n: int
    n_reference: int
    features: tuple[FeatureResult, ...]
    psi_warning: float
    psi_critical: float
    consequence: str | None = None
    findings: tuple[Finding, ...] = ()
    n_features: int = 0

    @property
    def feature_count(self) -> int:
        """How many features there are; reports of the first version list them all and do not say."""
        return self.n_features or len(self.features)


@dataclass(frozen=True, slots=True)
class PairResult:
    """Rank correlation of two numeric features in the batch's best window, and in the reference."""

    first: str
    second: str
    verdict: Verdict
    message: str
    correlation: float
    reference_correlation: float
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class RelationReport:
    """Relations: the pairs whose correlation changed most, of all that were looked at."""

    verdict: Verdict
    message: str
    n: int
    n_reference: int
    n_pairs: int
    pairs: tuple[PairResult, ...] = ()
    findings: tuple[Finding, ...] = ()
