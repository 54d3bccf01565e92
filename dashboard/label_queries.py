"""What the Labels page asks of the log: read-only, bounded, remembered for seconds: labels come without a report."""

from datetime import UTC, datetime

import streamlit as st

from driftboard.dashboard.label_check import Checked, check_labels
from driftboard.dashboard.label_file import LabelFile, read_label_file
from driftboard.dashboard.source import Source, known_model, reading_from
from driftboard.data.catalog import ClassValue, class_values
from driftboard.data.review import ReviewCounts, ReviewItem, review_counts, waiting
from driftboard.data.review_outcomes import sampled_outcomes
from driftboard.label_wait import usual_delays
from driftboard.monitors.label_delays import LabelDelays
from driftboard.monitors.sampled import SampledEstimate, sampled_mean

MOST_WAITING = 50
_SECONDS = 10.0
_MINUTE = 60.0


@st.cache_data(ttl=_SECONDS, max_entries=32, show_spinner=False)
def queue(source: Source, model: str) -> tuple[ReviewItem, ...]:
    """Return what waits to be labelled, oldest first."""
    with reading_from(source.url, source.path) as connection:
        return waiting(connection, known_model(connection, model), limit=MOST_WAITING)


@st.cache_data(ttl=_SECONDS, max_entries=32, show_spinner=False)
def counts(source: Source, model: str) -> ReviewCounts:
    """Return how the queue stands."""
    with reading_from(source.url, source.path) as connection:
        return review_counts(connection, known_model(connection, model))


@st.cache_data(ttl=_SECONDS, max_entries=32, show_spinner=False)
def classes(source: Source, model: str) -> tuple[ClassValue, ...]:
    """Return the classes that a model knows."""
    with reading_from(source.url, source.path) as connection:
        return class_values(connection, known_model(connection, model).model_id)


@st.cache_data(ttl=_MINUTE, max_entries=32, show_spinner=False)
def sampled(
    source: Source, model: str, task: str, since: datetime, until: datetime
) -> tuple[SampledEstimate | None, int, int]:
    """Return the estimate from the reviewed sample, how many were queued in the time, and how many got a label."""
    with reading_from(source.url, source.path) as connection:
        found = sampled_outcomes(connection, known_model(connection, model), since=since, until=until)
    n = len(found.outcome)
    estimate = sampled_mean(found.outcome, found.probability, share=task == "classification") if n else None
    return estimate, found.queued, n


@st.cache_data(ttl=5 * _MINUTE, max_entries=32, show_spinner=False)
def delays(source: Source, model: str) -> LabelDelays:
    """Return how late labels usually are."""
    with reading_from(source.url, source.path) as connection:
        return usual_delays(connection, known_model(connection, model), datetime.now(UTC))


@st.cache_data(ttl=5 * _MINUTE, max_entries=4, show_spinner=False)
def file(content: bytes, task: str, known: tuple[ClassValue, ...]) -> LabelFile:
    """Return what a file of labels says."""
    return read_label_file(content, task=task, classes=known, now=datetime.now(UTC))


@st.cache_data(ttl=_SECONDS, max_entries=4, show_spinner=False)
def checked(source: Source, model: str, content: bytes, _file: LabelFile) -> Checked:  # noqa: ARG001 - the key
    """Return what would become of the labels of a file."""
    with reading_from(source.url, source.path) as connection:
        return check_labels(connection, known_model(connection, model), _file.labels)


def forget() -> None:
    """Ask the log again from now on: something was labelled."""
    for question in (queue, counts, classes, sampled, checked):
        question.clear()
