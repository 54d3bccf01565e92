"""Privacy: what must not reach a disk does not, in whatever way it is written."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from driftboard.data import ModelKey, PredictionBatch, Store, log_predictions, open_store, register_model
from driftboard.data.privacy import Privacy, looks_secret
from driftboard.errors import ConfigError
from tests.data.batches import make_batch, read

SALT = "pepper"
SECRET = "Zaphod Beeblebrox"  # noqa: S105 - a name
RULES = Privacy(drop=frozenset({"name"}), hash=frozenset({"customer"}), truncate={"note": 4}, salt=SALT)


def test_one_row_is_dropped_hashed_and_cut() -> None:
    """What is not named stays the very object it was."""
    age = object()
    stored = RULES.apply({"name": SECRET, "customer": 42, "note": "abcdefgh", "age": age})
    assert set(stored) == {"customer", "note", "age"}
    assert (stored["note"], stored["age"]) == ("abcd", age)
    assert len(stored["customer"]) == 32
    assert RULES.apply({"age": 1, "plan": "gold"}) == {"age": 1, "plan": "gold"}


@pytest.mark.parametrize("same", [42, 42.0, np.int64(42), np.float32(42), "42"])
def test_equal_values_have_equal_hashes(same: Any) -> None:
    """Whatever type a client's library gives them: else a batch of one kind would look like new customers."""
    assert RULES.apply({"customer": same}) == RULES.apply({"customer": 42})


@pytest.mark.parametrize("missing", [None, float("nan"), np.float64("nan")])
def test_missing_stays_missing(missing: Any) -> None:
    """A hash of nothing would hide that it is missing."""
    assert RULES.apply({"customer": missing}) == {"customer": None}


def test_another_salt_gives_other_hashes() -> None:
    """Nobody without it can try names out."""
    other = Privacy(hash=RULES.hash, salt="other")
    assert other.apply({"customer": 42}) != RULES.apply({"customer": 42})


def test_hashing_needs_a_salt() -> None:
    """Rather than a hash that a list of names undoes."""
    with pytest.raises(ConfigError, match=r"needs privacy\.salt"):
        Privacy(hash=frozenset({"customer"}))


def test_the_salt_is_not_shown() -> None:
    """Neither in a log nor in a traceback."""
    assert SALT not in repr(RULES)


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "userPassword",
        "db.password",
        "TOKEN",
        "auth-token",
        "ssn",
        "Card_Number",
        "cvv",
        "apiKey",
        "api_key",
    ],
)
def test_names_of_secrets_are_denied(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Unless they are allowed by name; it is said once, without the value."""
    rules = Privacy()
    with caplog.at_level(logging.WARNING):
        assert rules.apply({name: SECRET, "age": 1}) == {"age": 1}
        assert rules.apply({name: SECRET, "age": 1}) == {"age": 1}
    assert len(caplog.records) == 1
    assert SECRET not in caplog.text
    assert Privacy(allow=frozenset({name})).apply({name: 1}) == {name: 1}


@pytest.mark.parametrize("name", ["token_count", "n_tokens", "age", "discard", "passwords_tried", "secretariat", ""])
def test_names_of_features_are_not(name: str) -> None:
    """A feature that silently goes missing is a defect of its own."""
    assert not looks_secret(name)


def test_columns_are_treated_as_rows_are() -> None:
    """The batch way and the row way give the same."""
    columns = {"name": ["a", "b"], "customer": [1, None], "note": ["abcdef", None], "age": np.array([1, 2])}
    by_row = [RULES.apply({name: values[row] for name, values in columns.items()}) for row in range(2)]
    by_column = RULES.apply_columns(columns)
    assert [{name: values[row] for name, values in by_column.items()} for row in range(2)] == by_row
    assert by_column["age"] is columns["age"]


def test_no_byte_reaches_the_disk(path: Path) -> None:
    """S11: not in the file, not in its write-ahead log, not in the quarantine, though the rows are bad."""
    with open_store(path) as store:
        batch = _secret_batch(store)
        result = log_predictions(store, batch, privacy=RULES)
        assert (result.accepted, list(result.quarantined or {})) == (1, [1])
        on_disk = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert SECRET.encode() not in on_disk
    assert b"abcdefgh" not in on_disk
    assert b"hunter2" not in on_disk


def test_without_rules_it_would(path: Path) -> None:
    """The negative control: the grep finds what is there."""
    with open_store(path) as store:
        log_predictions(store, _secret_batch(store))
        on_disk = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert SECRET.encode() in on_disk
    assert b"hunter2" not in on_disk, "names of secrets are dropped in any case"


def test_segments_are_treated_too(store: Store, key: ModelKey) -> None:
    """A segment is as personal as a feature."""
    log_predictions(store, make_batch(key, segments={"name": ["x"] * 6, "note": ["longer"] * 6}), privacy=RULES)
    rows = read(store, key)
    assert {name: column[0].as_py() for name, column in rows.segments.items()} == {"note": "long"}


def _secret_batch(store: Store) -> PredictionBatch:
    key = ModelKey("churn")
    register_model(store, key)
    features = {
        "name": [SECRET, SECRET],
        "customer": [SECRET, SECRET],
        "note": ["abcdefgh", "abcdefgh"],
        "password": ["hunter2", "hunter2"],
        "age": [1, 2**70],
    }
    return PredictionBatch(key, "monday", features=features, predicted=["a", "b"], prediction_ids=["p0", "p1"])
