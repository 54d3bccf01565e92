"""Services are watched: what their requests, predictions and outcomes say becomes an incident, until it is well.

Each minute every model that was asked anything in the last day is looked at, and every one with an open incident. A
model that is asked nothing keeps its incidents: that it fell silent is told by `no_data`, and `patrol` ends those of a
version that another one has replaced.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from driftboard.alerts.care import with_care
from driftboard.alerts.fingerprint import fingerprint
from driftboard.alerts.level_trouble import BURNS, MISSED
from driftboard.alerts.own import clear_own, raise_own
from driftboard.alerts.patrol import is_replaced
from driftboard.alerts.service_cover import covering, is_covered
from driftboard.alerts.service_look import look_at_service
from driftboard.alerts.service_trouble import Look, ServiceTrouble, Subject
from driftboard.alerts.severity import Severity
from driftboard.alerts.store import AlertStore
from driftboard.config import Settings
from driftboard.data import incidents
from driftboard.data.backend import hold_alert_queue
from driftboard.data.busy_models import busy_models
from driftboard.data.catalog import Model, find_model

RULES = ("high_error_rate", "high_latency", "low_confidence", "low_accuracy", BURNS, MISSED)

_BUSY = timedelta(days=1)
_TURNS = 10
"""All of a model (thirty days of counts, a report of each batch) changes slowly: it is looked at so many minutes apart,
each model in a minute of its own."""


@dataclass(frozen=True, slots=True)
class _Visit:
    """One model, its open incidents of these rules, and what the look at it found: nothing, where looking failed."""

    model: Model
    open_now: Mapping[Subject, Severity]
    found: list[Look] = field(default_factory=list)

    @property
    def look(self) -> Look:
        """Everything that was found."""
        return sum(self.found, Look())

    @property
    def calls_for_change(self) -> bool:
        """Whether an incident is to be opened, kept up to date or ended."""
        return bool(self.look.wrong) or bool(self.look.well & self.open_now.keys())


def watch_services(store: AlertStore, settings: Settings, *, now: datetime, whole: bool | None = None) -> None:
    """Open and end the incidents about services.

    Parameters
    ----------
    store
        An open log.
    settings
        Objectives, limits and policies; a rule that is switched off opens nothing.
    now
        Aware, UTC.
    whole
        Whether all of every model is looked at; by default that of those whose turn it is in this minute.
    """
    with store.read() as connection:
        visits = _visits(connection, now)
        for visit in visits:
            turn = (int(now.timestamp()) // 60 + visit.model.model_id) % _TURNS == 0
            look = partial(_look, connection, visit, settings, now, whole=turn if whole is None else whole)
            with_care(f"service of model {visit.model.model_id}", look)
    changes = [visit for visit in visits if visit.calls_for_change]
    if changes:
        with store.write() as connection:
            hold_alert_queue(connection)
            for visit in changes:
                _tell(connection, visit, settings, now)


def _visits(connection: Connection, now: datetime) -> list[_Visit]:
    models = {model.model_id: model for model in busy_models(connection, since=now - _BUSY)}
    known: dict[int, dict[Subject, Severity]] = {}
    for each in incidents.open_incidents(connection):
        if each.rule not in RULES or each.model is None:
            continue
        model = find_model(connection, each.model)
        if model is not None:
            models[model.model_id] = model
            known.setdefault(model.model_id, {})[each.rule, each.subject] = Severity(each.severity)
    return [_Visit(model, known.get(model_id, {})) for model_id, model in sorted(models.items())]


def _look(connection: Connection, visit: _Visit, settings: Settings, now: datetime, *, whole: bool) -> None:
    visit.found.append(look_at_service(connection, visit.model, settings, visit.open_now, now=now, whole=whole))


def _tell(connection: Connection, visit: _Visit, settings: Settings, now: datetime) -> None:
    """Open, keep up to date and end; of a version that was replaced nothing is opened, for patrol would end it."""
    model, look = visit.model, visit.look
    new = any((each.rule, each.subject) not in visit.open_now for each in look.wrong)
    replaced = new and is_replaced(connection, model, now=now)
    for each in sorted(look.wrong, key=lambda trouble: RULES.index(trouble.rule)):
        is_new = (each.rule, each.subject) not in visit.open_now
        if is_new and (replaced or _was_told(connection, model, each, now)):
            continue
        raise_own(
            connection,
            rule=each.rule,
            subject=each.subject,
            message=each.message,
            severity=each.severity,
            settings=settings.alerts,
            now=now,
            model=model,
        )
    for rule, subject in sorted(look.well & visit.open_now.keys()):
        clear_own(connection, rule=rule, subject=subject, settings=settings.alerts, now=now, model=model)


def _was_told(connection: Connection, model: Model, trouble: ServiceTrouble, now: datetime) -> bool:
    prints = (fingerprint(rule, model.key, subject) for rule, subject in covering((trouble.rule, trouble.subject)))
    newest = (incidents.newest_episode(connection, each, model.model_id) for each in prints)
    return is_covered(trouble.severity, [each for each in newest if each is not None], now=now)
