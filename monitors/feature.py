"""The inputs: every feature of a batch against the reference, matched by name."""

from collections.abc import Sequence

from driftboard.monitors.categorical import CategoricalReference
from driftboard.monitors.finding import Finding, conclude
from driftboard.monitors.numeric import NumericReference
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.report import FeatureReport, FeatureResult, Verdict, worst
from driftboard.monitors.sample import Categorical, Column, Numeric, Sample
from driftboard.monitors.wording import count, listing, named

_GROUPS = (
    (Verdict.INVALID, "broken"),
    (Verdict.CRITICAL, "moved"),
    (Verdict.WARNING, "may have changed"),
    (Verdict.INFO, "worth a look"),
    (Verdict.INSUFFICIENT, "too few rows to judge"),
    (Verdict.NO_DATA, "nothing to compare"),
)


class FeatureMonitor:
    """Compares the features of batches with those of a reference, frozen when the monitor is made.

    A batch is judged by itself: no report depends on the batches seen before.

    Parameters
    ----------
    reference
        What the batches should look like. Only its features are used.
    policy
        The limits.

    >>> import numpy as np
    >>> reference = Sample(1000, {"temp": Numeric(np.arange(1000) / 10)})
    >>> report = FeatureMonitor(reference).report(Sample(100, {"temp": Numeric(np.arange(100) / 1.0 + 50)}))
    >>> report.message
    '1 of 1 feature moved, by PSI: `temp` 2.28.'
    """

    def __init__(self, reference: Sample, policy: ClassicPolicy | None = None) -> None:
        self._policy = policy or ClassicPolicy()
        self._n_reference = reference.n
        self._kept = {name: _freeze(name, column) for name, column in reference.features.items()}

    def report(self, batch: Sample) -> FeatureReport:
        """Return the report of one batch; never raises for what the batch holds or lacks."""
        results = tuple(self._compare(name, batch) for name in self._kept)
        unexpected = tuple(name for name in batch.features if name not in self._kept)
        extra = [Finding(Verdict.INFO, f"not in the reference: {_names(unexpected)}")] if unexpected else []
        verdict = _overall([result.verdict for result in results] + [finding.verdict for finding in extra])
        return FeatureReport(
            verdict=verdict,
            message=_summary(batch.n, results, extra),
            n=batch.n,
            n_reference=self._n_reference,
            features=results,
            unexpected=unexpected,
            psi_warning=self._policy.psi_warning,
            psi_critical=self._policy.psi_critical,
        )

    def _compare(self, name: str, batch: Sample) -> FeatureResult:
        kept, column = self._kept[name], batch.features.get(name)
        if batch.n == 0:
            return _unusable(name, kept, Verdict.NO_DATA, f"{named(name)} has no rows.")
        if column is None:
            return _unusable(name, kept, Verdict.INVALID, f"{named(name)} is missing from the batch altogether.")
        if isinstance(kept, NumericReference) and isinstance(column, Numeric):
            return kept.compare(column, self._policy)
        if isinstance(kept, CategoricalReference) and isinstance(column, Categorical):
            return kept.compare(column, self._policy)
        kinds = f"it is {_kind(column)} here and {kept.kind} in the reference"
        return _unusable(name, kept, Verdict.INVALID, f"{named(name)} changed its kind: {kinds}.")


def _freeze(name: str, column: Column) -> NumericReference | CategoricalReference:
    return NumericReference(name, column) if isinstance(column, Numeric) else CategoricalReference(name, column)


def _overall(verdicts: list[Verdict]) -> Verdict:
    """The worst of those that say something: one sparse feature does not hide that the others are steady."""
    return worst([each for each in verdicts if each not in (Verdict.INSUFFICIENT, Verdict.NO_DATA)] or verdicts)


def _kind(column: Column) -> str:
    return "numeric" if isinstance(column, Numeric) else "categorical"


def _unusable(
    name: str, kept: NumericReference | CategoricalReference, verdict: Verdict, message: str
) -> FeatureResult:
    return FeatureResult(
        feature=name,
        kind=kept.kind,
        verdict=verdict,
        message=message,
        n=0,
        n_reference=kept.presence.usable,
        missing_rate=0.0 if verdict is Verdict.NO_DATA else 1.0,
        reference_missing_rate=kept.presence.missing_rate,
    )


def _summary(rows: int, results: Sequence[FeatureResult], extra: list[Finding]) -> str:
    if rows == 0:
        return conclude([Finding(Verdict.NO_DATA, "the batch has no rows"), *extra])[1]
    if not results:
        return conclude([Finding(Verdict.NO_DATA, "the reference has no features to compare with"), *extra])[1]
    groups = [_group(verdict, says, results) for verdict, says in _GROUPS]
    findings = [finding for finding in groups if finding]
    if not findings:
        findings = [Finding(Verdict.OK, f"{count(len(results), 'feature')} steady")]
    return conclude([*findings, *extra])[1]


def _group(verdict: Verdict, says: str, results: Sequence[FeatureResult]) -> Finding | None:
    inside = sorted((each for each in results if each.verdict is verdict), key=lambda each: -(each.psi or 0.0))
    if not inside:
        return None
    names = [named(each.feature) if each.psi is None else f"{named(each.feature)} {each.psi:.2f}" for each in inside]
    ranked = ", by PSI" if any(each.psi is not None for each in inside) else ""
    return Finding(verdict, f"{len(inside)} of {count(len(results), 'feature')} {says}{ranked}: {listing(names)}")


def _names(names: Sequence[str]) -> str:
    return listing([named(name) for name in names])
