"""The configuration as a `driftboard.toml` for a container: what differs from the defaults, secrets as references."""

import json
import re
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from driftboard.config import Settings
from driftboard.errors import ConfigError
from driftboard.render.written_yaml import NOTE
from driftboard.section import REFERENCES

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ELSEWHERE = ("deploy",)
"""Sections that say nothing to a running driftboard."""


def settings_toml(settings: Settings) -> str:
    """Return the text of the file.

    Raises
    ------
    ConfigError
        A secret is written out in the configuration, where there should be a reference.
    """
    given = settings.model_dump(mode="python", exclude_defaults=True, exclude=set(_ELSEWHERE))
    lines = [f"# {NOTE}", "# What is not here has its default; secrets are references: env:NAME or file:PATH.", ""]
    return "\n".join([*lines, *_table((), given)]).rstrip("\n") + "\n"


def _table(path: tuple[str, ...], values: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a table: its own values, then those inside it."""
    known = {key: value for key, value in values.items() if value is not None}
    plain = {key: value for key, value in known.items() if not isinstance(value, dict)}
    if plain:
        if path:
            yield f"[{'.'.join(map(_key, path))}]"
        yield from (f"{_key(key)} = {_value((*path, key), value)}" for key, value in plain.items())
        yield ""
    for key, value in known.items():
        if isinstance(value, dict):
            yield from _table((*path, key), value)


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _quoted(text)


def _value(path: tuple[str, ...], value: Any) -> str:
    if isinstance(value, SecretStr):
        return _quoted(_reference(path, value))
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, dict):
        inner = (f"{_key(key)} = {_value((*path, key), each)}" for key, each in value.items() if each is not None)
        return f"{{ {', '.join(inner)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(path, each) for each in value)}]"
    if isinstance(value, date | time):
        return value.isoformat()
    return _quoted(str(value) if isinstance(value, Path) else value)


def _reference(path: tuple[str, ...], secret: SecretStr) -> str:
    text = secret.get_secret_value()
    if not text.startswith(REFERENCES):
        raise ConfigError(f"{'.'.join(path)}: a secret is given by reference only: env:NAME or file:PATH")
    return text


def _quoted(text: str) -> str:
    """A basic string; JSON escapes as TOML does, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
