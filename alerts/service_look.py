"""A look at one model's service: what is needed for it is read, and judged by rules, budgets and levels."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from driftboard.alerts.accuracy_trouble import look_at_accuracy
from driftboard.alerts.level_evidence import LevelEvidence
from driftboard.alerts.level_trouble import AT_ONCE, BURNS, CALM, look_at_fast_burns, look_at_levels
from driftboard.alerts.measured_levels import measured_levels
from driftboard.alerts.outcome_figures import OutcomeFigures, figures_of
from driftboard.alerts.service_levels import read_evidence, read_figures
from driftboard.alerts.service_measures import Minutes, whole_minute
from driftboard.alerts.service_rules import objectives_of, service_rules
from driftboard.alerts.service_trouble import Look, Subject, look_at_rules
from driftboard.alerts.severity import Severity
from driftboard.config import Settings
from driftboard.data.catalog import Model
from driftboard.data.outcome_reports import said_of_outcomes
from driftboard.data.service import Service, read_predicted, read_service

_NEWEST_BATCHES = 5
"""Whose accuracy may have been the newest one within the time that the rule about it must hold."""


def look_at_service(
    connection: Connection,
    model: Model,
    settings: Settings,
    open_now: Mapping[Subject, Severity],
    *,
    now: datetime,
    whole: bool,
) -> Look:
    """Return what is wrong with a model's service and what is well.

    Parameters
    ----------
    connection
        From `Store.read`.
    model
        Which one.
    open_now
        Its open incidents of these rules.
    now
        Aware, UTC.
    whole
        Whether accuracy, slow burns and compliance are looked at too: thirty days of counts are read for them.
    """
    lately = read_service(connection, model.model_id, since=_lately(now), until=now)
    look = _look_at_counts(connection, model, settings, lately, open_now, now)
    if not whole:
        return look + _look_at_fast_burns(model, settings, lately, now)
    figures = read_figures(connection, model, settings, now=now)
    evidence = read_evidence(connection, model, settings, figures, now=now)
    outcomes = _look_at_outcomes(connection, model, settings, figures, now)
    return look + _look_at_levels(evidence, open_now) + outcomes


def _lately(now: datetime) -> datetime:
    return whole_minute(now) - AT_ONCE


def _look_at_counts(
    connection: Connection,
    model: Model,
    settings: Settings,
    lately: Service,
    open_now: Mapping[Subject, Severity],
    now: datetime,
) -> Look:
    """Look at the rules about counts; those about latency are well where none is promised any more."""
    rules = [rule for rule in service_rules(settings, model.key) if rule.measure != "accuracy"]
    unsure_at = settings.service.low_confidence
    predicted = lately
    if lately.source == "requests":
        predicted = read_predicted(connection, model.model_id, since=_lately(now), until=now)
    of_requests = [rule for rule in rules if rule.measure != "low_confidence"]
    of_predictions = [rule for rule in rules if rule.measure == "low_confidence"]
    look = look_at_rules(of_requests, Minutes(lately.stretches, unsure_at=unsure_at), open_now, now=now)
    look += look_at_rules(of_predictions, Minutes(predicted.stretches, unsure_at=unsure_at), open_now, now=now)
    unpromised = {"high_latency"} - {rule.rule for rule in rules}
    return look + Look(well=frozenset((name, "") for name in unpromised))


def _look_at_fast_burns(model: Model, settings: Settings, lately: Service, now: datetime) -> Look:
    evidence = LevelEvidence(
        objectives=objectives_of(settings, model.key),
        service=lately,
        outcomes=None,
        days=settings.slo.days,
        min_requests=settings.service.min_requests,
        now=now,
    )
    return look_at_fast_burns(measured_levels(evidence), days=settings.slo.days)


def _look_at_levels(evidence: LevelEvidence, open_now: Mapping[Subject, Severity]) -> Look:
    burning = any(rule == BURNS for rule, _ in open_now)
    earlier = [measured_levels(replace(evidence, now=evidence.now - ago)) for ago in CALM] if burning else []
    until = whole_minute(evidence.now)
    lately = evidence.requests().between(until - AT_ONCE, until)
    enough = lately.total >= evidence.min_requests
    return look_at_levels(measured_levels(evidence), earlier, open_now, days=evidence.days, enough=enough)


def _look_at_outcomes(
    connection: Connection, model: Model, settings: Settings, figures: Sequence[OutcomeFigures], now: datetime
) -> Look:
    newest = [each.batch_key for each in figures if each.is_mature][-_NEWEST_BATCHES:]
    if not newest:
        return Look()
    said = [figures_of(each) for each in said_of_outcomes(connection, newest)]
    rules = [rule for rule in service_rules(settings, model.key) if rule.measure == "accuracy"]
    return sum((look_at_accuracy(rule, said, now=now) for rule in rules), Look())
