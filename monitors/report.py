"""What a monitor says of one batch: plain values, sample sizes, intervals and a verdict."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import TypeAdapter


class Verdict(StrEnum):
    """How a batch stands. Ordered by how much attention it asks for; NaN is never `ok`."""

    OK = "ok"
    NO_DATA = "no_data"
    INSUFFICIENT = "insufficient"
    INFO = "info"
    WARNING = "warning"
    INVALID = "invalid"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Position in the order of attention, 0 for `ok`."""
        return list(Verdict).index(self)


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the verdict that asks for most attention; `no_data` when there is none.

    >>> worst([Verdict.OK, Verdict.WARNING, Verdict.INSUFFICIENT])
    <Verdict.WARNING: 'warning'>
    """
    return max(verdicts, key=lambda verdict: verdict.rank, default=Verdict.NO_DATA)


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided 95 % confidence interval."""

    low: float
    high: float


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
        Share of missing values, 0 to 1.
    psi, psi_noise
        Population stability index on the frozen cells, and what it would be on average with nothing drifting:
        (k - 1)(1/n + 1/N) for k cells. None when it could not be computed.
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
    ks: Test | None = None
    chi_square: Test | None = None
    mean: float | None = None
    reference_mean: float | None = None
    cells: tuple[str, ...] = ()
    share: tuple[float, ...] = ()
    reference_share: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureReport:
    """Inputs: every feature of the reference, and any that the reference does not know."""

    verdict: Verdict
    message: str
    n: int
    n_reference: int
    features: tuple[FeatureResult, ...]
    unexpected: tuple[str, ...]
    psi_warning: float
    psi_critical: float


@dataclass(frozen=True, slots=True)
class PredictionReport:
    """Outputs: the mix of predicted classes and the confidence, against the reference.

    Attributes
    ----------
    classes, counts, reference_counts
        The fixed class list, and how many predictions of each; a class the reference never had comes after its own.
    share_interval
        Wilson 95 % interval of each class's share.
    chi_square
        Two-sample test of the class mix (label shift).
    confidence_ks, mean_confidence, reference_mean_confidence
        Shift of the confidence; None where the model gives no scores.
    mean_predicted, reference_mean_predicted
        Mean predicted value, and `value_ks` its shift; regression only.
    failed
        Requests that ended in an error and have no prediction.
    """

    verdict: Verdict
    message: str
    n: int
    n_reference: int
    classes: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    reference_counts: tuple[int, ...] = ()
    share_interval: tuple[Interval, ...] = ()
    chi_square: Test | None = None
    mean_confidence: float | None = None
    reference_mean_confidence: float | None = None
    confidence_ks: Test | None = None
    mean_predicted: float | None = None
    reference_mean_predicted: float | None = None
    value_ks: Test | None = None
    failed: int = 0


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """One bin of the reliability diagram: predictions whose confidence lies in (low, high]."""

    low: float
    high: float
    n: int
    mean_confidence: float
    accuracy: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class PerformanceReport:
    """Outcomes: how good the labelled predictions were, beside the reference.

    Attributes
    ----------
    n, n_labelled, coverage
        Predictions, those with a label, and their ratio.
    accuracy, accuracy_interval, reference_accuracy
        Share of right predictions with its Wilson 95 % interval; classification.
    macro_f1, reference_macro_f1
        Mean F1 over the fixed class list (the reference's classes and any new label), classification.
    ece, reference_ece
        Expected calibration error over ten equal-width bins; None without scores.
    classes, support, confusion
        Class names, labels of each, and confusion[i][j]: labelled i, predicted j.
    reliability
        The non-empty bins behind `ece`.
    mae, rmse, r2 and their reference values
        Mean absolute error, root mean squared error, share of variance explained; regression.
    decay_limit
        Points of accuracy or macro F1 (or share of MAE) lost at which decay is called.
    """

    verdict: Verdict
    message: str
    n: int
    n_labelled: int
    coverage: float
    decay_limit: float
    accuracy: float | None = None
    accuracy_interval: Interval | None = None
    reference_accuracy: float | None = None
    macro_f1: float | None = None
    reference_macro_f1: float | None = None
    ece: float | None = None
    reference_ece: float | None = None
    classes: tuple[str, ...] = ()
    support: tuple[int, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    reliability: tuple[ReliabilityBin, ...] = ()
    mae: float | None = None
    reference_mae: float | None = None
    rmse: float | None = None
    reference_rmse: float | None = None
    r2: float | None = None
    reference_r2: float | None = None


Report = FeatureReport | PredictionReport | PerformanceReport
Monitor = Literal["feature", "prediction", "performance"]

_ADAPTERS: dict[Monitor, TypeAdapter[Report]] = {
    "feature": TypeAdapter(FeatureReport),
    "prediction": TypeAdapter(PredictionReport),
    "performance": TypeAdapter(PerformanceReport),
}


def report_to_json(monitor: Monitor, report: Report) -> str:
    """Return the report as JSON text: what the store keeps. Numbers are finite or null."""
    return _ADAPTERS[monitor].dump_json(report).decode()


def report_from_json(monitor: Monitor, text: str) -> Report:
    """Return the report that `report_to_json` wrote."""
    return _ADAPTERS[monitor].validate_json(text)
