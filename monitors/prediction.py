"""The outputs: predicted classes or values, and the confidence, against the reference."""

from dataclasses import replace

import numpy as np

from driftboard.monitors.class_mix import ClassMix
from driftboard.monitors.confidence import Confidence
from driftboard.monitors.finding import Finding, conclude, too_few
from driftboard.monitors.numeric import NumericReference
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.presence import Presence, missing_rise, prediction_presence
from driftboard.monitors.report import FeatureResult, PredictionReport, Verdict
from driftboard.monitors.sample import Numeric, Sample
from driftboard.monitors.wording import count


class PredictionMonitor:
    """Compares the predictions of batches with those of a reference, frozen when the monitor is made.

    A batch is judged by itself: no report depends on the batches seen before.

    Parameters
    ----------
    reference
        What the predictions should look like.
    policy
        The limits.

    >>> reference = Sample(1000, classes=("ok", "late"), predicted=np.repeat([0.0, 1.0], [780, 220]))
    >>> batch = Sample(200, classes=("late", "ok"), predicted=np.repeat([0.0, 1.0], [70, 130]))
    >>> PredictionMonitor(reference).report(batch).message
    'label shift: class mix differs from the reference, p = 8.8e-05, `ok` 78 % → 65 %.'
    """

    def __init__(self, reference: Sample, policy: ClassicPolicy | None = None) -> None:
        self._policy = policy or ClassicPolicy()
        self._task = reference.task
        self._presence = prediction_presence(reference)
        self._class_mix = ClassMix(reference) if reference.task == "classification" else None
        self._values = NumericReference("predicted value", _values(reference))
        self._confidence = Confidence(reference)

    def report(self, batch: Sample) -> PredictionReport:
        """Return the report of one batch; never raises for what the batch holds or lacks."""
        here = prediction_presence(batch)
        report = PredictionReport(Verdict.NO_DATA, "", here.usable, self._presence.usable, failed=here.missing)
        if batch.n and batch.task != self._task:
            text = f"the batch is of a {batch.task} model and the reference of a {self._task} model"
            return _concluded(report, [Finding(Verdict.INVALID, text)])
        report, outputs = self._outputs(report, batch)
        report = self._confidence.measure(report, batch, self._policy)
        if reason := self._absence(here):
            return _concluded(report, [reason])
        failed = missing_rise(here, self._presence, self._policy, noun="predictions")
        return _concluded(report, [*outputs, *self._confidence.judge(report, batch, self._policy), *failed])

    def _outputs(self, report: PredictionReport, batch: Sample) -> tuple[PredictionReport, list[Finding]]:
        if self._class_mix is None:
            result = self._values.compare(_values(batch), self._policy)
            return _with_values(report, result), [_value_finding(result)]
        report = self._class_mix.measure(report, batch, self._policy)
        return report, self._class_mix.judge(report, self._policy)

    def _absence(self, here: Presence) -> Finding | None:
        least = self._policy.min_rows
        if here.rows == 0:
            return Finding(Verdict.NO_DATA, "the batch has no predictions")
        if here.rows < least:
            return too_few(here.rows, least)
        if here.usable == 0:
            return Finding(Verdict.INVALID, f"none of {count(here.rows, 'request')} has a prediction that can be used")
        if self._presence.usable == 0:
            return Finding(Verdict.NO_DATA, "the reference has no predictions to compare with")
        if self._presence.usable < least:
            return too_few(self._presence.usable, least, noun="reference prediction")
        return too_few(here.usable, least, noun="prediction") if here.usable < least else None


def _with_values(report: PredictionReport, result: FeatureResult) -> PredictionReport:
    return replace(
        report,
        mean_predicted=result.mean,
        reference_mean_predicted=result.reference_mean,
        value_ks=result.ks,
    )


def _value_finding(result: FeatureResult) -> Finding:
    """Outputs that moved are a warning, however far: only inputs that moved and measured decay page."""
    verdict = Verdict.WARNING if result.verdict is Verdict.CRITICAL else result.verdict
    return Finding(verdict, result.message.removesuffix("."))


def _values(sample: Sample) -> Numeric:
    """Predicted values that exist; failures are counted apart."""
    return Numeric(sample.predicted[~np.isnan(sample.predicted)])


def _concluded(report: PredictionReport, findings: list[Finding]) -> PredictionReport:
    verdict, message = conclude(findings)
    return replace(report, verdict=verdict, message=message)
