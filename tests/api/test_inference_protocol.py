"""Payloads of inference servers as rows; what is none of theirs is refused in one line."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.api.inference_protocol import Outcome, outcomes, request_rows
from driftboard.api.tensors import BadPayload, columns_of


@pytest.mark.parametrize(
    ("payload", "rows"),
    [
        ({"instances": [[6.8, 2.8], [6.0, 3.4]]}, [{"f0": 6.8, "f1": 2.8}, {"f0": 6.0, "f1": 3.4}]),
        ({"instances": [{"age": 41, "plan": "gold"}]}, [{"age": 41, "plan": "gold"}]),
        ({"instances": ["text"]}, [{"f0": "text"}]),
        ({"instances": [[[1, 2], [3, 4]]]}, [{"f0": 1, "f1": 2, "f2": 3, "f3": 4}]),
        (
            {"inputs": [{"name": "age", "shape": [2], "datatype": "INT64", "data": [41, 7]},
                        {"name": "plan", "shape": [2, 1], "datatype": "BYTES", "data": ["gold", "free"]}]},
            [{"age": 41, "plan": "gold"}, {"age": 7, "plan": "free"}],
        ),
        ({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [[1.0, 2.0]]}]},
         [{"x_0": 1.0, "x_1": 2.0}]),
        ({"data": {"names": ["SL", "SW"], "ndarray": [[6.8, 2.8], [6.1, 3.4]]}},
         [{"SL": 6.8, "SW": 2.8}, {"SL": 6.1, "SW": 3.4}]),
        ({"data": {"names": ["f0", "f1"], "ndarray": [0.77, 0.63]}}, [{"f0": 0.77, "f1": 0.63}]),
        ({"data": {"tensor": {"shape": [2, 2], "values": [1, 2, 3, 4]}}}, [{"f0": 1, "f1": 2}, {"f0": 3, "f1": 4}]),
    ],
)  # fmt: skip
def test_requests_become_features_by_name(payload, rows):
    """V1, V2 and Seldon's, with their names where they give any."""
    assert request_rows(payload) == rows


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"predictions": [1, "cat", 2.5]}, [Outcome(1), Outcome("cat"), Outcome(2.5)]),
        ({"predictions": [[0.2, 0.8]]}, [Outcome(1, {"0": 0.2, "1": 0.8})]),
        ({"predictions": [{"no": 0.9, "yes": 0.1}]}, [Outcome("no", {"no": 0.9, "yes": 0.1})]),
        ({"outputs": [{"name": "y", "shape": [2], "datatype": "INT64", "data": [1, 0]}]}, [Outcome(1), Outcome(0)]),
        (
            {"outputs": [{"name": "predict", "shape": [1, 1], "datatype": "INT64", "data": [1]},
                         {"name": "predict_proba", "shape": [1, 2], "datatype": "FP64", "data": [0.2, 0.8]}]},
            [Outcome(1, {"0": 0.2, "1": 0.8})],
        ),
        (
            {"outputs": [{"name": "predict", "shape": [1, 1], "datatype": "BYTES", "data": ["cat"]},
                         {"name": "predict_proba", "shape": [1, 2], "datatype": "FP64", "data": [0.2, 0.8]}]},
            [Outcome("cat", confidence=0.8)],
        ),
        ({"data": {"names": ["a", "b"], "ndarray": [[0.3, 0.7]]}}, [Outcome("b", {"a": 0.3, "b": 0.7})]),
        ({"data": {"names": ["proba"], "ndarray": [[0.09]]}}, [Outcome(0.09)]),
        ({"error": "password=hunter2"}, [Outcome(error="error_response")]),
        ({"status": {"status": "FAILURE", "reason": "BAD_METRIC"}}, [Outcome(error="BAD_METRIC")]),
    ],
)  # fmt: skip
def test_responses_become_outcomes(payload, expected):
    """Classes, values, scores where they are probabilities; of an error its kind, never its text."""
    assert outcomes(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [
        None, [], {}, "text", {"instances": []}, {"instances": 3}, {"instances": [[]]}, {"inputs": {}},
        {"inputs": [{}]},
        {"inputs": [{"name": "x", "shape": [2], "datatype": "INT64"}]},
        {"inputs": [{"name": "x", "shape": [3], "datatype": "INT64", "data": [1]}]},
        {"inputs": [{"name": "x", "shape": [0], "datatype": "INT64", "data": []}]},
        {"inputs": [{"name": "x", "shape": [True], "datatype": "INT64", "data": [1]}]},
        {"inputs": [{"name": "x", "shape": [1], "data": [1]}, {"name": "y", "shape": [2], "data": [1, 2]}]},
        {"inputs": [{"name": "x", "shape": [1], "data": [1]}, {"name": "x", "shape": [1], "data": [1]}]},
        {"data": {}}, {"data": {"tensor": {"shape": [0], "values": [1]}}}, {"data": {"tensor": 3}},
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_in_one_line(payload):
    """Never another exception, never a guess."""
    with pytest.raises(BadPayload):
        request_rows(payload)


@pytest.mark.parametrize(
    "payload", [None, {}, {"predictions": [[1, 2, 3]]}, {"predictions": [{"a": "b"}]}, {"predictions": [[0.5, None]]},
                {"outputs": []}, {"data": {"ndarray": [[3, 4]]}}],
)  # fmt: skip
def test_what_is_no_response_is_refused_in_one_line(payload):
    """Several values that are no probabilities are not taken for scores."""
    with pytest.raises(BadPayload):
        outcomes(payload)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["instances", "inputs", "predictions", "outputs", "data", "names", "ndarray", "tensor", "shape",
                         "values", "name", "error", "status", "reason"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_any_json_is_read_or_refused(payload):
    """Whatever is sent: rows, outcomes, or one line."""
    for read in (request_rows, outcomes):
        with suppress(BadPayload):
            assert read(payload)


@given(st.integers(1, 4), st.integers(1, 4))
def test_a_tensor_is_cut_by_its_rows(rows, width):
    """Row r, place c of a tensor is value r * width + c, nested or not."""
    values = list(range(rows * width))
    nested = [values[start : start + width] for start in range(0, len(values), width)]
    for data in (values, nested):
        columns = columns_of([{"name": "x", "shape": [rows, width], "data": data}], most=100)
        assert [list(row) for row in zip(*columns.values(), strict=True)] == nested
