"""One line for a mistake in the configuration: where it is, as it is written there, and what was probably meant."""

import difflib
from collections.abc import Iterable, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError


def explain(error: ValidationError, root: type[BaseModel]) -> str:
    """Return one line for the first thing pydantic dislikes; it never repeats what was written as a value.

    Parameters
    ----------
    root
        The section that was read.
    """
    all_of_them = error.errors(include_input=False, include_url=False)
    first = min(all_of_them, key=lambda each: each["type"] != "extra_forbidden")  # a typing mistake leaves a gap, too
    where, model = _place(first["loc"], root)
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        return f"unknown setting {where!r}: {_nearest(key, _keys_of(model))}"
    if first["type"] == "union_tag_invalid":
        context = first.get("ctx", {})
        kinds = [kind.strip(" '") for kind in str(context["expected_tags"]).split(",")]
        return f"setting {where}.type: there is no {context['tag']!r}: {_nearest(str(context['tag']), kinds)}"
    if first["type"] == "union_tag_not_found":
        return f"setting {where}.type: Field required"
    return f"setting {where}: {_said(first['msg'])}"


def _said(message: str) -> str:
    """What pydantic says, without its name for our own errors."""
    return message.removeprefix("Value error, ")


def _nearest(key: str, known: Sequence[str]) -> str:
    ending = [name for name in known if name.endswith((f".{key}", f"_{key}"))]
    near = ending or difflib.get_close_matches(key, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"


def _place(loc: Iterable[int | str], root: type[BaseModel]) -> tuple[str, type[BaseModel]]:
    """Return a place as people write it, `alerts.routes[0].match`, and the section that its last key is in."""
    where, section = "", root
    annotation: Any = root
    for part in loc:
        if part == "[key]":  # pydantic's word for: it is the key itself that is wrong
            break
        sections = _sections_in(annotation)
        tagged = [each for each in sections if len(sections) > 1 and part in _tags(each)]
        if tagged:  # the kind of a channel: pydantic tells it, nobody writes it there
            annotation = section = tagged[0]
            continue
        where += f"[{part}]" if isinstance(part, int) else f".{part}"
        if sections:
            section = sections[0]
        annotation = _inside(annotation, part)
    return where.removeprefix("."), section


def _inside(annotation: Any, part: int | str) -> Any:
    """The type of what is found under a key, or at a place in a list; None where nothing is known of it."""
    bare = _bare(annotation)
    if get_origin(bare) in {dict, tuple}:
        return get_args(bare)[1 if get_origin(bare) is dict else 0]
    for section in _sections_in(bare):
        if part in section.model_fields:
            return section.model_fields[str(part)].annotation
    return None


def _keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a section, and those of the sections inside it: `classic.decay`."""
    inner = {name: _sections_in(field.annotation) for name, field in model.model_fields.items()}
    below = [f"{name}.{key}" for name, found in inner.items() if len(found) == 1 for key in found[0].model_fields]
    return [*sorted(model.model_fields), *sorted(below)]


def _sections_in(annotation: Any) -> list[type[BaseModel]]:
    """The sections that a field itself may be: several kinds of channel, one, or none."""
    bare = _bare(annotation)
    choices = get_args(bare) if get_origin(bare) in {Union, UnionType} else (bare,)
    return [each for each in map(_bare, choices) if isinstance(each, type) and issubclass(each, BaseModel)]


def _tags(section: type[BaseModel]) -> tuple[Any, ...]:
    return get_args(section.model_fields["type"].annotation) if "type" in section.model_fields else ()


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
