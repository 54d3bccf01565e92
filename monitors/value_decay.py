"""Decay of a regression model: the mean absolute error of a batch beside the reference's."""

from dataclasses import replace

from driftboard.monitors.finding import Finding
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.regression import growth_z
from driftboard.monitors.report import PerformanceReport, Verdict
from driftboard.monitors.sample import Sample
from driftboard.monitors.scores import score_values
from driftboard.monitors.wording import number

_SAYS = {
    Verdict.CRITICAL: "performance decayed",
    Verdict.INFO: "the error is larger, but these labels may show that by luck",
    Verdict.OK: "performance is steady",
}


class ValueDecay:
    """The reference's scores, and the rule that compares a batch's with them."""

    def __init__(self, reference: Sample) -> None:
        self._scores = score_values(reference)
        self.n_reference = self._scores.n

    def measure(self, report: PerformanceReport, batch: Sample) -> PerformanceReport:
        """Return the report with the batch's scores."""
        here = score_values(batch)
        return replace(
            report,
            n_labelled=here.n,
            mae=here.mae,
            reference_mae=self._scores.mae,
            rmse=here.rmse,
            reference_rmse=self._scores.rmse,
            r2=here.r2,
            reference_r2=self._scores.r2,
        )

    def judge(self, report: PerformanceReport, batch: Sample, policy: ClassicPolicy) -> list[Finding]:
        """Return what the measured scores amount to."""
        if report.mae is None or report.reference_mae is None:
            return [Finding(Verdict.INVALID, "the errors are too large to be computed")]
        z = growth_z(score_values(batch).errors, self._scores.errors)
        verdict = policy.error_grew(report.mae, report.reference_mae, z)
        return [Finding(verdict, f"{_SAYS[verdict]}: MAE {number(report.reference_mae)} → {number(report.mae)}")]
