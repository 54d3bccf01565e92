"""Service levels: what was promised of a model's service, what it did, and how much error budget is left."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from driftboard.alerts.level_evidence import LevelEvidence
from driftboard.alerts.measured_levels import measured_levels
from driftboard.alerts.outcome_figures import OutcomeFigures, figures_of, mature_outcomes
from driftboard.alerts.service_level import LevelName, ServiceLevel, Status, Unit
from driftboard.alerts.service_rules import objectives_of
from driftboard.config import Settings
from driftboard.data.catalog import Model
from driftboard.data.outcome_reports import newest_outcomes
from driftboard.data.service import read_service
from driftboard.monitors.burn_rate import BURN_WINDOWS

__all__ = ["LevelName", "ServiceLevel", "Status", "Unit", "read_evidence", "read_figures", "read_levels"]

_LONGEST_BURN = max(window.long for window in BURN_WINDOWS)


def read_levels(connection: Connection, model: Model, settings: Settings, *, now: datetime) -> tuple[ServiceLevel, ...]:
    """Return every level that is promised of a model's service, over the last `slo.days`.

    Counts by the minute and the hour are read, and of each batch the newest performance report; no rows.

    Parameters
    ----------
    connection
        From `Store.read`.
    model
        Whose service. Of a regression model no accuracy is promised.
    now
        Aware, UTC.
    """
    figures = read_figures(connection, model, settings, now=now)
    return measured_levels(read_evidence(connection, model, settings, figures, now=now))


def read_evidence(
    connection: Connection, model: Model, settings: Settings, figures: Sequence[OutcomeFigures], *, now: datetime
) -> LevelEvidence:
    """Return what the levels are measured from; `figures` are those of `read_figures`."""
    span = timedelta(days=settings.slo.days)
    promised = objectives_of(settings, model.key)
    counts_outcomes = model.task == "classification" and promised.accuracy is not None
    return LevelEvidence(
        objectives=promised,
        service=read_service(connection, model.model_id, since=now - max(span, _LONGEST_BURN), until=now),
        outcomes=mature_outcomes(figures) if counts_outcomes else None,
        days=settings.slo.days,
        min_requests=settings.service.min_requests,
        now=now,
    )


def read_figures(
    connection: Connection, model: Model, settings: Settings, *, now: datetime
) -> tuple[OutcomeFigures, ...]:
    """Return what is said today of the outcomes of each batch of the last `slo.days`, in order of time."""
    if model.task != "classification":
        return ()
    since = now - timedelta(days=settings.slo.days)
    return tuple(figures_of(each) for each in newest_outcomes(connection, model, since=since, until=now))
