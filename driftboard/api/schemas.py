"""What the bodies and answers of POST /v1/predictions and /v1/labels look like: for the OpenAPI and its readers only.

Requests are checked by `driftboard.api.rows`, row by row; a test holds the two equal.
"""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Scalar = str | float | int | bool | None
ClassName = str | int | bool


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PredictionRow(_Closed):
    """One prediction."""

    prediction_id: str | int | None = Field(
        default=None, description="Unique within the model; sending an id again changes nothing. Without one the "
        "request needs an Idempotency-Key header.")  # fmt: skip
    features: dict[str, Scalar] = Field(default={}, description="Feature name to number, boolean, text or null.")
    predicted: str | float | int | bool | None = Field(
        default=None, description="The class, or for regression the number; null where the request failed."
    )
    scores: dict[str, float | None] | list[float | None] | None = Field(
        default=None, description="Class to score, or a list in the order of `classes`."
    )
    confidence: float | None = Field(default=None, description="In [0, 1]; by default the predicted class's score.")
    latency: float | None = Field(default=None, description="Seconds that the prediction took.")
    error: str | None = Field(default=None, description="Why the request failed, where it did.")
    segments: dict[str, Scalar] | None = Field(default=None, description="Such as country or device.")
    predicted_at: AwareDatetime | None = Field(default=None, description="RFC 3339 with a zone; now by default.")
    batch_id: str | int | None = Field(default=None, description="By default the request's, or that of its time.")
    label: str | float | int | bool | None = Field(default=None, description="The truth, where it is known already.")


class PredictionsRequest(_Closed):
    """Predictions of one model."""

    model: str = Field(min_length=1, description="The model's name; it is registered by its first predictions.")
    version: str | int = "1"
    environment: str = "production"
    task: Literal["classification", "regression"] | None = Field(default=None, description="Of a model not known yet.")
    batch_id: str | int | None = Field(default=None, description="A day, a job's id; by default the rows' times say.")
    classes: list[ClassName] | None = Field(default=None, description="What scores given as lists are for.")
    predictions: list[PredictionRow] | None = Field(default=None, description="The rows; or one as `prediction`.")
    prediction: PredictionRow | None = None


class LabelRow(_Closed):
    """The truth about one prediction."""

    prediction_id: str | int
    label: str | float | int | bool
    observed_at: AwareDatetime | None = Field(default=None, description="When it became known; the latest counts.")
    source: str | None = Field(default=None, description="Who says so.")


class LabelsRequest(_Closed):
    """What really happened, by prediction id."""

    model: str = Field(min_length=1)
    version: str | int = "1"
    environment: str = "production"
    source: str = "default"
    observed_at: AwareDatetime | None = None
    labels: dict[str, str | float | int | bool] | list[LabelRow]


class RejectedRow(BaseModel):
    """A row that was not stored as a prediction."""

    row: int
    prediction_id: str | None
    code: Literal["bad_row", "unknown_field", "missing_id", "conflict", "quarantined"]
    reason: str


class PredictionsAnswer(BaseModel):
    """What became of the rows: those accepted are durable, and so are duplicates."""

    accepted: int
    duplicates: int
    rejected: list[RejectedRow]


class RejectedLabel(BaseModel):
    """A label that was not stored."""

    prediction_id: str | None
    code: Literal["bad_label"]
    reason: str


class LabelsAnswer(BaseModel):
    """What became of the labels; those `waiting` are joined when their predictions arrive."""

    accepted: int
    unchanged: int
    waiting: int
    rejected: list[RejectedLabel]


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the part of a route's OpenAPI that describes its body, with everything it refers to in place."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    content = {"application/json": {"schema": _in_place(schema, definitions)}}
    return {"requestBody": {"required": True, "content": content}}


def _in_place(value: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_in_place(each, definitions) for each in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _in_place(definitions[value["$ref"].rpartition("/")[2]], definitions)
    return {name: _in_place(each, definitions) for name, each in value.items()}
