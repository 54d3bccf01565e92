"""What is new at every scrape: counts, incidents, processes, the newest predictions; a few queries for all models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from driftboard.config import Settings
from driftboard.data.catalog import Model, list_models
from driftboard.data.process_samples import ProcessSample, read_samples
from driftboard.data.service import services_ever
from driftboard.data.service_counts import NOTHING, ServiceCounts
from driftboard.data.standing import newest_predictions, open_by_severity, predicted_lately
from driftboard.exporter import families
from driftboard.exporter.budget import limits_of
from driftboard.exporter.counted import add_predictions, add_requests
from driftboard.exporter.processes import FRESH, add_in_progress, add_processes, newest_by_process
from driftboard.exporter.reading import Reading
from driftboard.exporter.samples import NO_MODEL, Samples, samples_of

LATELY = timedelta(minutes=5)
_SEVERITIES = ("critical", "warning", "info")


@dataclass(frozen=True, slots=True)
class Current:
    """What was read for one scrape, by model; what could not be read is empty.

    Attributes
    ----------
    models
        All that are registered.
    ever
        Counts of all time: of requests, and of predictions; None when those could not be read.
    lately
        Predictions of the last five whole minutes.
    newest
        When the newest prediction was made.
    incidents
        How many are open, by model (None: driftboard itself) and severity; None when that could not be read.
    processes
        Newest sample of each process.
    """

    models: tuple[Model, ...] = ()
    ever: Mapping[int, tuple[ServiceCounts | None, ServiceCounts | None]] | None = None
    lately: Mapping[int, int] = field(default_factory=dict)
    newest: Mapping[int, datetime] = field(default_factory=dict)
    incidents: Mapping[tuple[int | None, str], int] | None = None
    processes: Sequence[ProcessSample] = ()


def read_current(reading: Reading, *, now: datetime) -> Current:
    """Read it, each part by itself."""
    models = reading.part("models", list_models, ())
    minutes = int(LATELY.total_seconds()) // 60
    since, until = now - FRESH - timedelta(minutes=1), now + timedelta(minutes=1)
    processes = reading.part("processes", lambda connection: read_samples(connection, since=since, until=until), ())
    return Current(
        models=models,
        ever=reading.part("counts", services_ever, None),
        lately=reading.part("counts", lambda each: predicted_lately(each, models, now=now, minutes=minutes), {}),
        newest=reading.part("counts", newest_predictions, {}),
        incidents=reading.part("incidents", open_by_severity, None),
        processes=newest_by_process(processes),
    )


def model_samples(model: Model, current: Current, settings: Settings, *, now: datetime) -> Samples:
    """Return what there is to say of a model; requests from the start, for `rate` to see the first failure."""
    samples = samples_of(model, aliases=settings.metrics.aliases)
    if current.ever is not None:
        requests, predictions = current.ever.get(model.model_id, (None, None))
        add_requests(samples, requests or predictions or NOTHING)
        limits, unsure = limits_of(settings.metrics), settings.service.low_confidence
        add_predictions(samples, predictions or NOTHING, classes=limits.classes, unsure=unsure)
    if model.model_id in current.newest:
        newest = current.newest[model.model_id]
        samples.add(families.NEWEST, newest.timestamp())
        samples.add(families.THROUGHPUT, current.lately.get(model.model_id, 0) / LATELY.total_seconds())
    _add_incidents(samples, current, model.model_id)
    processes = [each for each in current.processes if each.model_id == model.model_id]
    add_processes(samples, processes, now=now)
    add_in_progress(samples, processes, now=now)
    return samples


def own_samples(current: Current, *, now: datetime) -> Samples:
    """Return what there is to say of incidents and processes of driftboard itself."""
    samples = Samples(NO_MODEL)
    _add_incidents(samples, current, None)
    add_processes(samples, [each for each in current.processes if each.model_id is None], now=now)
    return samples


def _add_incidents(samples: Samples, current: Current, model_id: int | None) -> None:
    if current.incidents is not None:
        for severity in _SEVERITIES:
            samples.add(families.INCIDENTS, current.incidents.get((model_id, severity), 0), severity)
