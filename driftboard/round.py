"""One round over a model's due batches: each is read and judged, and its reports move incidents in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from driftboard.alerts.desk import record_reports
from driftboard.alerts.rules import rule_named
from driftboard.alerts.turn import Moved
from driftboard.bench import Bench
from driftboard.case import Case, read_case
from driftboard.config import Settings
from driftboard.data.backend import hold_model
from driftboard.data.catalog import Model
from driftboard.data.model_key import ModelKey
from driftboard.data.profiles import save_profile
from driftboard.data.reports import due_batches, judged_meanwhile, save_report
from driftboard.data.store import Store
from driftboard.errors import PurgedBatch
from driftboard.label_wait import age_of, mature_anyway, usual_delays, with_label_bias, with_maturity
from driftboard.monitors import PerformanceReport, Verdict, overall, profile_to_bytes
from driftboard.monitors.label_delays import LabelDelays
from driftboard.monitors.report import Monitor, Report, report_to_json
from driftboard.monitors.sequential import sequential_report

INFORMATION: frozenset[Monitor] = frozenset({"multivariate", "sequential"})
"""The monitors that never page, nor count for the verdict on a batch."""

_QUIET = frozenset({Verdict.OK, Verdict.NO_DATA})


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What the worker made of one batch: the verdict of each monitor, and a line on each incident that it moved."""

    model: ModelKey
    batch_id: str
    verdicts: Mapping[Monitor, Verdict]
    news: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict, but for the monitors that are information only, or have nothing to say yet."""
        return overall(verdict for name, verdict in self.verdicts.items() if name not in INFORMATION)

    @property
    def summary(self) -> str:
        """The monitors that have something to say, each with its verdict; `ok` where none has."""
        loud = (f"{name} {verdict}" for name, verdict in self.verdicts.items() if verdict not in _QUIET)
        return ", ".join(loud) or str(self.verdict)


@dataclass(frozen=True, slots=True)
class _Judged:
    """The reports on one batch, and after how long to look again."""

    reports: Mapping[Monitor, Report]
    look_again: timedelta | None


class Round:
    """Judges the due batches of one model at one time.

    Parameters
    ----------
    bench
        What they are judged with.
    now
        The time the reports and alerts carry.
    """

    def __init__(self, store: Store, model: Model, bench: Bench, settings: Settings, now: datetime) -> None:
        self._store = store
        self._model = model
        self._bench = bench
        self._settings = settings
        self._now = now
        self._delays: LabelDelays | None = None

    def due(self) -> tuple[int, ...]:
        """Return the keys of the batches to judge, oldest first."""
        with self._store.read() as connection:
            return due_batches(connection, self._model, now=self._now)

    def evaluate(self, batch_key: int) -> Evaluated | None:
        """Judge one batch; return None where another worker was faster, or the rows were purged meanwhile."""
        try:
            with self._store.read() as connection:
                case = read_case(connection, self._model, self._bench, batch_key, self._settings.monitors)
                age = age_of(connection, case.batch, self._now)
        except PurgedBatch:
            return None
        return self._store_reports(case, self._judge(case, age))

    def _judge(self, case: Case, age: timedelta) -> _Judged:
        settings, profiles = self._settings.monitors, case.profiles
        reports = dict(case.detector.judge(profiles).reports)
        look_again = None
        if isinstance(performance := reports["performance"], PerformanceReport):
            performance, look_again = self._waited_for(performance, case, age)
            reports["performance"] = with_label_bias(performance, case.sample)
        if settings.multivariate and case.together is None:
            reports["multivariate"] = self._bench.multivariate().report(case.sample)
        if settings.sequential:
            names = [each.names[0] for each in profiles]
            errors = [each.errors[0] for each in profiles]
            reports["sequential"] = sequential_report(errors, names, task=self._bench.task)
        return _Judged(reports, look_again)

    def _waited_for(
        self, report: PerformanceReport, case: Case, age: timedelta
    ) -> tuple[PerformanceReport, timedelta | None]:
        if self._delays is None and not mature_anyway(case.batch):
            with self._store.read() as connection:
                self._delays = usual_delays(connection, self._model, self._now)
        delays = self._delays or LabelDelays(0, 0)
        return with_maturity(report, case.batch, delays, age=age, share=self._settings.monitors.maturity)

    def _store_reports(self, case: Case, judged: _Judged) -> Evaluated | None:
        with self._store.write() as connection:
            hold_model(connection, self._model.model_id)
            if judged_meanwhile(connection, case.batch, self._now):
                return None  # another worker was faster
            for batch, profile in case.counted:
                save_profile(
                    connection,
                    batch,
                    reference_id=self._bench.reference_id,
                    layout=case.layout,
                    payload=profile_to_bytes(profile),
                )
            for name, report in judged.reports.items():
                wait = judged.look_again if name == "performance" else None
                save_report(
                    connection,
                    case.batch,
                    monitor=name,
                    reference_id=self._bench.reference_id,
                    verdict=report.verdict,
                    payload=report_to_json(name, report),
                    now=self._now,
                    look_again_at=None if wait is None else self._now + wait,
                )
            moved = record_reports(
                connection,
                self._model,
                case.batch,
                tuple(judged.reports.values()),
                self._settings.alerts,
                now=self._now,
            )
        verdicts = {name: report.verdict for name, report in judged.reports.items()}
        if self._settings.monitors.multivariate and case.together is not None:
            verdicts["multivariate"] = case.together
        return Evaluated(self._model.key, case.batch.batch_id, verdicts, _news(moved))


_NEWS = frozenset({"opened", "joined", "rose", "resolved"})


def _news(moved: Sequence[Moved]) -> tuple[str, ...]:
    """Return a line on each incident above info that opened, spread, rose or ended."""
    loud = [each for each in moved if each.incident.worst != "info"]
    return tuple(
        f"incident {each.incident.incident_id} {event.kind}: {rule_named(each.incident.rule).title}"
        for each in loud
        for event in each.events
        if event.kind in _NEWS
    )
