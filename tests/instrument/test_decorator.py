"""The decorator: what it counts, what it logs, and what it leaves alone."""

import asyncio
import contextlib
import inspect
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from driftboard.errors import ConfigError
from driftboard.instrument import Instrument, Prediction
from tests.instrument.seen import seen

Make = Callable[..., Instrument]


@pytest.fixture
def place(path: Path) -> str:
    """In a file: what is written where is the meter's, and tested there."""
    return str(path)


def test_a_call_is_counted_and_logged(make: Make, place: str) -> None:
    """Features, class, latency and a made id of each call; one request each, of one prediction."""
    watched = make()

    @watched.predicts
    def predict(customer: dict[str, Any]) -> str:
        """Say whether they leave."""
        return "yes" if customer["age"] > 40 else "no"

    assert [predict({"age": 50, "plan": "a"}), predict(customer={"age": 30, "plan": "b"})] == ["yes", "no"]
    watched.flush()
    found = seen(place)
    assert (found.counts.success, found.counts.rows_sum, found.counts.measured) == (2, 2, 2)
    rows = sorted((row["f:age"], row["f:plan"], row["predicted"]) for row in found.table)
    assert rows == [(30, "b", "no"), (50, "a", "yes")]
    assert all(0 < row["latency"] < 1 for row in found.table)


def test_nothing_of_the_function_changes(make: Make) -> None:
    """Name, docstring, signature, answer (the very object) and exception (the very object) are the function's own."""
    watched = make()
    answer, error = ["yes"], KeyError("x")

    def predict(_customer: Any, *, fail: bool = False) -> Any:
        """Do it."""
        if fail:
            raise error
        return answer

    decorated = watched.predicts(predict)
    assert decorated({"a": 1}) is answer
    with pytest.raises(KeyError) as raised:
        decorated({"a": 1}, fail=True)
    assert raised.value is error
    assert (decorated.__name__, decorated.__doc__) == (predict.__name__, predict.__doc__)
    assert inspect.signature(decorated) == inspect.signature(predict)


def test_a_failure_is_a_row_with_its_error(make: Make, place: str) -> None:
    """A function that raises is counted by the exception's class, and each row of its input is logged with it."""
    watched = make()

    @watched.predicts
    def predict(_customers: list[dict[str, Any]]) -> list[str]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        predict([{"age": 1}, {"age": 2}])
    watched.flush()
    found = seen(place)
    assert (found.counts.success, found.counts.errors, found.counts.rows_sum) == (0, {"ZeroDivisionError": 1}, 2)
    assert [(row["f:age"], row["error"], "predicted" in row) for row in found.table] == [
        (1, "ZeroDivisionError", False),
        (2, "ZeroDivisionError", False),
    ]


def test_async_functions_and_methods(make: Make, place: str) -> None:
    """An async method is watched as it is awaited: its time is that of the whole; a cancelled one is rejected."""
    watched = make()

    class Model:
        @watched.predicts
        async def predict(self, customer: dict[str, Any]) -> str:
            await asyncio.sleep(customer["seconds"])
            return "yes"

    async def serve() -> None:
        model = Model()
        assert inspect.iscoroutinefunction(model.predict)
        await asyncio.gather(*(model.predict({"seconds": 0.05}) for _ in range(5)))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(model.predict({"seconds": 60}), 0.05)

    asyncio.run(serve())
    watched.flush()
    found = seen(place)
    assert (found.counts.success, found.counts.rejected, found.counts.failed) == (5, 1, 0)
    assert all(row["latency"] >= 0.05 for row in found.table)
    assert len(found.table) == 5


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        (pd.DataFrame({"age": [1, 2], "rate": [0.5, 1.5]}), np.array(["yes", "no"])),
        (np.array([[1, 0.5], [2, 1.5]]), ["yes", "no"]),
        ([{"age": 1, "rate": 0.5}, {"age": 2, "rate": 1.5}], pd.Series(["yes", "no"])),
        ([[1, 0.5], [2, 1.5]], np.array([["yes"], ["no"]])),
    ],
    ids=["table", "array", "mappings", "lists"],
)
def test_batches_of_any_kind(make: Make, place: str, source: Any, answer: Any) -> None:
    """A request of several rows is one request of so many predictions, each logged with its own features."""
    watched = make()
    predict = watched.predicts(feature_names=["age", "rate"])(lambda _: answer)
    assert predict(source) is answer
    watched.flush()
    found = seen(place)
    assert (found.counts.success, found.counts.rows_sum) == (1, 2)
    assert [(row["f:age"], row["f:rate"], row["predicted"]) for row in found.table] == [(1, 0.5, "yes"), (2, 1.5, "no")]


def test_what_the_decorator_is_told(make: Make, place: str) -> None:
    """Ids and segments from features, features and predictions by functions of one's own."""
    watched = make()

    @watched.predicts(
        features=lambda request, _: request["body"],
        prediction=lambda answer: Prediction(answer["class"], confidence=answer["sure"]),
        prediction_id="customer",
        segments=["country"],
    )
    def predict(_request: Any, _context: Any) -> dict[str, Any]:
        return {"class": "yes", "sure": 0.75}

    predict({"body": {"customer": "c1", "country": "CH", "age": 4}}, None)
    watched.flush()
    (row,) = seen(place).table
    assert (row["prediction_id"], row["s:country"]) == (b"c1", "CH")
    assert (row["confidence"], row["predicted"]) == (0.75, "yes")


def test_scores_by_the_classes(make: Make, place: str) -> None:
    """A row of as many numbers as there are classes is their scores; the class is that of the highest."""
    watched = make(classes=["no", "yes"])
    predict = watched.predicts(lambda _: np.array([[0.1, 0.9], [0.8, 0.2]]))
    predict([{"a": 1}, {"a": 2}])
    watched.flush()
    found = seen(place)
    assert [row["predicted"] for row in found.table] == ["yes", "no"]
    assert found.rows[0].confidence.tolist() == pytest.approx([0.9, 0.8])


def test_plain_arguments_are_features_by_name(make: Make, place: str) -> None:
    """A function of plain numbers is watched with all its arguments."""
    watched = make()

    @watched.predicts
    def predict(age: int, rate: float, plan: str = "a") -> str:
        return f"{age} {rate} {plan}"

    predict(4, 0.5)
    predict(5, rate=1.5, plan="b")
    watched.flush()
    rows = [(row["f:age"], row["f:rate"], row.get("f:plan")) for row in seen(place).table]
    assert rows == [(4, 0.5, None), (5, 1.5, "b")]


class Tensor:
    """Behaves as a tensor does: no sequence, but a list of plain numbers on request."""

    def __init__(self, values: Any, way: str = "tolist") -> None:
        setattr(self, way, lambda: values)
        self.shape = np.shape(values)


def test_tensors(make: Make, place: str) -> None:
    """Inputs and answers that can be turned into lists (PyTorch) or arrays (TensorFlow) are read as those."""
    watched = make(task="regression")
    predict = watched.predicts(feature_names=["a", "b"])(lambda _: Tensor(np.array([[1.5], [2.5]]), "numpy"))
    predict(Tensor([[1.0, 2.0], [3.0, 4.0]]))
    watched.flush()
    rows = [(row["f:a"], row["f:b"], row["predicted"]) for row in seen(place).table]
    assert rows == [(1.0, 2.0, 1.5), (3.0, 4.0, 2.5)]


def test_features_are_those_before_the_call(make: Make, place: str) -> None:
    """A function that changes its input does not change what is logged of it."""
    watched = make()

    @watched.predicts
    def predict(customer: dict[str, Any]) -> str:
        customer.pop("age")
        customer["more"] = 1
        return "yes"

    predict({"age": 4})
    watched.flush()
    (row,) = seen(place).table
    assert {name for name in row if name.startswith("f:")} == {"f:age"}


class Cruel:
    """A value that raises whatever it is asked."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("the value is 4711")


@pytest.mark.parametrize("source", ["cruel", "mapping", "number", "nothing", "list"])
def test_what_cannot_be_read_is_counted_and_hurts_nobody(
    make: Make, place: str, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Inputs, answers and functions that raise when they are read: the answer comes, the request is counted."""
    watched = make()
    answer = Cruel()
    given = {"cruel": answer, "mapping": {"a": 1}, "number": 3.5, "nothing": None, "list": [answer]}[source]
    options: dict[str, Any] = {"prediction_id": lambda _: 1 / 0}
    assert watched.predicts(lambda _: answer)(given) is answer
    assert watched.predicts(**options)(lambda _: "yes")(given) == "yes"
    assert watched.predicts(features=lambda _: 1 / 0)(lambda _: "yes")(given) == "yes"
    watched.flush()
    assert seen(place).counts.success == 3
    assert watched.stats().problems >= 2
    assert "4711" not in caplog.text, "nor does a value reach the service's log"
    assert [record.levelno for record in caplog.records].count(logging.WARNING) == 1, "once a minute"


def test_answers_that_do_not_fit_say_what_to_do(make: Make) -> None:
    """Three predictions for one row are logged as none, and the reason names the way out."""
    watched = make()
    watched.predicts(lambda _: ["a", "b", "c"])({"x": 1})
    assert watched.stats().last_problem == (
        "3 predictions for 1 rows of features: give prediction=, a function of the answer, or return a list with one "
        "for each"
    )


def test_generators_are_refused(make: Make) -> None:
    """A function that yields has no answer to log: it is refused where it is decorated."""
    watched = make()

    def some() -> Iterator[int]:
        yield 1

    async def more() -> AsyncIterator[int]:
        yield 1

    for function in (some, more):
        with pytest.raises(ConfigError, match="yields"):
            watched.predicts(function)


def test_a_request_is_counted_once(make: Make, place: str) -> None:
    """A watched function within another, or within a request by hand, is part of it; its predictions are its own."""
    watched = make()
    one = watched.predicts(lambda _: "yes")
    many = watched.predicts(lambda rows: [one(row) for row in rows])
    with watched.request() as request:
        many([{"a": 1}, {"a": 2}])
        one({"a": 3})
    assert request.seconds > 0
    one({"a": 4})
    watched.flush()
    found = seen(place)
    assert (found.counts.success, found.counts.rows_sum) == (2, 4)
    assert len(found.table) == 6


def test_threads_and_tasks_are_counted_exactly(make: Make, place: str) -> None:
    """Eight threads and forty tasks, of which some raise: not one call is lost, or counted twice."""
    watched = make(log=False)

    @watched.predicts
    def predict(number: int) -> int:
        return 1 // (number % 5)

    @watched.predicts
    async def wait(number: int) -> int:
        await asyncio.sleep(0)
        return 1 // (number % 3)

    def work(calls: int) -> None:
        for number in range(calls):
            with contextlib.suppress(ZeroDivisionError):
                predict(number)

    async def tasks() -> None:
        for _ in range(10):
            await asyncio.gather(*(wait(number) for number in range(60)), return_exceptions=True)

    threads = [threading.Thread(target=work, args=(5_000,)) for _ in range(8)]
    threads += [threading.Thread(target=lambda: asyncio.run(tasks())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watched.flush()
    counts = seen(place).counts
    assert counts.errors == {"ZeroDivisionError": 8 * 1_000 + 4 * 10 * 20}
    assert counts.success == 8 * 4_000 + 4 * 10 * 40
    assert watched.stats().in_progress == 0
