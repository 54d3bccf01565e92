"""What is said of the outputs of one batch."""

from dataclasses import dataclass

from driftboard.monitors.finding import Evidence, Finding
from driftboard.monitors.interval import Interval
from driftboard.monitors.two_sample import Test
from driftboard.monitors.verdict import Verdict


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
