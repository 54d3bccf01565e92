"""What happened to a log's models, as a backtest lives through it again: judgements, acts of people, silences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from driftboard.alerts.by_hand import is_act
from driftboard.alerts.light_report import light_report
from driftboard.alerts.memory import Window
from driftboard.data.acts import Act, acts
from driftboard.data.catalog import Model
from driftboard.data.report_history import Judgement, judgements
from driftboard.data.silences import Silence, silences
from driftboard.monitors.report import Report

_EVERY_SILENCE = 100_000


@dataclass(frozen=True, slots=True)
class Judged:
    """One batch as the monitors saw it at one time: the newest report of each, also of those that said nothing new."""

    model: Model
    window: Window
    at: datetime
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class History:
    """Everything that decides what is told, each in order of time.

    Attributes
    ----------
    judged
        What the monitors said.
    acts
        What people did to incidents.
    silences
        In the order they were made.
    """

    judged: tuple[Judged, ...]
    acts: tuple[Act, ...] = ()
    silences: tuple[Silence, ...] = ()


def read_history(
    connection: Connection, *, model_ids: Sequence[int] | None = None, until: datetime | None = None
) -> History:
    """Return what was recorded, from the very first report on.

    Parameters
    ----------
    connection
        From `Store.read`.
    model_ids
        Only of these models.
    until
        Only what was recorded before.
    """
    made = silences(connection, limit=_EVERY_SILENCE)
    return History(
        judged=tuple(_complete(judgements(connection, model_ids=model_ids, until=until))),
        acts=tuple(each for each in acts(connection, model_ids=model_ids, until=until) if is_act(each.event)),
        silences=tuple(sorted(made, key=lambda each: (each.created_at, each.silence_id))),
    )


def _complete(given: Iterator[Judgement]) -> Iterator[Judged]:
    """Add to each judgement what the other monitors had said of the batch before: a worker passes all of it on."""
    newest: dict[int, dict[str, Report]] = {}
    for each in given:
        said = newest.setdefault(each.batch.batch_key, {})
        for monitor, payload in each.payloads:
            report = light_report(monitor, payload)
            if report is not None:
                said[monitor] = report
        batch = each.batch
        window = Window(batch.first_at, batch.batch_key, batch.batch_id, batch.n_predictions)
        yield Judged(each.model, window, each.at, tuple(said.values()))
