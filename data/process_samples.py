"""What processes used, minute by minute: processor, memory, disk, graphics cards, requests in progress."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson
from sqlalchemy import Connection, Row, delete, insert, select

from driftboard.data import tables
from driftboard.data.times import from_micros, to_micros

Component = Literal["service", "api", "worker", "dashboard"]
_MINUTE = timedelta(minutes=1)
_p = tables.process_samples.c


@dataclass(frozen=True, slots=True)
class Gpu:
    """One graphics card: utilisation 0 to 1, memory in bytes."""

    name: str
    utilisation: float
    memory_used: int
    memory_total: int


@dataclass(frozen=True, slots=True)
class ProcessSample:
    """What one process used in one minute.

    Attributes
    ----------
    process
        Host and pid: `web-1:4711`.
    at
        Start of the minute.
    model_id
        Whose service it is; None for a process of driftboard itself.
    component
        `service`: an instrumented service; else which part of driftboard.
    cpu
        Cores kept busy on average: 0.5 is half of one, 2 is two.
    memory
        Resident bytes at the end of the minute.
    read, written
        Bytes to and from disks in the minute; 0 where the system does not tell.
    threads
        At the end of the minute.
    in_progress, in_progress_max
        Requests under way at the end of the minute, and the most there were in it.
    gpus
        Cards of the machine, where there are any and `driftboard[gpu]` is installed.
    """

    process: str
    at: datetime
    model_id: int | None
    component: Component
    cpu: float
    memory: int
    read: int = 0
    written: int = 0
    threads: int = 0
    in_progress: int = 0
    in_progress_max: int = 0
    gpus: tuple[Gpu, ...] = ()


def save_sample(connection: Connection, sample: ProcessSample) -> None:
    """Store a sample; one of the same process, minute and model is replaced: a process may serve several models."""
    values = asdict(sample)
    place = {"process": values.pop("process"), "at": to_micros(values.pop("at"))}
    model_id, component = values.pop("model_id"), values.pop("component")
    same = (_p.process == place["process"], _p.at == place["at"], _p.model_id.is_not_distinct_from(model_id))
    connection.execute(delete(tables.process_samples).where(*same))
    rest = {"model_id": model_id, "component": component, "payload": orjson.dumps(values).decode()}
    connection.execute(insert(tables.process_samples), place | rest)


def read_samples(
    connection: Connection,
    *,
    since: datetime,
    until: datetime,
    model_id: int | None = None,
    own: bool = False,
    every: timedelta = _MINUTE,
) -> tuple[ProcessSample, ...]:
    """Return samples of [since, until) in order of time: of one model's services, or of every process.

    Parameters
    ----------
    connection
        An open transaction.
    since, until
        The time.
    model_id
        Whose services; of all by default.
    own
        Only driftboard's own processes, which serve no model.
    every
        One minute of each stretch of this length (whole minutes): a month has too many to be read for a chart.
    """
    query = select(tables.process_samples).where(_p.at >= to_micros(since), _p.at < to_micros(until))
    if model_id is not None:
        query = query.where(_p.model_id == model_id)
    if own:
        query = query.where(_p.model_id.is_(None))
    if every > _MINUTE:
        length = every // timedelta(microseconds=1)
        query = query.where(_p.at % length < _MINUTE // timedelta(microseconds=1))
    return tuple(_sample(row) for row in connection.execute(query.order_by(_p.at, _p.process)))


def forget_samples(connection: Connection, *, before: datetime) -> int:
    """Delete what is older; return how many samples that were."""
    return connection.execute(delete(tables.process_samples).where(_p.at < to_micros(before))).rowcount


def _sample(row: Row[Any]) -> ProcessSample:
    values = orjson.loads(row.payload)
    gpus = tuple(Gpu(**each) for each in values.pop("gpus"))
    return ProcessSample(row.process, from_micros(row.at), row.model_id, row.component, **values, gpus=gpus)
