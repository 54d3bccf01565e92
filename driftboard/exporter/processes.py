"""What processes use, as samples: the newest minute of each that is still there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from driftboard.data.process_samples import ProcessSample
from driftboard.exporter import families
from driftboard.exporter.budget import PROCESS_SERIES
from driftboard.exporter.samples import Samples

FRESH = timedelta(minutes=3)
"""A process that was not seen for longer is gone."""

_BY_PROCESS, _BY_CARD = 2, 2
_OTHERS = "other"


def newest_by_process(samples: Sequence[ProcessSample]) -> list[ProcessSample]:
    """Return the newest sample of each process and model it serves, the one that uses most memory first."""
    newest = {(each.process, each.model_id): each for each in sorted(samples, key=lambda each: each.at)}
    return sorted(newest.values(), key=lambda each: (-each.memory, each.process))


def add_processes(samples: Samples, processes: Sequence[ProcessSample], *, now: datetime) -> None:
    """Add what processes use; there is room for so many series, those beyond are added up as one process `other`."""
    fresh = [each for each in processes if now - each.at <= FRESH]
    left = PROCESS_SERIES - _BY_PROCESS
    named = []
    for each in fresh:
        left -= _BY_PROCESS + _BY_CARD * len(each.gpus)
        if left < 0:
            break
        named.append(each)
        _add(samples, each)
    others = fresh[len(named) :]
    if others:
        samples.add(families.CPU, sum(each.cpu for each in others), others[0].component, _OTHERS)
        samples.add(families.MEMORY, sum(each.memory for each in others), others[0].component, _OTHERS)


def add_in_progress(samples: Samples, processes: Sequence[ProcessSample], *, now: datetime) -> None:
    """Add the requests under way in all processes of a service; nothing where none is seen."""
    services = [each for each in processes if each.component == "service" and now - each.at <= FRESH]
    if services:
        samples.add(families.IN_PROGRESS, sum(each.in_progress for each in services))


def _add(samples: Samples, sample: ProcessSample) -> None:
    place = (sample.component, sample.process)
    samples.add(families.CPU, sample.cpu, *place)
    samples.add(families.MEMORY, sample.memory, *place)
    for number, card in enumerate(sample.gpus):
        samples.add(families.GPU, card.utilisation, *place, str(number))
        samples.add(families.GPU_MEMORY, card.memory_used, *place, str(number))
