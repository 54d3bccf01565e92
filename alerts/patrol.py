"""The patrol: what no report can tell, because there is none. Walked once a minute, and by every `driftboard run`."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.desk import replan
from driftboard.alerts.own import clear_own, raise_own
from driftboard.alerts.severity import Severity
from driftboard.alerts.store import AlertStore
from driftboard.data import incidents
from driftboard.data.backend import hold_alert_queue
from driftboard.data.catalog import Model
from driftboard.data.incident import IncidentState
from driftboard.data.incidents import IncidentEvent
from driftboard.data.silent_models import Rhythm, rhythms


def patrol(store: AlertStore, settings: AlertSettings, *, now: datetime) -> None:
    """Look for models that fell silent, and have every open incident looked at again.

    A silent model whose place another version has taken has no open incidents any more; any other one has an incident
    of its own. The second is a safety net: `desk.look_after` would find what any earlier plan had missed.
    """
    with store.write() as connection:
        hold_alert_queue(connection)
        known = rhythms(connection)
        for rhythm in known:
            _visit(connection, rhythm, _replaced(rhythm, known, now), settings, now)
        incidents.wake(connection, None, at=now)


def is_replaced(connection: Connection, model: Model, *, now: datetime) -> bool:
    """Whether another version has taken the place of a model: patrol ends its incidents, and none is to be opened."""
    known = rhythms(connection)
    mine = [each for each in known if each.model.model_id == model.model_id and each.is_silent(now)]
    return any(_replaced(each, known, now) is not None for each in mine)


def _visit(
    connection: Connection, rhythm: Rhythm, successor: Model | None, settings: AlertSettings, now: datetime
) -> None:
    if not rhythm.is_silent(now):
        clear_own(connection, rule="no_data", subject="", model=rhythm.model, settings=settings, now=now)
    elif successor is not None:
        _close(connection, rhythm.model, f"replaced by version {successor.key.version}", settings, now)
    else:
        message = (
            f"No prediction since {rhythm.newest_at:%Y-%m-%d %H:%M} UTC, where one batch in {rhythm.gap} is usual."
        )
        raise_own(
            connection,
            rule="no_data",
            subject="",
            message=message,
            severity=Severity.WARNING,
            settings=settings,
            now=now,
            model=rhythm.model,
        )


def _replaced(rhythm: Rhythm, known: tuple[Rhythm, ...], now: datetime) -> Model | None:
    """Return the newest other version of a model in the same environment that is still alive."""
    key = rhythm.model.key
    alive = [
        other.model
        for other in known
        if (other.model.key.name, other.model.key.environment) == (key.name, key.environment)
        and other.model.model_id > rhythm.model.model_id
        and other.newest_at is not None
        and not other.is_silent(now)
    ]
    return max(alive, key=lambda model: model.model_id, default=None)


def _close(connection: Connection, model: Model, why: str, settings: AlertSettings, now: datetime) -> None:
    for incident in incidents.open_incidents(connection, model_id=model.model_id):
        over = replace(incident, state=IncidentState.RESOLVED, resolution=why, resolved_at=now, changed_at=now)
        incidents.update_incident(connection, over)
        incidents.add_events(connection, over.incident_id, [IncidentEvent(now, "resolved", detail=why)])
        replan(connection, over, settings, now=now)
