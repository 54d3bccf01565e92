"""Columns of a request's rows: the same as the log's own way makes of them, whatever the rows have in common."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from driftboard.api.heading import Heading
from driftboard.api.row_columns import columns_of
from driftboard.api.rows import read_rows
from driftboard.api_settings import ApiSettings
from driftboard.data.batch import PredictionBatch
from driftboard.data.grouping import as_batch
from driftboard.data.model_key import ModelKey

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NUMBERS = st.none() | st.integers(-9, 9) | st.floats(-1, 1)
SCORES = st.none() | st.dictionaries(st.sampled_from("abc"), NUMBERS, min_size=1)
ROWS = st.fixed_dictionaries(
    {"predicted": st.sampled_from("abc"), "features": st.dictionaries(st.sampled_from("xyz"), NUMBERS)},
    optional={
        "scores": SCORES | st.lists(NUMBERS, min_size=2, max_size=2),
        "confidence": NUMBERS,
        "latency": NUMBERS,
        "error": st.none() | st.text(max_size=3),
        "segments": st.none() | st.dictionaries(st.sampled_from("st"), st.text(max_size=3)),
        "predicted_at": st.sampled_from(["2026-11-21T00:00:00Z", "2026-11-21T02:00:00+01:00"]),
        "label": st.none() | st.sampled_from("abc"),
    },
)


@given(st.lists(ROWS, min_size=1, max_size=6), st.sampled_from([None, ("a", "b")]))
def test_columns_are_those_of_the_log_itself(rows: list[dict[str, Any]], classes: tuple[str, str] | None) -> None:
    """Row by row and column by column the two ways agree; labels are added."""
    heading = Heading(ModelKey("m"), batch_id="b", classes=classes)
    read = read_rows(heading, rows, api=ApiSettings(), now=NOW, idempotency_key="k")
    for batch in read.batches:
        ours, theirs = columns_of(batch), as_batch(batch.group)
        for name in (each.name for each in fields(PredictionBatch)):
            if name not in ("labels", "predicted_at", "scores"):
                assert _plain(getattr(ours, name)) == _plain(getattr(theirs, name)), name
        if ours.scores is None:
            assert theirs.scores is None or np.isnan(theirs.scores).all()
        else:
            np.testing.assert_array_equal(ours.scores, theirs.scores)
        at = ours.predicted_at
        assert (at if isinstance(at, list) else [at] * len(ours)) == theirs.predicted_at
        given_labels = [rows[number].get("label") for number in batch.numbers]
        assert ours.labels == (given_labels if any(given_labels) else None)


def _plain(value: Any) -> Any:
    return repr(list(value)) if isinstance(value, list | tuple) else repr(value)
