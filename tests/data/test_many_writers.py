"""Several processes at once: every id is stored once, every result says the truth, on both engines."""

import json
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import text

from driftboard.data import ModelKey, Store
from tests.data.batches import read

KEY = ModelKey("m")
WRITERS = 4
PRELUDE = """
import json, sys
from driftboard.data import (
    ModelKey, PredictionBatch, label_predictions, log_predictions, open_store, promote_reference, register_model
)
place, number = sys.argv[1], int(sys.argv[2])
key = ModelKey("m")
def batch(batch_id, ids, **given):
    columns = dict(features={"x": [len(each) for each in ids]}, predicted=["yes"] * len(ids), prediction_ids=ids)
    return PredictionBatch(model=key, batch_id=batch_id, **(columns | given))
"""
SAME_IDS = """
accepted = duplicates = conflicts = 0
with open_store(place) as store:
    register_model(store, key)
    for part in range(20):
        ids = [f"{part}-{row}" for row in range(40)]
        result = log_predictions(store, batch(part % 3, ids if number % 2 else ids[::-1]))
        accepted, duplicates = accepted + result.accepted, duplicates + result.duplicates
        conflicts += len(result.conflicts)
print(json.dumps([accepted, duplicates, conflicts]))
"""
OTHER_CONTENT = """
with open_store(place) as store:
    register_model(store, key)
    results = [log_predictions(store, batch("b", [f"{n}"], features={"x": [number]})) for n in range(20)]
print(json.dumps([[each.accepted, len(each.conflicts)] for each in results]))
"""
NEW_NAMES = """
with open_store(place) as store:
    register_model(store, key, reference=batch("reference", ["a"]))
    for n in range(20):
        columns = {"features": {"x": [1], f"f{n}": [number]}, "predicted": [f"class {n}"]}
        log_predictions(store, batch("b", [f"{number}-{n}"], **columns))
print("null")
"""
LABELS_BESIDE = """
with open_store(place) as store:
    register_model(store, key)
    for n in range(30):
        ids = [f"{n}-{row}" for row in range(20)]
        if number % 2:
            label_predictions(store, dict.fromkeys(ids, "yes"), model=key, source=f"reviewer {number}")
        else:
            log_predictions(store, batch(n, [each for each in ids if int(each[-1]) % 4 == number]))
print("null")
"""


def run(place: str, script: str) -> list[Any]:
    """Run the script in several processes at once; return what each printed, as JSON."""
    commands = [[sys.executable, "-c", PRELUDE + script, place, str(number)] for number in range(WRITERS)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * WRITERS
    return [json.loads(output) for output in outputs]


@pytest.mark.slow
def test_the_same_rows_from_everywhere_are_stored_once(place: str, store: Store) -> None:
    """B1: what the writers were told adds up to what there is."""
    results = run(place, SAME_IDS)
    assert sum(accepted for accepted, _, _ in results) == 800
    assert sum(duplicates for _, duplicates, _ in results) == 800 * (WRITERS - 1)
    assert sum(conflicts for _, _, conflicts in results) == 0
    assert number(store, "SELECT count(*) FROM predictions") == 800
    assert number(store, "SELECT sum(n_predictions) FROM batches") == 800
    assert number(store, "SELECT sum(n_rows) FROM blocks") == 800
    assert number(store, "SELECT sum(changes) FROM batches") == number(store, "SELECT count(*) FROM blocks")


@pytest.mark.slow
def test_of_rows_that_contradict_each_other_the_first_stays(place: str, store: Store) -> None:
    """Every other writer is told of a conflict."""
    results = run(place, OTHER_CONTENT)
    for n in range(20):
        assert sorted(result[n] for result in results) == [[0, 1]] * (WRITERS - 1) + [[1, 0]]
    assert len(read(store, KEY, "b")) == 20


def test_new_models_classes_and_features_are_added_once(place: str, store: Store) -> None:
    """Registration, the first reference, class codes and layouts race as well."""
    run(place, NEW_NAMES)
    assert number(store, "SELECT count(*) FROM models") == 1
    assert number(store, "SELECT count(*) FROM model_references") == 1
    rows = read(store, KEY, "b")
    assert sorted(rows.classes) == sorted([*(f"class {n}" for n in range(20)), "yes"])
    assert len(rows) == 20 * WRITERS
    for each, code in zip(rows.prediction_ids, rows.predicted, strict=True):
        assert rows.classes[int(code)] == f"class {each.partition('-')[2]}"


def test_labels_that_race_with_their_predictions_are_never_left_behind(place: str, store: Store) -> None:
    """Early or late, each is joined, and counted once however many say it."""
    run(place, LABELS_BESIDE)
    left = "SELECT count(*) FROM orphan_labels o JOIN predictions p ON p.prediction_id = o.prediction_id"
    logged = number(store, "SELECT count(*) FROM predictions")
    assert number(store, left) == 0
    assert number(store, "SELECT sum(n_labels) FROM batches") == logged
    assert number(store, "SELECT count(*) FROM labels") == 2 * logged


def number(store: Store, query: str) -> int:
    """The one number a query answers."""
    with store.read() as connection:
        return int(connection.execute(text(query)).scalar_one())
