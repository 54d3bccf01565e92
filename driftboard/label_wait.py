"""What labels allow to be said: performance is provisional until they are mature, and biased by who has one."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from driftboard.alerts.gate import WITHOUT_LABELS
from driftboard.data.catalog import Model
from driftboard.data.delays import DELAY_EDGES, label_delays, labels_awaited_since
from driftboard.data.reading import BatchInfo
from driftboard.monitors import PerformanceReport, Sample, Verdict, worst
from driftboard.monitors.finding import Finding
from driftboard.monitors.label_bias import label_bias
from driftboard.monitors.label_delays import Cohort, LabelDelays, learn_delays
from driftboard.monitors.maturity import COVERED, LONGEST_WAIT, maturity

NO_LABELS = "provisional: none of the batch's own labels is in yet"
_SOON = timedelta(minutes=1)
_UNKNOWN = timedelta(days=1)  # how often to look whether the usual delay is known now


def usual_delays(connection: Connection, model: Model, now: datetime) -> LabelDelays:
    """Return how late the labels of a model usually are."""
    cohorts = [
        Cohort(each.batch_id, (now - each.since).total_seconds(), each.n_predictions, each.n_labels, each.counts)
        for each in label_delays(connection, model)
    ]
    return learn_delays(cohorts, DELAY_EDGES)


def mature_anyway(batch: BatchInfo) -> bool:
    """Whether the delays of labels do not matter: all are in but a few, or none."""
    return batch.n_labels == 0 or batch.n_labels >= COVERED * batch.n_predictions


def with_maturity(
    report: PerformanceReport, batch: BatchInfo, delays: LabelDelays, *, age: timedelta, share: float
) -> tuple[PerformanceReport, timedelta | None]:
    """Return the report marked as provisional where it is, and after how long to look again.

    What a batch without a label of its own is said of comes from labels of earlier ones, for which they had their
    report: it is provisional, and waits for the first label.

    Parameters
    ----------
    delays
        From `usual_delays`; not looked at where `mature_anyway`.
    age
        Since the batch was complete: see `labels_awaited_since`.
    share
        Of the usual labels, that must be in.
    """
    if batch.n_labels == 0:
        told = any(each.kind not in WITHOUT_LABELS for each in report.findings)
        return (replace(report, provisional=True, maturity=NO_LABELS) if told else report), None
    found = maturity(batch.n_labels, batch.n_predictions, age.total_seconds(), delays, share=share)
    marked = replace(report, provisional=not found.mature, maturity=found.message)
    if found.mature:
        return marked, None
    if found.matures_in is None:
        return marked, min(_UNKNOWN, max(timedelta(seconds=LONGEST_WAIT) - age, _SOON))
    return marked, max(timedelta(seconds=found.matures_in), _SOON)


def age_of(connection: Connection, batch: BatchInfo, now: datetime) -> timedelta:
    """Return how long the labels of a batch have had to arrive."""
    return now - labels_awaited_since(connection, batch)


def with_label_bias(report: PerformanceReport, sample: Sample) -> PerformanceReport:
    """Return the report with a warning where the labelled rows are not like the others."""
    found = label_bias(sample)
    if found is None or not found.warns:
        return report
    warning = Finding(Verdict.WARNING, found.message, "label_bias")
    findings = sorted((*report.findings, warning), key=lambda each: -each.verdict.rank)
    verdict = worst([report.verdict, Verdict.WARNING])
    return replace(report, verdict=verdict, label_bias=found.message, findings=tuple(findings))
