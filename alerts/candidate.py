"""A candidate: another policy, tried on what was recorded before anybody is told by it."""

import tomllib
from typing import Any

from pydantic import ValidationError

from driftboard.alert_settings import AlertSettings
from driftboard.errors import ConfigError
from driftboard.mistake import explain
from driftboard.section import Section


class _Policy(Section):
    alerts: AlertSettings


def read_candidate(text: str, present: AlertSettings) -> AlertSettings:
    """Return the present policy with what a TOML text says of `[alerts]` in its place.

    Tables are taken key by key, so a candidate says only what differs; a list takes the place of the whole list. What
    the text says of anything but `[alerts]` is left out of account: a whole `driftboard.toml` will do.

    Raises
    ------
    ConfigError
        It is no TOML, has no `[alerts]`, or holds a key or value that is not understood.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the candidate is no TOML: {error}") from None
    changes = given.get("alerts")
    if not isinstance(changes, dict):
        raise ConfigError("the candidate says nothing of [alerts]: write for instance [alerts.rules.feature_drift]")
    try:
        return _Policy.model_validate({"alerts": _merged(present.model_dump(exclude_unset=True), changes)}).alerts
    except ValidationError as error:
        raise ConfigError(explain(error, _Policy)) from None


def _merged(present: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(present)
    for key, value in changes.items():
        before = merged.get(key)
        if isinstance(before, dict) and isinstance(value, dict) and not _retyped(before, value):
            merged[key] = _merged(before, value)
        else:
            merged[key] = value
    return merged


def _retyped(before: dict[str, Any], value: dict[str, Any]) -> bool:
    """Whether a channel became one of another type: nothing of the former one is meant."""
    return "type" in value and value["type"] != before.get("type")
