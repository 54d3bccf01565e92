"""A real model on real flights, which says whether one will arrive more than 15 minutes late.

The prediction is made at the scheduled time of departure, for every scheduled flight, from what is known then: route,
aircraft, the hour, the weather, how late others have just left that airport and how many still wait. A flight's own
departure delay is not known then (for a cancelled one it never is), so it is no feature; neither are weekday and
month, of which a batch of one day has a single value.

Trained on January and February without every third day; those days, whole and unseen, are the frozen reference.
March to December is replayed one day a batch. Flights that never arrived (cancelled, diverted) are predicted, and
never get a label.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftboard.data import ModelKey, PredictionBatch
from driftboard.demo.airport import observe
from driftboard.one_thread import one_thread

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

MODEL = ModelKey("flights")
LATE_AFTER = 15
CLASSES = ("late", "on_time")
REPLAY_FROM = "2013-03-01"
HELD_OUT_EVERY = 3
REGIONAL_SEATS = 100

CATEGORICAL = ("carrier", "origin", "dest")
SEGMENTS = ("carrier", "origin")
NUMERIC = (
    "hour",
    "distance",
    "seats",
    "regional",
    "recent_delay",
    "waiting",
    "temp",
    "wind_speed",
    "precip",
    "visib",
    "pressure",
)


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """One day of flights: the predictions, and the labels that come in a day later, by prediction id."""

    date: str
    batch: PredictionBatch
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class FlightYear:
    """The year with the model's answers: rows of `table` in order of time, `scores` of shape (n, 2) for `CLASSES`."""

    table: pa.Table
    scores: NDArray[np.float64]
    dates: NDArray[np.str_]

    def reference(self) -> PredictionBatch:
        """Return the days of January and February that were held out of training, with their labels."""
        return self._batch("reference", np.flatnonzero(held_out(self.dates)), with_labels=True)

    def days(self) -> Iterator[Day]:
        """Yield March to December, day by day."""
        dates, starts = np.unique(self.dates, return_index=True)
        for date, rows in zip(dates.tolist(), np.split(np.arange(len(self.dates)), starts[1:]), strict=True):
            if date >= REPLAY_FROM:
                labels = zip(self._column("prediction_id", rows), self._column("label", rows), strict=True)
                known = {each: label for each, label in labels if label is not None}
                yield Day(date, self._batch(date, rows, with_labels=False), known)

    def _batch(self, batch_id: str, rows: NDArray[np.int64], *, with_labels: bool) -> PredictionBatch:
        scores = self.scores[rows]
        return PredictionBatch(
            MODEL,
            batch_id,
            features={name: self._column(name, rows) for name in CATEGORICAL + NUMERIC},
            predicted=[CLASSES[code] for code in scores.argmax(axis=1)],
            scores=scores,
            classes=CLASSES,
            labels=self._column("label", rows) if with_labels else None,
            prediction_ids=self._column("prediction_id", rows),
            predicted_at=[datetime.fromtimestamp(seconds, UTC) for seconds in self._column("departs_at", rows)],
            segments={name: self._column(name, rows) for name in SEGMENTS},
        )

    def _column(self, name: str, rows: NDArray[np.int64]) -> list[Any]:
        column: list[Any] = self.table[name].take(pa.array(rows)).to_pylist()
        return column


def predict_year(flights: pa.Table) -> FlightYear:
    """Train the model and let it predict every flight of the year.

    Parameters
    ----------
    flights
        From `nycflights.read_flights`.
    """
    table = _with_features(flights)
    dates = table["date"].to_numpy().astype(np.str_)
    early = dates < REPLAY_FROM
    matrix = _matrix(table, levels=table.filter(pa.array(early)))
    labels = np.asarray(table["label"].to_pylist(), dtype=object)
    train = np.flatnonzero(early & ~held_out(dates) & (labels != None))  # noqa: E711 - element by element
    with one_thread():
        model = _classifier().fit(matrix[train], labels[train].astype(np.str_))
        return FlightYear(table, model.predict_proba(matrix), dates)


def held_out(dates: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Return which rows are of the reference: every third day before the replay begins."""
    days, day_of = np.unique(dates, return_inverse=True)
    chosen = (np.arange(len(days)) % HELD_OUT_EVERY == HELD_OUT_EVERY - 1) & (days < REPLAY_FROM)
    of_row: NDArray[np.bool_] = chosen[day_of]
    return of_row


def _classifier() -> "HistGradientBoostingClassifier":
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - a second run of the demo needs none

    return HistGradientBoostingClassifier(
        max_iter=60,
        max_leaf_nodes=15,
        min_samples_leaf=100,
        l2_regularization=1.0,
        early_stopping=False,
        categorical_features=list(range(len(CATEGORICAL))),
        random_state=42,
    )


def _with_features(flights: pa.Table) -> pa.Table:
    """Add the columns `prediction_id`, `label` (null when the flight never arrived) and the computed features."""
    due = flights["departs_at"].to_numpy() / 60
    delay = flights["dep_delay"].cast(pa.float64()).to_numpy()
    state = observe(due, delay, np.unique(flights["origin"].to_numpy(), return_inverse=True)[1])
    parts = [flights["date"], flights["carrier"], flights["flight"].cast(pa.string()), flights["origin"]]
    computed = {
        "prediction_id": pc.binary_join_element_wise(*parts, "-"),
        "label": pc.if_else(pc.greater(flights["arr_delay"], LATE_AFTER), *CLASSES),
        "regional": pc.less(flights["seats"], REGIONAL_SEATS),
        "recent_delay": pa.array(state.recent_delay, from_pandas=True),
        "waiting": pa.array(state.waiting.astype(np.int64)),
    }
    for name, column in computed.items():
        flights = flights.append_column(name, column)
    return flights


def _matrix(table: pa.Table, *, levels: pa.Table) -> NDArray[np.float64]:
    """Return shape (n, features): categories as codes; what is missing, or not among `levels`, is NaN."""
    coded = [pc.index_in(table[name], value_set=pc.unique(levels[name])) for name in CATEGORICAL]
    plain = [table[name].cast(pa.float64()) for name in NUMERIC]
    columns = [column.cast(pa.float64()).to_numpy() for column in [*coded, *plain]]
    return np.column_stack(columns)
