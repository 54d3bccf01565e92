"""`log()` takes anything: what can be stored is, the rest is set aside with a reason, and nothing is raised."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftboard.data import ModelKey, PredictionLogger, Store
from driftboard.data.entries import Entry, decode_entry, encode_entry
from driftboard.data.grouping import group as sink_group
from tests.data.batches import read
from tests.data.test_client import quarantined

AT = datetime(2026, 11, 21, 14, 37, tzinfo=UTC)


class Hostile:
    """Raises whatever it is asked."""

    def __repr__(self) -> str:
        raise RuntimeError("no")

    __str__ = __hash__ = __eq__ = __bool__ = __len__ = __iter__ = __float__ = __repr__  # type: ignore[assignment]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters()),
    st.binary(max_size=8),
    st.decimals(),
    st.fractions(),
    st.complex_numbers(),
    st.datetimes(),
    st.builds(Hostile),
    st.builds(np.float32, st.floats(width=32)),
    st.builds(np.datetime64, st.integers(0, 10**9), st.just("ns")),
    st.just(2**70),
    st.builds(object),
)
NAMES = st.one_of(st.text(st.characters(), max_size=5), st.integers(), st.floats(), st.none(), st.tuples(st.integers()))
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(NAMES, SCALARS, max_size=3))
CALLS = st.fixed_dictionaries(
    {"features": st.one_of(st.dictionaries(NAMES, VALUES, max_size=4), VALUES), "prediction": VALUES},
    optional=dict.fromkeys(
        ("scores", "confidence", "prediction_id", "latency", "error", "segments", "predicted_at", "batch_id"), VALUES
    ),
)


@pytest.fixture(params=[True, False], ids=["spool", "memory"])
def logger(path: Path, request: pytest.FixtureRequest) -> Iterator[PredictionLogger]:
    """With a spool, and without."""
    with PredictionLogger(
        path, model="m", spool=request.param, flush_interval=0.02, classes=["a", "b"], handle_sigterm=False
    ) as logger:
        yield logger


@settings(max_examples=300)
@given(calls=st.lists(CALLS, min_size=1, max_size=10))
def test_nothing_is_raised_and_every_row_is_accounted_for(
    logger: PredictionLogger, calls: list[dict[str, Any]]
) -> None:
    """Whatever the values are: accepted, duplicate, conflict or quarantined, and each of them exactly once."""
    before = _settled(logger)
    for call in calls:
        assert isinstance(logger.log(**call), str)
    logger.flush()
    assert _settled(logger) - before == len(calls)
    assert logger.stats().last_error is None


def _settled(logger: PredictionLogger) -> int:
    stats = logger.stats()
    return stats.accepted + stats.duplicates + stats.conflicts + stats.quarantined


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (np.float32(0.1), float(np.float32(0.1))),
        (np.int8(3), 3),
        (np.bool_(True), True),
        (np.str_("x"), "x"),
        (Decimal("2.5"), 2.5),
        (Decimal("NaN"), None),
        (Fraction(1, 4), 0.25),
        (float("nan"), None),
        (float("-inf"), float("-inf")),
        (np.float64("inf"), float("inf")),
        (-0.0, -0.0),
        (2**63 - 1, 2**63 - 1),
        ("\ud800", "\\ud800"),
        ("null", "null"),
        ("\N{GRINNING FACE} \u202e", "\N{GRINNING FACE} \u202e"),
    ],
)
def test_a_value_is_kept_as_what_it_is(logger: PredictionLogger, store: Store, given: Any, kept: Any) -> None:
    """The same through the spool and through memory."""
    logger.log({"x": given}, "a", predicted_at=AT)
    logger.flush()
    assert read(store, ModelKey("m"), "2026-11-21T14:00Z").features["x"].to_pylist() == [kept]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ({"features": {"x": 2**70}}, "feature 'x': a integer beyond 64 bits"),
        ({"features": {"x": b"1"}}, "feature 'x': a bytes is neither"),
        ({"features": {"x": AT}}, "feature 'x': a datetime is neither"),
        ({"features": {"x": Hostile()}}, "feature 'x': a Hostile is neither"),
        ({"features": {"x": [1, 2]}}, "feature 'x': a list is neither"),
        ({"features": {"x": {"$f": "inf"}}}, "feature 'x': a dict is neither"),
        ({"features": [1, 2]}, "no attribute 'items'"),
        ({"features": None}, "TypeError"),
        ({"prediction": 1.9}, "predicted: a number where a text was expected"),
        ({"predicted_at": datetime(2026, 1, 1)}, "has no time zone"),  # noqa: DTZ001 - that is the point
        ({"predicted_at": "yesterday"}, "AttributeError"),
        ({"scores": [0.5]}, "scores: 1 for 2 classes"),
        ({"scores": {"a": "much"}}, "scores: not all are numbers"),
        ({"scores": {"a": 0.5, 1: 0.5}}, "scores: classes must be all text"),
        ({"scores": 7}, "TypeError"),
        ({"batch_id": 1.5}, "batch_id: neither text nor number"),
        ({"latency": "slow"}, "latency: a text where a number was expected"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_reason(
    logger: PredictionLogger, path: Path, call: dict[str, Any], reason: str
) -> None:
    """Its neighbours are kept, and its id is with it: that is how it is found, and deleted."""
    good = {"features": {"x": 1}, "prediction": "a", "predicted_at": AT}
    logger.log(**good)
    logger.log(**(good | call), prediction_id="bad-1")
    logger.log(**good)
    logger.flush()
    stats = logger.stats()
    assert (stats.accepted, stats.quarantined) == (2, 1)
    [(why, payload)] = quarantined(path)
    assert reason in why
    assert "bad-1" in payload


def test_rows_that_the_store_refuses_are_found_by_halving(
    logger: PredictionLogger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that is the rows' own must not keep the others waiting for ever."""
    from driftboard.data import sink  # noqa: PLC0415

    write: Callable[..., Any] = sink.log_predictions

    def fussy(store: Any, batch: Any, **options: Any) -> Any:
        if 13 in batch.features["x"]:
            raise OverflowError("thirteen")
        return write(store, batch, **options)

    monkeypatch.setattr(sink, "log_predictions", fussy)
    for number in range(50):
        logger.log({"x": number}, "a")
    logger.flush()
    assert (logger.stats().accepted, logger.stats().quarantined) == (49, 1)
    assert quarantined(path)[0][0] == "thirteen"


@given(st.dictionaries(st.text(), st.one_of(st.none(), st.booleans(), st.floats(), st.text(), st.integers(-9, 9))))
def test_plain_rows_survive_the_way_through_bytes(features: dict[str, Any]) -> None:
    """NaN becomes missing; everything else stays what it is."""
    entry = Entry("id", 1, features, "a", [0.5, 0.5])
    back = decode_entry(encode_entry(entry))
    assert back == entry._replace(
        features={name: None if value != value else value for name, value in features.items()}  # noqa: PLR0124 - NaN
    )


@pytest.mark.parametrize("scores", [np.float64(0.5), np.datetime64(1, "ns"), 7, "ab", {1: object()}])
def test_scores_that_are_none_hold_up_nobody(logger: PredictionLogger, path: Path, scores: Any) -> None:
    """A numpy scalar, a number, a text, an object: the row is set aside, and its neighbours are stored."""
    logger.log({"x": 1}, "a")
    logger.log({"x": 2}, "a", scores=scores)
    logger.log({"x": 3}, "a")
    logger.flush(timeout=20)
    stats = logger.stats()
    assert (stats.accepted, stats.quarantined, stats.last_error) == (2, 1, None)
    assert len(quarantined(path)) == 1


def test_a_row_that_nobody_foresaw_holds_up_nobody(logger: PredictionLogger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in grouping is the fault of one row."""

    def group(rows: list[Any], origin: Any) -> Any:
        if any(getattr(row, "features", {}).get("x") == 2 for row in rows):
            raise ZeroDivisionError("nobody foresaw this")
        return sink_group(rows, origin)

    monkeypatch.setattr("driftboard.data.sink.group", group)
    for number in (1, 2, 3):
        logger.log({"x": number}, "a")
    logger.flush(timeout=20)
    assert (logger.stats().accepted, logger.stats().quarantined) == (2, 1)
