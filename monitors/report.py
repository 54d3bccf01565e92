"""What a monitor says of one batch: plain values, sample sizes, intervals and a verdict."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError, to_json

from driftboard.monitors.finding import Evidence, Finding
from driftboard.monitors.interval import Interval
from driftboard.monitors.multivariate import MultivariateReport
from driftboard.monitors.sequential import SequentialReport
from driftboard.monitors.verdict import Verdict


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
    mix, confidence, value
        What the look-back windows say of the class mix, the confidence, the predicted value.
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
    mix: Evidence | None = None
    confidence: Evidence | None = None
    value: Evidence | None = None
    findings: tuple[Finding, ...] = ()


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
class ClassResult:
    """One class: how well it was found, and how often its name was right; None where nothing was labelled so."""

    label: str
    verdict: Verdict
    support: int
    predicted: int
    recall: float | None = None
    precision: float | None = None
    f1: float | None = None
    reference_recall: float | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """One level of one segment: accuracy (or mean absolute error) of its labelled rows in this batch."""

    segment: str
    level: str
    verdict: Verdict
    message: str
    n: int
    value: float | None = None
    reference_value: float | None = None
    interval: Interval | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure estimated without labels (CBPE or DLE), with its 95 % error band; of this batch.

    Attributes
    ----------
    name
        `accuracy`, `macro_f1`, `mae` or `rmse`.
    value, low, high
        The estimate and the band in which the realised figure is expected.
    reference
        The estimate on the reference itself: what to compare it with.
    n
        Predictions it rests on.
    """

    name: str
    value: float
    low: float
    high: float
    reference: float
    n: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Expected calibration error over the window, less what a calibrated model of that many labels shows anyhow.

    Attributes
    ----------
    n, batches
        Labels and batches of the smallest look-back window with 1,000 labels, else of the longest.
    plain, debiased, by_luck
        ECE as usually computed, less its bias, and what a perfectly calibrated model exceeds once in a hundred times.
    """

    n: int
    batches: int
    plain: float
    debiased: float
    by_luck: float


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
    weighted_f1, roc_auc, log_loss, brier and their reference values
        F1 weighted by support; one-versus-rest area under the ROC curve (macro mean; binary: of the second class); mean
        negative log-likelihood in nats; mean squared error of the class probabilities summed over classes.
    calibration
        None without scores.
    error
        What the look-back windows say of the error rate (or mean absolute error).
    by_class, segments
        Each class, and each level of each segment with labels, those that say most first.
    estimates
        The same figures estimated without labels.
    provisional
        Most of the labels of this batch have not had the time to arrive: nobody is told yet. `maturity` says it.
    label_bias
        Says how the labelled rows differ from the others; empty when they do not, or nothing can be said.
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
    weighted_f1: float | None = None
    reference_weighted_f1: float | None = None
    roc_auc: float | None = None
    reference_roc_auc: float | None = None
    log_loss: float | None = None
    reference_log_loss: float | None = None
    brier: float | None = None
    reference_brier: float | None = None
    calibration: Calibration | None = None
    error: Evidence | None = None
    by_class: tuple[ClassResult, ...] = ()
    segments: tuple[SegmentResult, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    provisional: bool = False
    maturity: str = ""
    label_bias: str = ""
    findings: tuple[Finding, ...] = ()


Report = (
    FeatureReport
    | RelationReport
    | QualityReport
    | PredictionReport
    | PerformanceReport
    | MultivariateReport
    | SequentialReport
)
Monitor = Literal["feature", "relations", "quality", "prediction", "performance", "multivariate", "sequential"]

_ADAPTERS: dict[Monitor, TypeAdapter[Any]] = {
    "feature": TypeAdapter(FeatureReport),
    "relations": TypeAdapter(RelationReport),
    "quality": TypeAdapter(QualityReport),
    "prediction": TypeAdapter(PredictionReport),
    "performance": TypeAdapter(PerformanceReport),
    "multivariate": TypeAdapter(MultivariateReport),
    "sequential": TypeAdapter(SequentialReport),
}


def report_to_json(monitor: Monitor, report: Report) -> str:
    """Return the report as JSON text: what the store keeps. Numbers are finite or null; half surrogates are escaped."""
    try:
        return str(_ADAPTERS[monitor].dump_json(report), "utf-8")
    except PydanticSerializationError:  # a name that is no UTF-8: the store escapes those, a notebook may not
        return str(to_json(_escaped(_ADAPTERS[monitor].dump_python(report))), "utf-8")


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {name: _escaped(each) for name, each in value.items()}
    return [_escaped(each) for each in value] if isinstance(value, tuple | list) else value


def report_from_json(monitor: Monitor, text: str) -> Report:
    """Return the report that `report_to_json` wrote; what an older version did not say has its default."""
    report: Report = _ADAPTERS[monitor].validate_json(text)
    return report
