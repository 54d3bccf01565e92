"""What the store knows of a service: read as others will read it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from driftboard.data import ModelKey, get_model, list_batches, open_store, read_batch
from driftboard.data.columns import LoggedRows
from driftboard.data.process_samples import ProcessSample, read_samples
from driftboard.data.service_counts import NOTHING, ServiceCounts, read_counts

KEY = ModelKey("churn", "3")
EVER = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    """Counts by minute, summed; samples; predictions as logged."""

    counts: ServiceCounts
    minutes: int
    samples: tuple[ProcessSample, ...]
    rows: list[LoggedRows]

    @property
    def table(self) -> list[dict[str, Any]]:
        """The predictions as they were logged, without what is empty; classes by name."""
        rows = []
        for logged in self.rows:
            for row in logged.table.to_pylist():
                if logged.task == "classification" and row.get("predicted") is not None:
                    row["predicted"] = logged.classes[int(row["predicted"])]
                rows.append({_short(name): value for name, value in row.items() if value is not None})
        return rows

    @property
    def ids(self) -> list[str]:
        """Of the predictions."""
        return [each for rows in self.rows for each in rows.prediction_ids]


def _short(name: str) -> str:
    return name.replace("feature:", "f:").replace("segment:", "s:")


def seen(where: Path | str, key: ModelKey = KEY) -> Seen:
    """Read everything."""
    until = datetime.now(UTC) + timedelta(days=1)
    with open_store(where) as store, store.read() as connection:
        model = get_model(connection, key)
        stretches = read_counts(connection, model.model_id, "requests", since=EVER, until=until)
        samples = read_samples(connection, since=EVER, until=until, model_id=model.model_id)
        batches = [read_batch(connection, model, each) for each in list_batches(connection, model)]
    return Seen(sum((each for _, _, each in stretches), NOTHING), len(stretches), samples, batches)
