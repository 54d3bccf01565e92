"""CloudEvents of inference servers: which model, which request, which side of it. Pure.

KServe's logger and Seldon's send one event with what was asked and one with what was answered. KServe's bear the same
`id`, Seldon's the same extension `requestid`. Extensions `inferenceservicename`, `namespace`, `component`, `endpoint`
and `modelid` say whose they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from driftboard.api.row_times import read_time
from driftboard.api.tensors import BadPayload
from driftboard.data.half_events import Part
from driftboard.data.model_key import ModelKey

TYPES: Mapping[str, Part] = {
    "org.kubeflow.serving.inference.request": "request",
    "org.kubeflow.serving.inference.response": "response",
    "io.seldon.serving.inference.request": "request",
    "io.seldon.serving.inference.response": "response",
}
"""Types of events, and which side they tell; others (outliers, drift, feedback) come too; they are left alone."""

STRUCTURED = "application/cloudevents+json"
_UNSAID = ("", "default")
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Event:
    """One side of a request.

    Attributes
    ----------
    request_id
        What both sides have in common.
    pair
        What nothing but the two sides has in common: the same request may pass through several models.
    model
        The service's name; its endpoint is the version (a canary is another one), its namespace the environment.
    at
        When it was sent, in microseconds; None where it does not say.
    """

    request_id: str
    pair: str
    part: Part
    model: ModelKey
    at: int | None
    payload: Any


def read_event(attributes: Mapping[str, Any], payload: Any, *, model: ModelKey | None = None) -> Event | None:
    """Return the event that these attributes and this payload make; None for a type that is left alone.

    Parameters
    ----------
    attributes
        By lower-case name, without `ce-`.
    model
        Whose it is, whatever it says.

    Raises
    ------
    BadPayload
        It does not say which request, or whose.
    """
    part = TYPES.get(_text(attributes, "type"))
    if part is None:
        return None
    request_id = _text(attributes, "requestid") or _text(attributes, "id")
    if not request_id:
        raise BadPayload("the event has no id")
    whose = model or _model(attributes)
    where = (_text(attributes, "component"), _text(attributes, "modelid"))
    return Event(request_id, "\n".join((str(whose), *where, request_id)), part, whose, _time(attributes), payload)


def of_structured(body: Any) -> tuple[Mapping[str, Any], Any]:
    """Return the attributes and the payload of an event that is all in its body.

    Raises
    ------
    BadPayload
        It is none, or its data is no JSON.
    """
    if not isinstance(body, dict) or "specversion" not in body:
        raise BadPayload("the body is no CloudEvent: it has no specversion")
    if "data_base64" in body:
        raise BadPayload("the event's data is not JSON: data_base64 is not read")
    attributes = {name.lower(): value for name, value in body.items() if name != "data"}
    return attributes, body.get("data")


def _model(attributes: Mapping[str, Any]) -> ModelKey:
    name, component = _text(attributes, "inferenceservicename"), _text(attributes, "component")
    if not name:
        raise BadPayload("the event has no inferenceservicename: name the model, /v1/events?model=churn:3")
    suffix = f"-{component}" if component in ("transformer", "explainer") else ""
    endpoint, namespace = _text(attributes, "endpoint"), _text(attributes, "namespace")
    version = "1" if endpoint in _UNSAID else endpoint
    return ModelKey(name + suffix, version, namespace or "production")


def _text(attributes: Mapping[str, Any], name: str) -> str:
    value = attributes.get(name, "")
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise BadPayload(f"the attribute {name} of the event is no text of at most {_LONGEST} characters")
    return value.strip()


def _time(attributes: Mapping[str, Any]) -> int | None:
    text = _text(attributes, "time")
    try:
        return read_time(_to_micros(text)) if text else None
    except ValueError:
        raise BadPayload("the time of the event is none: RFC 3339 with a zone") from None


def _to_micros(text: str) -> str:
    """Go writes nine digits of a second, Python reads six."""
    whole, point, rest = text.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return f"{whole}{point}{digits[:6]}{rest[len(digits) :]}"
