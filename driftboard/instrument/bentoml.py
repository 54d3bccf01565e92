"""BentoML: a monitor that logs what `bentoml.monitor()` is given."""

from collections.abc import Iterable, Mapping
from typing import Any

from bentoml.monitoring import MonitorBase  # type: ignore[import-not-found,unused-ignore]

from driftboard.instrument.instrument import Instrument

_PREDICTION, _ID, _TARGET = "prediction", "request_id", "target"


class DriftboardMonitor(MonitorBase[Any]):  # type: ignore[misc,unused-ignore]  # BentoML need not be installed
    """Logs each row of a record: columns of role `prediction` and `request_id` are those, all others are features.

    ``bentoml.monitor("churn", monitor_class=DriftboardMonitor, monitor_options={"watched": watched})``, or the options
    of an `Instrument` in its place (`where`, `version`, ...); the monitor's name is then the model's. A column of role
    `target` is not logged: labels come on their own way. Requests are counted by the middleware or the decorator.
    """

    def __init__(self, name: str, *, watched: Instrument | None = None, **options: Any) -> None:
        super().__init__(name)
        self.watched = Instrument(model=name, **options) if watched is None else watched
        self._roles: dict[str, str] = {}

    def export_schema(self, columns_schema: Mapping[str, Mapping[str, str]]) -> None:
        """Learn which column has which role."""
        self._roles = {name: column["role"] for name, column in columns_schema.items()}

    def export_data(self, datas: Mapping[str, Iterable[Any]]) -> None:
        """Log the rows of a record; it raises nothing."""
        try:
            columns = {name: list(values) for name, values in datas.items()}
            for row in zip(*columns.values(), strict=True):
                self._log(dict(zip(columns, row, strict=True)))
        except Exception as error:  # noqa: BLE001 - columns of different lengths, or whatever a value does
            self.watched.problem(error)

    def _log(self, row: dict[str, Any]) -> None:
        by_role = {self._roles.get(name): value for name, value in row.items()}
        features = {
            name: value for name, value in row.items() if self._roles.get(name) not in (_PREDICTION, _ID, _TARGET)
        }
        self.watched.log(features, by_role.get(_PREDICTION), prediction_id=by_role.get(_ID))
