"""Service levels: what was promised of a model's service, what it did, and how much error budget is left."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from driftboard.alerts.level_evidence import LevelEvidence
from driftboard.alerts.measured_levels import measured_levels
from driftboard.alerts.outcome_figures import figures_of, mature_outcomes
from driftboard.alerts.service_level import LevelName, ServiceLevel, Status, Unit
from driftboard.alerts.service_rules import objectives_of
from driftboard.config import Settings
from driftboard.data.catalog import Model
from driftboard.data.outcome_reports import newest_outcomes
from driftboard.data.service import read_service
from driftboard.monitors.service_level import Tally

__all__ = ["LevelName", "ServiceLevel", "Status", "Unit", "read_levels"]


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
    since = now - timedelta(days=settings.slo.days)
    promised = objectives_of(settings, model.key)
    counts_outcomes = model.task == "classification" and promised.accuracy is not None
    return measured_levels(
        LevelEvidence(
            objectives=promised,
            service=read_service(connection, model.model_id, since=since, until=now),
            outcomes=_outcomes(connection, model, since, now) if counts_outcomes else None,
            days=settings.slo.days,
            min_requests=settings.service.min_requests,
            now=now,
        )
    )


def _outcomes(connection: Connection, model: Model, since: datetime, until: datetime) -> Tally:
    reports = newest_outcomes(connection, model, since=since, until=until)
    return mature_outcomes([figures_of(each) for each in reports])
