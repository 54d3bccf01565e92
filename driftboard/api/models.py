"""`GET /v1/models`: what is watched."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from driftboard.api.auth import Caller, needs
from driftboard.api.error_answers import documented
from driftboard.api.json_answer import as_json
from driftboard.api.state import parts
from driftboard.data import get_model, list_batches, list_models, parse_model_key
from driftboard.data.catalog import Model

router = APIRouter(tags=["reading"])

Reader = Annotated[Caller, Depends(needs("read"))]
ModelName = Annotated[
    str, Query(max_length=600, description="`name`, `name:version` or `name:version@environment`; version 1 if none.")
]


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """A model, and its newest batch."""

    model: str
    name: str
    version: str
    environment: str
    task: Literal["classification", "regression"]
    newest_batch: str | None
    newest_prediction_at: datetime | None


@dataclass(frozen=True, slots=True)
class ModelsAnswer:
    """Every model, in order of name, version and environment."""

    models: list[ModelAnswer]


def named(connection: Connection, text: str) -> Model:
    """Return the model that a request names.

    Raises
    ------
    UnknownModel
        There is none.
    """
    return get_model(connection, parse_model_key(text))


@router.get("/v1/models", response_model=ModelsAnswer, responses=documented(), operation_id="list_models")
def models(request: Request, caller: Reader) -> Response:
    """List the models in the log."""
    del caller
    with parts(request).store.read() as connection:
        return as_json(ModelsAnswer([_answer(connection, each) for each in list_models(connection)]))


def _answer(connection: Connection, model: Model) -> ModelAnswer:
    newest = next(iter(list_batches(connection, model, newest=1)), None)
    key = model.key
    batch, at = (None, None) if newest is None else (newest.batch_id, newest.last_at)
    return ModelAnswer(str(key), key.name, key.version, key.environment, model.task, batch, at)
