"""The confidence of the predictions against its frozen reference."""

from dataclasses import replace

import numpy as np

from driftboard.monitors.finding import Finding
from driftboard.monitors.ks import ks_test
from driftboard.monitors.mean import finite_mean
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.presence import Presence, missing_rise
from driftboard.monitors.report import PredictionReport, Verdict
from driftboard.monitors.sample import Floats, Sample
from driftboard.monitors.wording import chance, number


class Confidence:
    """The reference's confidences, sorted once. A model that gives none is not asked for any."""

    def __init__(self, reference: Sample) -> None:
        self._sorted = np.sort(_known(reference))
        self._presence = _presence(reference)

    def measure(self, report: PredictionReport, batch: Sample, policy: ClassicPolicy) -> PredictionReport:
        """Return the report with the batch's mean confidence, and its test where both sides have values."""
        known = np.sort(_known(batch))
        both = known.size > 0 and self._sorted.size > 0
        return replace(
            report,
            mean_confidence=finite_mean(known),
            reference_mean_confidence=finite_mean(self._sorted),
            confidence_ks=ks_test(self._sorted, known, alpha=policy.ks_alpha) if both else None,
        )

    def judge(self, report: PredictionReport, batch: Sample, policy: ClassicPolicy) -> list[Finding]:
        """Return what the measured confidence amounts to; lost confidences are a finding of their own."""
        lost = missing_rise(_presence(batch), self._presence, policy, noun="confidences") if self._sorted.size else []
        test, mean, before = report.confidence_ks, report.mean_confidence, report.reference_mean_confidence
        if test is None or mean is None or before is None:
            return lost
        verdict = policy.confidence(test, mean - before) if _known(batch).size >= policy.min_rows else Verdict.OK
        if verdict is Verdict.OK:
            return lost
        says = f"confidence shifted: mean {number(before)} → {number(mean)}"
        return [Finding(verdict, f"{says}, KS {test.statistic:.2f}, {chance(test.p_value)}"), *lost]


def _known(sample: Sample) -> Floats:
    """Confidences in [0, 1]; anything else is as good as missing."""
    known: Floats = sample.confidence[(sample.confidence >= 0) & (sample.confidence <= 1)]
    return known


def _presence(sample: Sample) -> Presence:
    known = _known(sample).size
    return Presence(sample.n, sample.n - known, known)
