"""What is said of the outcomes of one batch: as a whole, by class, by segment, and by estimate."""

from dataclasses import dataclass

from driftboard.monitors.finding import Evidence, Finding
from driftboard.monitors.interval import Interval
from driftboard.monitors.verdict import Verdict

ESTIMATE_FROM = 1_000
"""Predictions that an estimate must rest on before anybody is told of it."""


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
