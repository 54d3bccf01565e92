"""A log whose models live through a script: judged by the live pipeline, acted on by people, with a simulated clock."""

from collections.abc import Callable
from datetime import datetime, timedelta

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.desk import look_after, record_reports
from driftboard.alerts.dispatch import dispatch
from driftboard.config import Settings
from driftboard.data import ModelKey, PredictionBatch, Store, get_model, log_predictions, register_model, tables
from driftboard.data.backend import hold_model
from driftboard.data.incidents import recent_incidents
from driftboard.data.outbox import Delivery, told_of
from driftboard.data.reading import find_batch
from driftboard.data.references import load_reference
from driftboard.data.reports import save_report
from driftboard.monitors.feature_report import FeatureReport
from driftboard.monitors.finding import Evidence, Finding
from driftboard.monitors.performance_report import PerformanceReport
from driftboard.monitors.quality_report import QualityReport
from driftboard.monitors.report import report_to_json
from driftboard.monitors.verdict import Verdict

TICK = timedelta(minutes=1)
CHANNELS = {
    "team": {"type": "slack", "webhook_url": "env:SLACK_URL"},
    "oncall": {"type": "pagerduty", "routing_key": "env:PAGER_KEY"},
}


def policy(**changes: object) -> AlertSettings:
    """A dry run on two channels."""
    return AlertSettings.model_validate({"dry_run": True, "channels": CHANNELS} | changes)


def drift(**verdicts: Verdict) -> FeatureReport:
    """A feature report with a drift of each feature that is named."""
    findings = tuple(_finding("feature_drift", name, verdict) for name, verdict in verdicts.items())
    worst = max(verdicts.values(), key=lambda each: each.rank, default=Verdict.OK)
    return FeatureReport(worst, "said", 1000, 10000, (), 0.1, 0.2, findings=findings)


def quality(**verdicts: Verdict) -> QualityReport:
    """A quality report with a schema change of each feature that is named."""
    findings = tuple(_finding("schema", name, verdict) for name, verdict in verdicts.items())
    worst = max(verdicts.values(), key=lambda each: each.rank, default=Verdict.OK)
    return QualityReport(worst, "said", 1000, 10000, findings=findings)


def performance(verdict: Verdict, *, provisional: bool = False) -> PerformanceReport:
    """A performance report."""
    bad = verdict.rank >= Verdict.WARNING.rank
    findings = (_finding("performance_decay", "", verdict),) if bad else ()
    return PerformanceReport(verdict, "said", 1000, 900, 0.9, 0.05, findings=findings, provisional=provisional)


def _finding(kind: str, subject: str, verdict: Verdict) -> Finding:
    effect = 0.4 if verdict is Verdict.CRITICAL else 0.15
    evidence = Evidence(1, "x", 1000, 10000, 1e-9, 1e-4, effect, "PSI", 0.1, 0.2)
    return Finding(verdict, f"{subject or 'it'} moved by {effect}", kind, subject, evidence)  # type: ignore[arg-type]


class Life:
    """One model of one log under one policy; time moves when `until` says so."""

    def __init__(
        self, store: Store, alerts: AlertSettings, start: datetime, key: ModelKey, *, tick: timedelta = TICK
    ) -> None:
        self.store, self.alerts, self.now = store, alerts, start
        self._settings = Settings(alerts=alerts)
        self._at, self._tick = start, tick
        self._key = key
        given = {"features": {"x": [1.0, 2.0]}, "predicted": ["a", "b"], "predicted_at": start}
        register_model(store, key, reference=PredictionBatch(key, "reference", labels=["a", "b"], **given))

    def until(self, at: datetime) -> None:
        """Let the loop of the live pipeline run until then."""
        while self._at + self._tick <= at:
            self._at += self._tick
            look_after(self.store, self.alerts, now=self._at)
            dispatch(self.store, self._settings, now=self._at)
        self.now = at

    def judge(self, batch_id: str, **reports: FeatureReport | PerformanceReport | QualityReport) -> None:
        """Store what the monitors say of a batch now, as a round does."""
        self._log(batch_id)
        with self.store.write() as connection:
            model = get_model(connection, self._key)
            hold_model(connection, model.model_id)
            batch = find_batch(connection, model, batch_id)
            reference = load_reference(connection, model)
            for name, report in reports.items():
                save_report(
                    connection,
                    batch,
                    monitor=name,
                    reference_id=reference.reference_id if reference else 0,
                    verdict=report.verdict,
                    payload=report_to_json(name, report),  # type: ignore[arg-type]
                    now=self.now,
                )
            record_reports(connection, model, batch, tuple(reports.values()), self.alerts, now=self.now)

    def act(self, change: Callable[..., object], *arguments: object, **named: object) -> None:
        """Do something about an incident now."""
        change(self.store, *arguments, now=self.now, **named)

    def act_on(self, rule: str, change: Callable[..., object], **named: object) -> None:
        """Do something about the newest open incident of a rule now; nothing, where there is none."""
        with self.store.read() as connection:
            found = [each.incident_id for each in recent_incidents(connection, rules=[rule]) if each.is_open]
        if found:
            self.act(change, found[0], settings=self.alerts, **named)

    def _log(self, batch_id: str) -> None:
        with self.store.read() as connection:
            model = get_model(connection, self._key)
            known = connection.execute(
                tables.batches.select().where(
                    tables.batches.c.model_id == model.model_id, tables.batches.c.batch_id == batch_id
                )
            ).one_or_none()
        if known is None:
            rows = {
                "features": {"x": [1.0]},
                "predicted": ["a"],
                "prediction_ids": [batch_id],
                "predicted_at": self.now,
            }
            log_predictions(self.store, PredictionBatch(self._key, batch_id, **rows))


def live_messages(store: Store) -> list[tuple[tuple[str, int], str, str, str, datetime]]:
    """Return what the live pipeline told: (fingerprint, episode), channel, kind, severity, when."""
    with store.read() as connection:
        known = {each.incident_id: (each.fingerprint, each.episode) for each in recent_incidents(connection)}
        rows = [row for rows in told_of(connection, list(known)).values() for row in rows]
    arrived = [row for row in rows if row.state in (Delivery.DRY_RUN, Delivery.DELIVERED)]
    return [(known[row.incident_id], row.channel, row.kind, row.severity, row.finished_at) for row in arrived]
