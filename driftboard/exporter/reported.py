"""The newest reports of every model as samples; each report is read once, and its lines are kept until a newer one."""

from collections.abc import Iterable, Iterator
from typing import get_args

from sqlalchemy import Connection

from driftboard.data.catalog import Model
from driftboard.data.newest_reports import OVERLAP, newest_report_ids, report_payload, reports_after
from driftboard.data.reports import newest_report_id
from driftboard.exporter.budget import Limits
from driftboard.exporter.judged import add_outcomes, add_report
from driftboard.exporter.reading import Troubles
from driftboard.exporter.samples import Samples, samples_of
from driftboard.monitors.report import Monitor, PerformanceReport, Report, report_from_json

MONITORS: tuple[Monitor, ...] = get_args(Monitor)
LOOKED_AT = 200
"""Batches, the newest, among which a monitor's newest report is looked for."""

LABELS_LOOKED_AT = 2_000
"""The same for outcomes, whose labels may take long; each report is read once."""


class Reported:
    """Samples of the newest reports of all models.

    Attributes
    ----------
    read
        How many reports were read so far.
    """

    def __init__(self, limits: Limits, *, aliases: bool) -> None:
        self.read = 0
        self._limits = limits
        self._aliases = aliases
        self._newest = 0
        self._seen: frozenset[int] = frozenset()
        self._known: set[int] = set()
        self._kept: dict[tuple[int, Monitor], tuple[int, Samples]] = {}
        self._outcomes: dict[int, tuple[int, Samples]] = {}
        self._immature: dict[int, set[int]] = {}

    def refresh(self, connection: Connection, models: Iterable[Model], troubles: Troubles) -> None:
        """Read what is newer than what is known; of a model that gave trouble everything is looked at next time."""
        changed = self._changed(connection)
        for model in models:
            wanted = changed.get(model.model_id, set()) if model.model_id in self._known else set(MONITORS)
            self._known.add(model.model_id)
            for monitor in sorted(wanted):
                before = troubles.total
                with troubles.around("reports"):
                    self._look(connection, model, monitor, troubles)
                if troubles.total > before:
                    self._known.discard(model.model_id)

    def samples(self, model: Model) -> Iterator[Samples]:
        """Yield what the newest reports of a model say."""
        for monitor in MONITORS:
            if (model.model_id, monitor) in self._kept:
                yield self._kept[model.model_id, monitor][1]
        if model.model_id in self._outcomes:
            yield self._outcomes[model.model_id][1]

    def _changed(self, connection: Connection) -> dict[int, set[Monitor]]:
        """Return by model the monitors that have said something since the last look."""
        if not self._known:
            self._newest = newest_report_id(connection)
            return {}
        rows = [row for row in reports_after(connection, self._newest - OVERLAP) if row.monitor in MONITORS]
        found: dict[int, set[Monitor]] = {}
        for row in rows:
            if row.report_id not in self._seen:
                found.setdefault(row.model_id, set()).add(row.monitor)  # type: ignore[arg-type]  # it is one of MONITORS
        self._seen = frozenset(row.report_id for row in rows)
        self._newest = max(self._seen, default=self._newest)
        return found

    def _look(self, connection: Connection, model: Model, monitor: Monitor, troubles: Troubles) -> None:
        place = (model.model_id, monitor)
        report_id = next(newest_report_ids(connection, model, monitor, batches=LOOKED_AT), None)
        known = self._kept.get(place)
        if known is None or known[0] != report_id:
            self._kept.pop(place, None)  # what is damaged is absent, not as it was
            if report_id is not None:
                samples = samples_of(model, aliases=self._aliases)
                add_report(samples, monitor, self._report(connection, monitor, report_id), self._limits)
                self._kept[place] = (report_id, samples)
        if monitor == "performance":
            self._look_at_outcomes(connection, model, troubles)

    def _look_at_outcomes(self, connection: Connection, model: Model, troubles: Troubles) -> None:
        """Find the newest report whose labels had the time to arrive."""
        known, _ = self._outcomes.get(model.model_id, (0, None))
        before, immature = self._immature.get(model.model_id, set()), set[int]()
        self._immature[model.model_id] = immature
        for report_id in newest_report_ids(connection, model, "performance", batches=LABELS_LOOKED_AT):
            if report_id == known:
                return
            if report_id not in before:
                with troubles.around("reports"):
                    report = self._report(connection, "performance", report_id)
                    if isinstance(report, PerformanceReport) and report.n_labelled and not report.provisional:
                        samples = samples_of(model, aliases=self._aliases)
                        add_outcomes(samples, report, self._limits)
                        self._outcomes[model.model_id] = (report_id, samples)
                        return
            immature.add(report_id)
        self._outcomes.pop(model.model_id, None)

    def _report(self, connection: Connection, monitor: Monitor, report_id: int) -> Report:
        self.read += 1
        return report_from_json(monitor, report_payload(connection, report_id))
