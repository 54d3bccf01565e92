"""How a model stands, from its newest reports: what the Health page shows of it; no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from driftboard.dashboard.attention import worth_a_word
from driftboard.dashboard.frames import History
from driftboard.data.reading import BatchInfo
from driftboard.data.reports import StoredReport
from driftboard.monitors.report import FeatureReport, Monitor, PerformanceReport, Report
from driftboard.monitors.verdict import Verdict, worst

_NOTICED = frozenset({Verdict.WARNING, Verdict.CRITICAL, Verdict.INVALID})
_PAGES = {
    "feature": "drift",
    "relations": "drift",
    "quality": "data_quality",
    "prediction": "predictions",
    "performance": "performance",
}


@dataclass(frozen=True, slots=True)
class Notice:
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
        The worst of the newest batch's inputs, relations, quality and outputs, and of the newest labelled batch's
        outcomes.
    quality_name, quality, reference_quality, quality_trend
        Accuracy (mean absolute error for regression) of the newest labelled batch; its course.
    drifted, n_features, drift_trend
        Features with a warning or worse in the newest batch; the share of them in each batch.
    coverage, coverage_trend
        Share of the newest batch's predictions that have a label.
    criticals
        Critical findings that stand.
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
    notices: tuple[Notice, ...] = ()


def summarise(model: str, task: str, newest: BatchInfo | None, histories: Mapping[Monitor, History]) -> Health:
    """Return the row of a model from the histories of its monitors, oldest first."""
    inputs = [report for _, report in histories["feature"] if isinstance(report, FeatureReport)]
    outcomes = [report for _, report in histories["performance"] if isinstance(report, PerformanceReport)]
    current = _current(histories)
    drifted = [sum(each.verdict in _NOTICED for each in report.features) for report in inputs]
    latest = _labelled(histories["performance"])
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
        n_features=inputs[-1].feature_count if inputs else 0,
        drift_trend=tuple(k / max(each.feature_count, 1) for k, each in zip(drifted, inputs, strict=True)),
        coverage=newest.n_labels / newest.n_predictions if newest and newest.n_predictions else None,
        coverage_trend=tuple(each.coverage for each in outcomes),
        criticals=sum(_criticals(report) for _, report in current),
        notices=tuple(notice for stored, report in current if (notice := _notice(model, stored, report))),
    )


def _current(histories: Mapping[Monitor, History]) -> list[tuple[StoredReport, Report]]:
    """The newest report of every monitor; of the outcomes, of the newest batch with labels if there is one."""
    newest = [history[-1] for name, history in histories.items() if history and name != "performance"]
    outcomes = _labelled(histories["performance"]) or next(reversed(histories["performance"]), None)
    return newest if outcomes is None else [*newest, outcomes]


def _labelled(history: History) -> tuple[StoredReport, Report] | None:
    return next((each for each in reversed(history) if each[1].verdict is not Verdict.NO_DATA), None)


def _criticals(report: Report) -> int:
    parts: Sequence[Verdict] = [each.verdict for each in report.findings]
    if not parts and isinstance(report, FeatureReport):
        parts = [each.verdict for each in report.features]  # stored before reports had findings
    return sum(each is Verdict.CRITICAL for each in parts or [report.verdict])


def _notice(model: str, stored: StoredReport, report: Report) -> Notice | None:
    """The gravest finding of a report, and how many more there are."""
    if report.verdict not in _NOTICED:
        return None
    page, about = _PAGES[stored.monitor], stored.monitor in {"feature", "quality"}
    loud = [each for each in worth_a_word(report.findings) if each.verdict in _NOTICED]
    if loud:
        first, more = loud[0], len(loud) - 1
        text = f"{first.text}; and {more} more" if more else first.text
        return Notice(
            model, page, str(first.verdict), text, stored.batch_id, (first.subject or None) if about else None
        )
    feature = None
    if isinstance(report, FeatureReport):
        ranked = sorted(report.features, key=lambda each: (each.verdict.rank, each.psi or 0.0))
        feature = ranked[-1].feature if ranked else None
    return Notice(model, page, str(report.verdict), report.message, stored.batch_id, feature)


def _quality(report: Report) -> float | None:
    if not isinstance(report, PerformanceReport):
        return None
    return report.accuracy if report.mae is None else report.mae


def _reference(report: Report) -> float | None:
    if not isinstance(report, PerformanceReport):
        return None
    return report.reference_accuracy if report.mae is None else report.reference_mae
