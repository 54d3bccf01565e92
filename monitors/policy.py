"""The verdict rules: what is made of the evidence. The monitors compute, the policy judges, nothing else does."""

from dataclasses import dataclass

from driftboard.monitors.report import Test
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.wilson import Z95

CONFIDENCE_SHIFT = 0.05
"""A change of the mean confidence smaller than this is real at most, never worth a warning."""

RISE_ALPHA = 0.01
"""A rise (missing values, failures, new levels, errors) that luck brings more often than this is put down to luck."""


@dataclass(frozen=True, slots=True)
class ClassicPolicy:
    """Fixed thresholds: magnitude alone warns, magnitude confirmed by a test on the same subject is critical.

    Attributes
    ----------
    psi_warning, psi_critical
        Population stability index at which a shift is worth a warning, and worth confirming.
    ks_alpha, chi_square_alpha
        Levels at which the tests reject.
    missing_points
        Rise of a missing (or failed) share that is a warning.
    decay
        Points of accuracy or macro F1 lost, or share of MAE gained, that are decay.
    min_rows, min_labels
        Below these nothing is judged.
    """

    psi_warning: float = 0.10
    psi_critical: float = 0.20
    ks_alpha: float = 0.01
    chi_square_alpha: float = 0.01
    missing_points: float = 0.05
    decay: float = 0.05
    min_rows: int = 50
    min_labels: int = 30

    def shift(self, psi: float, test: Test) -> Verdict:
        """Judge one feature: PSI and test agree → critical, PSI alone → warning, test alone → info."""
        if psi >= self.psi_critical and test.rejects:
            return Verdict.CRITICAL
        if psi >= self.psi_warning:
            return Verdict.WARNING
        return Verdict.INFO if test.rejects else Verdict.OK

    def rise(self, share: float, reference_share: float, p_value: float) -> Verdict:
        """Judge a share that should not rise (missing, failed): enough points and not luck → warning."""
        high = share - reference_share >= self.missing_points
        return Verdict.WARNING if high and p_value < RISE_ALPHA else Verdict.OK

    def new_class(self, p_value: float) -> Verdict:
        """Judge predictions of a class the reference never had: info, or a warning when they are too many for luck."""
        return Verdict.WARNING if p_value < RISE_ALPHA else Verdict.INFO

    def class_mix(self, test: Test) -> Verdict:
        """Judge the mix of predicted classes: label shift is a warning."""
        return Verdict.WARNING if test.rejects else Verdict.OK

    def confidence(self, test: Test, mean_shift: float) -> Verdict:
        """Judge the confidence: a real shift is a warning when its mean moved by 0.05, otherwise info."""
        if not test.rejects:
            return Verdict.OK
        return Verdict.WARNING if abs(mean_shift) >= CONFIDENCE_SHIFT else Verdict.INFO

    def decayed(
        self, *, accuracy_lost: float, f1_lost: float, accuracy_is_below: bool, error_p: float, recall_p: float
    ) -> Verdict:
        """Judge labelled class predictions.

        Accuracy or macro F1 lost `decay` points → critical when accuracy's whole interval lies below the reference and
        so many more errors are no luck, the reference's own sampling error included (Wilson's interval alone would page
        on 7 % of healthy batches of 50 labels). Macro F1 has no such test of its own: when it alone lost the points,
        some class's recall must have fallen beyond luck → warning. Points lost that may be luck → info.

        Parameters
        ----------
        accuracy_is_below
            Whether the Wilson interval's upper end is below the reference's accuracy.
        error_p, recall_p
            Fisher p-values: of the rise of the error rate, and of the class whose recall fell most clearly.
        """
        if max(accuracy_lost, f1_lost) < self.decay:
            return Verdict.OK
        if accuracy_is_below and error_p < RISE_ALPHA:
            return Verdict.CRITICAL
        return Verdict.WARNING if f1_lost >= self.decay and recall_p < RISE_ALPHA else Verdict.INFO

    def error_grew(self, mae: float, reference_mae: float, z: float) -> Verdict:
        """Judge labelled values: MAE up by the share `decay` and Welch's z beyond 1.96 → critical, within → info."""
        if mae <= reference_mae or mae < reference_mae * (1 + self.decay):
            return Verdict.OK
        return Verdict.CRITICAL if z > Z95 else Verdict.INFO
