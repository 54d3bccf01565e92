"""The documentation of what is sent names what is read, no more and no less."""

from driftboard.api import heading, label_rows
from driftboard.api.rows import FIELDS, Rejected
from driftboard.api.schemas import (
    LabelRow,
    LabelsRequest,
    PredictionRow,
    PredictionsRequest,
    RejectedLabel,
    RejectedRow,
    body_of,
)


def test_every_field_that_is_read_is_documented_and_the_other_way_round() -> None:
    """Of requests, rows and answers."""
    assert set(PredictionRow.model_fields) == set(FIELDS)
    assert set(PredictionsRequest.model_fields) == set(heading._FIELDS)
    assert set(LabelRow.model_fields) == set(label_rows._ROW_FIELDS)
    assert set(LabelsRequest.model_fields) == set(label_rows._FIELDS)
    assert set(RejectedRow.model_fields) == set(Rejected.__dataclass_fields__)
    assert set(RejectedLabel.model_fields) == set(label_rows.RejectedLabel.__dataclass_fields__)


def test_a_documented_body_stands_by_itself() -> None:
    """It refers to nothing that the document around it would have to have."""
    text = str(body_of(PredictionsRequest))
    assert "$ref" not in text
    assert "$defs" not in text
    assert "prediction_id" in text
