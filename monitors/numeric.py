"""A numeric column against its frozen reference."""

from dataclasses import replace
from typing import Literal

import numpy as np

from driftboard.monitors.cells import numeric_cells
from driftboard.monitors.finding import Finding, conclude
from driftboard.monitors.ks import ks_test
from driftboard.monitors.mean import finite_mean
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.presence import Presence, absence, missing_rise
from driftboard.monitors.psi import psi, psi_noise
from driftboard.monitors.report import FeatureResult, Verdict
from driftboard.monitors.sample import Floats, Numeric
from driftboard.monitors.wording import chance, count, expected_by_luck, named, number

_SAYS = {
    Verdict.CRITICAL: "moved",
    Verdict.WARNING: "may have moved",
    Verdict.INFO: "moved a little (KS alone says so)",
    Verdict.OK: "is steady",
}


class NumericReference:
    """The reference's values of one column: sorted once, cut into cells once.

    NaN is missing. ±inf counts in the cells and in KS, but in no mean and in no `n`.
    """

    kind: Literal["numeric"] = "numeric"

    def __init__(self, name: str, column: Numeric) -> None:
        self._name = name
        self.presence = _presence(column.values)
        self._sorted = _sorted(column.values)
        self._mean = finite_mean(self._sorted)
        self._cells = numeric_cells(self._sorted)
        self._counts = self._cells.count(self._sorted)

    def compare(self, column: Numeric, policy: ClassicPolicy) -> FeatureResult:
        """Return what the batch's column looks like beside the reference."""
        here, values = _presence(column.values), _sorted(column.values)
        result = self._described(here, values)
        reason = absence(named(self._name), here, self.presence, policy)
        if here.usable and self.presence.usable:
            result = self._measured(result, values, policy)
            reason = reason or _moved(result, policy)
        findings = [reason] if reason else []
        findings += [*(missing_rise(here, self.presence, policy) if here.usable else []), *self._infinite(here)]
        verdict, message = conclude(findings)
        return replace(result, verdict=verdict, message=message)

    def _described(self, here: Presence, values: Floats) -> FeatureResult:
        return FeatureResult(
            feature=self._name,
            kind=self.kind,
            verdict=Verdict.NO_DATA,
            message="",
            n=here.usable,
            n_reference=self.presence.usable,
            missing_rate=here.missing_rate,
            reference_missing_rate=self.presence.missing_rate,
            mean=finite_mean(values),
            reference_mean=self._mean,
        )

    def _measured(self, result: FeatureResult, values: Floats, policy: ClassicPolicy) -> FeatureResult:
        counts = self._cells.count(values)
        return replace(
            result,
            psi=psi(self._counts, counts),
            psi_noise=psi_noise(int(np.count_nonzero(self._counts)), result.n, result.n_reference),
            ks=ks_test(self._sorted, values, alpha=policy.ks_alpha),
            cells=self._cells.labels,
            share=tuple((counts / counts.sum()).tolist()),
            reference_share=tuple((self._counts / self._counts.sum()).tolist()),
        )

    def _infinite(self, here: Presence) -> list[Finding]:
        known = self.presence.rows > self.presence.missing + self.presence.usable
        infinite = here.rows - here.missing - here.usable
        if known or infinite == 0 or here.usable == 0:
            return []
        return [Finding(Verdict.INFO, f"{count(infinite, 'value')} infinite, none in the reference")]


def _moved(result: FeatureResult, policy: ClassicPolicy) -> Finding | None:
    if result.psi is None or result.ks is None:
        return None
    verdict = policy.shift(result.psi, result.ks)
    numbers = f"{expected_by_luck(result)}, KS {result.ks.statistic:.2f}, {chance(result.ks.p_value)}{_means(result)}"
    return Finding(verdict, f"{named(result.feature)} {_SAYS[verdict]}: {numbers}")


def _means(result: FeatureResult) -> str:
    if result.mean is None or result.reference_mean is None:
        return ""
    return f", mean {number(result.reference_mean)} → {number(result.mean)}"


def _presence(values: Floats) -> Presence:
    missing = int(np.count_nonzero(np.isnan(values)))
    return Presence(values.size, missing, int(np.count_nonzero(np.isfinite(values))))


def _sorted(values: Floats) -> Floats:
    return np.sort(values[~np.isnan(values)])
