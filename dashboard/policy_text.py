"""An alert policy as the TOML that would configure it, so that it can be changed and tried; it holds no secret.

References to secrets are left out too: a candidate says what differs, and what it does not say stays as it is.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import SecretStr

from driftboard.alert_settings import AlertSettings

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def policy_text(settings: AlertSettings) -> str:
    """Return the whole policy as TOML.

    >>> policy_text(AlertSettings()).splitlines()[:3]
    ['[alerts]', 'dry_run = true', 'group_wait = "30s"']
    """
    return "\n".join(_table("alerts", _known(settings.model_dump()))).strip() + "\n"


def _known(value: Any) -> Any:
    """The value in what TOML has: no None, no secret, times of the day as text."""
    if isinstance(value, Mapping):
        known = {str(name): _known(each) for name, each in value.items()}
        return {name: each for name, each in known.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_known(each) for each in value]
    if value is None or isinstance(value, SecretStr):
        return None
    return value if isinstance(value, bool | int | float | str) else str(value)


def _table(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a table, then those of the tables inside it."""
    inner = {key: value for key, value in values.items() if isinstance(value, Mapping)}
    yield f"[{name}]"
    yield from (f"{_key(key)} = {_value(value)}" for key, value in values.items() if key not in inner)
    for key, value in inner.items():
        if value:
            yield ""
            yield from _table(f"{name}.{_key(key)}", value)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        several = any(isinstance(each, Mapping) for each in value)
        between = ",\n    " if several else ", "
        listed = between.join(map(_value, value))
        return f"[\n    {listed},\n]" if several else f"[{listed}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)
