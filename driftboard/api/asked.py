"""What people ask for in the body of a request: checked against its form, and documented by it."""

from typing import Annotated, Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from driftboard.api.body import read_json
from driftboard.api.refusal import Refusal
from driftboard.api.state import parts

Length = Annotated[
    str, Field(max_length=20, pattern=r"^[0-9]{0,4}[1-9][0-9]{0,4}[mhdw]$", description="`30m`, `4h`, `2d`.")
]
Text = Annotated[str, Field(max_length=2_000)]


class Asked(BaseModel):
    """A body; a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Acknowledgement(Asked):
    """Somebody has it in hand for so long; without a length for `alerts.ack_timeout`."""

    length: Length | None = Field(default=None, alias="for")


class Snooze(Asked):
    """Nobody is told of it for so long."""

    length: Length = Field(alias="for")


class Resolution(Asked):
    """It is over; there is nothing more to say."""


class Feedback(Asked):
    """Whether it was worth being told."""

    useful: bool


class SilenceRequest(Asked):
    """Quiet about everything that matches, for so long, and why."""

    matchers: dict[str, Text] = Field(
        description="model, environment, rule, subject or severity to a pattern (`*`, `?`); all must fit.",
        examples=[{"model": "churn:3@production", "rule": "feature_drift"}],
        min_length=1,
    )
    length: Length = Field(alias="for")
    comment: Text = Field(description="Why, for whoever wonders at the quiet.", min_length=1)


Form = TypeVar("Form", bound=Asked)


async def asked(request: Request, form: type[Form]) -> Form:
    """Return the body of a request as its form.

    Raises
    ------
    Refusal
        422: it is not of this form; besides as of `read_json`.
    """
    body = await read_json(request, parts(request).settings.api)
    try:
        return form.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = " ".join(str(part) for part in ("body", *first["loc"]))[:60]
        raise Refusal(422, "invalid", f"{where}: {first['msg']}") from None


def documents(form: type[Asked]) -> dict[str, Any]:
    """Return what OpenAPI is told of a body of this form."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": form.model_json_schema()}}}}
