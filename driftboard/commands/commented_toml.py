"""A configuration file that shows every setting with its default, written from the settings themselves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from driftboard.config import Settings

_HEAD = """\
# driftboard's configuration. Every line that is commented out shows a default: remove the # to change it.
# A variable in the environment wins over this file: DRIFTBOARD_ALERTS__DRY_RUN=false.
"""


def commented_toml() -> str:
    """Return the text of a `driftboard.toml` in which everything is a comment but the names of the sections."""
    sections = (_section(name, _model_of(field)) for name, field in Settings.model_fields.items())
    return "\n".join([_HEAD, *("\n".join(lines) for section in sections for lines in section)])


def _section(name: str, model: type[BaseModel], *, optional: bool = False) -> Iterator[list[str]]:
    """Yield the lines of a section, then those of the sections inside it, whose names are comments too."""
    about = (model.__doc__ or "").splitlines()[0]
    lines = [f"# {about}", f"# [{name}]" if optional else f"[{name}]"]
    inner = []
    for key, field in model.model_fields.items():
        if _model_of(field) is not BaseModel:
            inner.append((f"{name}.{key}", _model_of(field)))
            continue
        remark = f"  # {field.description}" if field.description else ""
        lines.append(f"# {key} = {_shown(field)}{remark}")
    yield [*lines, ""]
    for inner_name, inner_model in inner:
        yield from _section(inner_name, inner_model, optional=True)


def _model_of(field: FieldInfo) -> type[BaseModel]:
    """The section a field holds, or BaseModel itself when it holds a plain value."""
    candidates = [field.annotation, *get_args(field.annotation)]
    return next((each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)), BaseModel)


def _shown(field: FieldInfo) -> str:
    default: Any = field.get_default(call_default_factory=True)
    if default is None or default is PydanticUndefined:
        return '"..."' if "tuple" not in str(field.annotation) else '["..."]'
    if isinstance(default, Path):
        default = str(default)
    return json.dumps(list(default) if isinstance(default, tuple) else default)
