"""A configuration file that shows every setting with its default, written from the settings themselves."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from driftboard.config import Settings

_HEAD = """\
# driftboard's configuration. Every line that is commented out shows a default: remove the # to change it.
# A variable in the environment wins over this file: DRIFTBOARD_ALERTS__DRY_RUN=false.
"""


def commented_toml() -> str:
    """Return the text of a `driftboard.toml` in which everything is a comment but the names of the sections."""
    sections = (_section(f"[{name}]", _models_in(field)[0]) for name, field in Settings.model_fields.items())
    return "\n".join([_HEAD, *("\n".join(lines) for section in sections for lines in section)])


def _section(heading: str, model: type[BaseModel], *, optional: bool = False) -> Iterator[list[str]]:
    """Yield the lines of a section, then those of the sections inside it, whose names are comments too."""
    about = (model.__doc__ or "").splitlines()[0]
    lines = [f"# {about}", f"# {heading}" if optional else heading]
    inner = []
    for key, field in model.model_fields.items():
        if models := _models_in(field):
            inner += [(_heading(heading, key, field, each), each) for each in models]
        else:
            remark = f"  # {field.description}" if field.description else ""
            lines.append(f"# {key} = {_shown(field)}{remark}")
    yield [*lines, ""]
    for inner_heading, inner_model in inner:
        yield from _section(inner_heading, inner_model, optional=True)


def _heading(outer: str, key: str, field: FieldInfo, model: type[BaseModel]) -> str:
    """Return what a section inside is headed by: `[a.b]`, `[[a.b]]` of a list, `[a.b.NAME]` of things with a name."""
    path = f"{outer.strip('[]')}.{key}"
    origin = get_origin(field.annotation)
    if origin is tuple:
        return f"[[{path}]]"
    if origin is dict:
        name = str(get_args(model.model_fields["type"].annotation)[0]) if "type" in model.model_fields else "NAME"
        return f"[{path}.{name}]"
    return f"[{path}]"


def _models_in(field: FieldInfo) -> list[type[BaseModel]]:
    """Return the sections that a field may hold, empty when it holds plain values."""
    return list(_models(field.annotation))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    for part in get_args(annotation):
        yield from _models(part)


def _shown(field: FieldInfo) -> str:
    """Return a default as TOML, as a reader would write it; an example or dots where there is none."""
    if get_origin(field.annotation) is Literal and field.is_required():
        return json.dumps(get_args(field.annotation)[0])  # it can be nothing else
    default: Any = field.get_default(call_default_factory=True)
    if default is None and field.examples:
        return json.dumps(field.examples[0])
    if default is None or default is PydanticUndefined:
        return '["..."]' if "tuple" in str(field.annotation) else '"..."'
    kind: Any = field.annotation
    for extra in field.metadata:
        kind = Annotated[kind, extra]
    return json.dumps(TypeAdapter(kind).dump_python(default, mode="json"))
