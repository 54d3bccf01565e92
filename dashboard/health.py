"""How a model stands, from its newest reports: what the Health page shows of it; no I/O."""

from dataclasses import dataclass
from datetime import datetime

from driftboard.dashboard.frames import History
from driftboard.data.reading import BatchInfo
from driftboard.data.reports import StoredReport
from driftboard.monitors.report import FeatureReport, PerformanceReport, Report, Verdict, worst

_NOTICED = frozenset({Verdict.WARNING, Verdict.CRITICAL, Verdict.INVALID})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something of the newest judged batch that asks for attention."""

    model: str
    page: str
    verdict: str
    message: str
    batch: str
    feature: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """A model in one row.

    Attributes
    ----------
    verdict
        The worst of the newest batch's inputs and outputs, and of the newest labelled batch's outcomes.
    quality_name, quality, reference_quality, quality_trend
        Accuracy (mean absolute error for regression) of the newest labelled batch; its course.
    drifted, n_features, drift_trend
        Features with a warning or worse in the newest batch; the share of them in each batch.
    coverage, coverage_trend
        Share of the newest batch's predictions that have a label.
    criticals
        Critical findings that stand: features, and measured decay.
    """

    model: str
    task: str
    verdict: str
    batch: str | None = None
    last_at: datetime | None = None
    judged_at: datetime | None = None
    quality_name: str = "Accuracy"
    quality: float | None = None
    reference_quality: float | None = None
    quality_batch: str | None = None
    quality_trend: tuple[float, ...] = ()
    drifted: int = 0
    n_features: int = 0
    drift_trend: tuple[float, ...] = ()
    coverage: float | None = None
    coverage_trend: tuple[float, ...] = ()
    criticals: int = 0
    findings: tuple[Finding, ...] = ()


def summarise(
    model: str, task: str, newest: BatchInfo | None, features: History, predictions: History, performance: History
) -> Health:
    """Return the row of a model from its histories, oldest first."""
    inputs = [report for _, report in features if isinstance(report, FeatureReport)]
    outcomes = [report for _, report in performance if isinstance(report, PerformanceReport)]
    labelled = [each for each in performance if each[1].verdict is not Verdict.NO_DATA]
    current = [*features[-1:], *predictions[-1:], *(labelled or list(performance))[-1:]]
    findings = tuple(_finding(model, stored, report) for stored, report in current if report.verdict in _NOTICED)
    drifted = [sum(each.verdict in _NOTICED for each in report.features) for report in inputs]
    judged = features[-1][1].features if inputs and isinstance(features[-1][1], FeatureReport) else ()
    decay = [report for _, report in labelled[-1:] if report.verdict is Verdict.CRITICAL]
    latest = labelled[-1] if labelled else None
    return Health(
        model=model,
        task=task,
        verdict=str(worst([report.verdict for _, report in current])),
        batch=None if newest is None else newest.batch_id,
        last_at=None if newest is None else newest.last_at,
        judged_at=max((stored.created_at for stored, _ in current), default=None),
        quality_name="Accuracy" if task == "classification" else "Mean absolute error",
        quality=_quality(latest[1]) if latest else None,
        reference_quality=_reference(latest[1]) if latest else None,
        quality_batch=latest[0].batch_id if latest else None,
        quality_trend=tuple(value for each in outcomes if (value := _quality(each)) is not None),
        drifted=drifted[-1] if drifted else 0,
        n_features=len(judged),
        drift_trend=tuple(k / max(len(each.features), 1) for k, each in zip(drifted, inputs, strict=True)),
        coverage=newest.n_labels / newest.n_predictions if newest and newest.n_predictions else None,
        coverage_trend=tuple(each.coverage for each in outcomes),
        criticals=sum(each.verdict is Verdict.CRITICAL for each in judged) + len(decay),
        findings=findings,
    )


def _finding(model: str, stored: StoredReport, report: Report) -> Finding:
    page = {"feature": "drift", "prediction": "predictions", "performance": "performance"}[stored.monitor]
    feature = None
    if isinstance(report, FeatureReport):
        ranked = sorted(report.features, key=lambda each: (each.verdict.rank, each.psi or 0.0))
        feature = ranked[-1].feature if ranked else None
    return Finding(model, page, str(report.verdict), report.message, stored.batch_id, feature)


def _quality(report: Report) -> float | None:
    if not isinstance(report, PerformanceReport):
        return None
    return report.accuracy if report.mae is None else report.mae


def _reference(report: Report) -> float | None:
    if not isinstance(report, PerformanceReport):
        return None
    return report.reference_accuracy if report.mae is None else report.reference_mae
