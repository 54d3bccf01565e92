"""What the machine room asks of the log: read-only, bounded, remembered for some seconds (counts come with no report).

What is remembered are the steps of a chart, a hundred or so, and not the minutes that they were summed from.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st

from driftboard.alerts.service_levels import ServiceLevel, read_levels
from driftboard.config import Settings
from driftboard.dashboard.service_steps import Step, steps
from driftboard.dashboard.source import Source, known_model, reading_from
from driftboard.dashboard.spans import SPANS
from driftboard.data.process_samples import ProcessSample, read_samples
from driftboard.data.service import read_predicted, read_service, services_ever
from driftboard.data.service_counts import ServiceCounts, first_counted
from driftboard.data.service_counts import Source as Counted

_SECONDS = 10.0
"""An answer is not older than this."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a model's service did in a time, step by step.

    Attributes
    ----------
    told_by
        `requests`: the instrumented service; `predictions`: the log, of what it was given.
    steps
        From that source.
    predicted
        From the log: classes and confidence.
    total
        All steps together.
    """

    told_by: Counted
    steps: tuple[Step, ...]
    predicted: tuple[Step, ...]
    total: ServiceCounts


@st.cache_data(ttl=_SECONDS, max_entries=64, show_spinner=False)
def service(source: Source, model: str, span: str, until: datetime) -> Look:
    """Return how a model's service did in the time that ends at `until`."""
    chosen = SPANS[span]
    since = chosen.since(until)
    with reading_from(source.url, source.path) as connection:
        model_id = known_model(connection, model).model_id
        found = read_service(connection, model_id, since=since, until=until)
        answers = (
            found if found.source == "predictions" else read_predicted(connection, model_id, since=since, until=until)
        )
    drawn = steps(found.stretches, chosen, until=until)
    predicted = drawn if answers is found else steps(answers.stretches, chosen, until=until)
    return Look(found.source, drawn, predicted, found.total)


@st.cache_data(ttl=_SECONDS, max_entries=64, show_spinner=False)
def ever(source: Source, model: str) -> tuple[ServiceCounts | None, ServiceCounts | None]:
    """Return what was counted of all time: of a model's requests, and of its predictions."""
    with reading_from(source.url, source.path) as connection:
        return services_ever(connection).get(known_model(connection, model).model_id, (None, None))


@st.cache_data(ttl=_SECONDS, max_entries=64, show_spinner=False)
def since(source: Source, model: str) -> datetime | None:
    """Return when a model was first counted."""
    with reading_from(source.url, source.path) as connection:
        return first_counted(connection, known_model(connection, model).model_id)


def counted(source: Source, model: str) -> bool:
    """Whether anything was ever counted of a model."""
    return ever(source, model) != (None, None)


def levels(source: Source, model: str, settings: Settings, now: datetime) -> tuple[ServiceLevel, ...]:
    """Return what is promised of a model's service, and what of it is kept."""
    return _levels(source, model, now.replace(second=0, microsecond=0), settings.slo.model_dump_json(), settings)


@st.cache_data(ttl=6 * _SECONDS, max_entries=256, show_spinner=False)
def _levels(
    source: Source,
    model: str,
    now: datetime,
    promised: str,  # noqa: ARG001 - part of the key, which the settings as a whole cannot be
    _settings: Settings,
) -> tuple[ServiceLevel, ...]:
    with reading_from(source.url, source.path) as connection:
        return read_levels(connection, known_model(connection, model), _settings, now=now)


@st.cache_data(ttl=_SECONDS, max_entries=16, show_spinner=False)
def processes(
    source: Source, model: str | None, since: datetime, until: datetime, every: timedelta
) -> tuple[ProcessSample, ...]:
    """Return one minute of every `every`, of a model's services, or (None) of driftboard's own processes."""
    with reading_from(source.url, source.path) as connection:
        model_id = None if model is None else known_model(connection, model).model_id
        return read_samples(connection, since=since, until=until, model_id=model_id, own=model is None, every=every)


def forget() -> None:
    """Ask the log again from now on."""
    for question in (service, ever, _levels, processes):
        question.clear()
