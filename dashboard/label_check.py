"""The labels of a file held against the log: what would be new, a correction, a repetition, or wait."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from driftboard.dashboard.label_cells import FileLabel
from driftboard.data.catalog import Model, class_codes
from driftboard.data.current_labels import current_labels
from driftboard.data.places import places_of
from driftboard.data.values import storable

NEW, CORRECTION, THERE, WAITS = "new", "correction", "there already", "waits"

MEANINGS: dict[str, str] = {
    NEW: "New label",
    CORRECTION: "Other than the log says",
    THERE: "In the log already",
    WAITS: "Prediction not in the log",
}
_PIECE = 10_000


@dataclass(frozen=True, slots=True)
class Checked:
    """What would become of each label, in the order of the file, and how many there are of each kind."""

    fates: tuple[str, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each kind there are."""
        return Counter(self.fates)


def check_labels(connection: Connection, model: Model, labels: Sequence[FileLabel]) -> Checked:
    """Return what would become of labels; nothing is written."""
    codes = class_codes(connection, model.model_id)
    fates: list[str] = []
    for start in range(0, len(labels), _PIECE):
        piece = labels[start : start + _PIECE]
        places = places_of(connection, model.model_id, [storable(each.prediction_id) for each in piece])
        told = current_labels(connection, list(places.values()))
        for each in piece:
            place = places.get(storable(each.prediction_id))
            fates.append(_fate(told.get(place), _coded(each, codes, model)) if place else WAITS)
    return Checked(tuple(fates))


def _fate(told: float | None, value: float | None) -> str:
    if told is None:
        return NEW
    return THERE if told == value else CORRECTION


def _coded(label: FileLabel, codes: Mapping[str, int], model: Model) -> float | None:
    """The label as the log keeps it; None of a class that the log does not know."""
    if model.task == "regression":
        return float(label.label)
    return codes.get(orjson.dumps(label.label).decode())
