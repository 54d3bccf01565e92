"""What a visitor does about labels: an answer to the review queue, a prediction skipped, a file of labels stored."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

from driftboard.dashboard import acts, label_queries
from driftboard.dashboard.label_cells import FileLabel, Label
from driftboard.dashboard.scope import Scope
from driftboard.dashboard.text import plural
from driftboard.data import ModelKey, Store, parse_model_key
from driftboard.data.catalog import Model, get_model
from driftboard.data.labels import LabelResult, write_labels
from driftboard.data.review import decide

_A_TRANSACTION = 10_000
"""Labels: services that log wait while they are stored. A file that was stored in part can be stored again."""


def answer(chosen: Scope, prediction_id: str, label: Label) -> None:
    """Store what the visitor says of a prediction."""
    now = datetime.now(UTC)
    _perform(
        chosen,
        "Label stored",
        lambda store, by: decide(store, _model(store, chosen), prediction_id, label=label, by=by, now=now),
    )


def skip(chosen: Scope, prediction_id: str) -> None:
    """Say that the visitor cannot tell."""
    now = datetime.now(UTC)
    _perform(
        chosen,
        "Skipped: nobody is asked for it again",
        lambda store, by: decide(store, _model(store, chosen), prediction_id, label=None, by=by, now=now),
    )


def store_labels(chosen: Scope, labels: Sequence[FileLabel]) -> None:
    """Store the labels of a file."""
    _perform(chosen, "", lambda store, _: _stored(store, parse_model_key(chosen.model.key), labels))


def _perform(chosen: Scope, said: str, work: Callable[[Store, str], object]) -> None:
    acts.perform(chosen, said, work)
    label_queries.forget()


def _stored(store: Store, model: ModelKey, labels: Sequence[FileLabel]) -> str:
    """Return what became of them, in words."""
    now = datetime.now(UTC)
    results: list[LabelResult] = []
    for source, observed_at, values in _pieces(labels):
        with store.write() as connection:
            results.append(
                write_labels(
                    connection, store, values, model=model, source=source, observed_at=observed_at or now, now=now
                )
            )
    said = [f"{plural(sum(each.accepted for each in results), 'label')} stored"]
    more = {
        "there already": sum(each.unchanged for each in results),
        "waiting for their predictions": sum(each.waiting for each in results),
        "refused": sum(len(each.refused or {}) for each in results),
    }
    return ", ".join(said + [f"{n:,} {what}" for what, n in more.items() if n])


def _pieces(labels: Sequence[FileLabel]) -> Iterator[tuple[str, datetime | None, Mapping[str, Label]]]:
    """Yield the labels by who observed them when, as many at a time as go into one transaction."""
    least = datetime.min.replace(tzinfo=UTC)

    def told(each: FileLabel) -> tuple[str, datetime]:
        return each.source, each.observed_at or least

    for (source, _), group in groupby(sorted(labels, key=told), key=told):
        found = list(group)
        for start in range(0, len(found), _A_TRANSACTION):
            piece = found[start : start + _A_TRANSACTION]
            yield source, piece[0].observed_at, {each.prediction_id: each.label for each in piece}


def _model(store: Store, chosen: Scope) -> Model:
    with store.read() as connection:
        return get_model(connection, parse_model_key(chosen.model.key), store.catalog)
