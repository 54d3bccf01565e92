"""A categorical column against its frozen reference."""

from dataclasses import replace
from typing import Literal

import numpy as np

from driftboard.monitors.cells import level_cells
from driftboard.monitors.chi_square import chi_square, merge, sparse_cells
from driftboard.monitors.finding import Finding, conclude
from driftboard.monitors.fisher import rise_p_value
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.presence import Presence, absence, missing_rise
from driftboard.monitors.psi import psi, psi_noise
from driftboard.monitors.report import FeatureResult, Verdict
from driftboard.monitors.sample import Categorical, Codes
from driftboard.monitors.wording import chance, expected_by_luck, named, percent

_SAYS = {
    Verdict.CRITICAL: "moved",
    Verdict.WARNING: "may have moved",
    Verdict.INFO: "moved a little (chi-square alone says so)",
    Verdict.OK: "is steady",
}


class CategoricalReference:
    """The reference's levels of one column, counted once. A batch's levels are matched by name.

    PSI and chi-square are computed on the same cells: those too sparse for the batch's size are merged. The cell of new
    levels stays apart in PSI; in chi-square, which could not bear an empty reference cell, it is merged too.
    """

    kind: Literal["categorical"] = "categorical"

    def __init__(self, name: str, column: Categorical) -> None:
        self._name = name
        self.presence = _presence(column)
        self._cells = level_cells(column)
        self._counts = self._cells.count(column)

    def compare(self, column: Categorical, policy: ClassicPolicy) -> FeatureResult:
        """Return what the batch's column looks like beside the reference."""
        here, counts = _presence(column), self._cells.count(column)
        result = self._described(here)
        reason = absence(named(self._name), here, self.presence, policy)
        if here.usable and self.presence.usable:
            result = self._measured(result, counts, policy)
            reason = reason or _moved(result, self._counts, counts, policy)
        findings = [reason] if reason else []
        findings += [*(missing_rise(here, self.presence, policy) if here.usable else []), *self._new(counts, policy)]
        verdict, message = conclude(findings)
        return replace(result, verdict=verdict, message=message)

    def _described(self, here: Presence) -> FeatureResult:
        return FeatureResult(
            feature=self._name,
            kind=self.kind,
            verdict=Verdict.NO_DATA,
            message="",
            n=here.usable,
            n_reference=self.presence.usable,
            missing_rate=here.missing_rate,
            reference_missing_rate=self.presence.missing_rate,
        )

    def _measured(self, result: FeatureResult, counts: Codes, policy: ClassicPolicy) -> FeatureResult:
        sparse = sparse_cells(self._counts[:-1], min(result.n, result.n_reference))
        reference, batch = merge(self._counts[:-1], sparse), merge(counts[:-1], sparse)
        return replace(
            result,
            psi=psi(np.append(reference, 0), np.append(batch, counts[-1])),
            psi_noise=psi_noise(reference.size, result.n, result.n_reference),
            chi_square=chi_square(self._counts, counts, alpha=policy.chi_square_alpha),
            cells=self._cells.labels,
            share=tuple((counts / counts.sum()).tolist()),
            reference_share=tuple((self._counts / self._counts.sum()).tolist()),
        )

    def _new(self, counts: Codes, policy: ClassicPolicy) -> list[Finding]:
        new, n = int(counts[-1]), int(counts.sum())
        if new == 0 or self.presence.usable == 0:
            return []
        verdict = Verdict.INFO
        if n >= policy.min_rows:
            rise = policy.rise(new / n, 0.0, rise_p_value(new, n, 0, self.presence.usable))
            verdict = max(verdict, rise, key=lambda each: each.rank)
        return [Finding(verdict, f"{percent(new / n)} of {named(self._name)} are levels that the reference never had")]


def _moved(result: FeatureResult, reference: Codes, batch: Codes, policy: ClassicPolicy) -> Finding | None:
    if result.psi is None or result.chi_square is None:
        return None
    verdict = policy.shift(result.psi, result.chi_square)
    numbers = f"{expected_by_luck(result)}, chi-square {chance(result.chi_square.p_value)}"
    widest = int(np.argmax(np.abs(batch / batch.sum() - reference / reference.sum())))
    change = (
        f"{named(result.cells[widest])} {percent(result.reference_share[widest])} → {percent(result.share[widest])}"
    )
    return Finding(verdict, f"{named(result.feature)} {_SAYS[verdict]}: {numbers}, {change}")


def _presence(column: Categorical) -> Presence:
    missing = int(np.count_nonzero(column.codes < 0))
    return Presence(column.codes.size, missing, column.codes.size - missing)
