"""Errors as answers: one form for all of them, with what to do and nothing of what was sent."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from driftboard.api.refusal import Refusal
from driftboard.errors import (
    ConfigError,
    DriftboardError,
    PurgedBatch,
    StoreError,
    UnknownBatch,
    UnknownIncident,
    UnknownModel,
)

log = logging.getLogger(__name__)

_RETRY_SECONDS = 5
_LONGEST_NAME = 60


class Complaint(BaseModel):
    """What went wrong."""

    code: str = Field(description="One word for programs.")
    message: str = Field(description="One line for people: what to do.")


class ErrorAnswer(BaseModel):
    """The body of every answer that is an error."""

    error: Complaint


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the errors of a route for the OpenAPI document; those that every route may give are among them."""
    every = (*statuses, 400, 401, 403, 408, 413, 421, 422, 429, 500, 503)
    return {status: {"model": ErrorAnswer, "description": HTTPStatus(status).phrase} for status in sorted(set(every))}


def answer(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as an answer."""
    body = orjson.dumps({"error": {"code": code, "message": message}})
    return Response(body, status, headers=headers, media_type="application/json")


def install(app: FastAPI) -> None:
    """Have every error of this app answered in the one form."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(DriftboardError, _explained)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return answer(error.status, error.code, error.message, headers)


def _explained(_: Request, error: Exception) -> Response:
    """Answer for an error of ours; where the log is, and what its driver said, is for our own log only."""
    if isinstance(error, UnknownModel):  # its own line lists the models, which not every key may read
        return answer(404, "unknown", "no such model in the log (name:version@environment): see /v1/models")
    if isinstance(error, UnknownBatch | UnknownIncident):
        return answer(404, "unknown", str(error))
    if isinstance(error, PurgedBatch):
        return answer(410, "purged", str(error))
    if isinstance(error, StoreError) and error.__cause__ is None:
        return answer(409, "refused", str(error))
    if isinstance(error, ConfigError):
        return answer(422, "invalid", str(error))
    log.warning("%s", error)
    message = "the log cannot be read or written at the moment: send it again later"
    return answer(503, "unavailable", message, {"Retry-After": str(_RETRY_SECONDS)})


def _invalid(_: Request, error: Exception) -> Response:
    """Answer for parameters that are not what they should be: which, and why, without their values."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = " ".join(str(part) for part in first["loc"])[:_LONGEST_NAME]
    return answer(422, "invalid", f"{where}: {first['msg']}")


def _http(_: Request, error: Exception) -> Response:
    """Answer for what no route takes: 404, 405."""
    if not isinstance(error, HTTPException):
        raise error
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "_")
    return answer(error.status_code, code, f"{phrase.lower()}: see /openapi.json", error.headers)
