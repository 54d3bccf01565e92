"""Scores of a row: a list in the order of the request's classes, or an object from class to score."""

from typing import Any

from driftboard.api.bad_row import BadRow
from driftboard.data.catalog import ClassValue


def read_scores(given: Any, classes: tuple[ClassValue, ...] | None, predicted: Any) -> Any:
    """Return scores as an `Entry` has them.

    Parameters
    ----------
    given
        What the row has.
    classes
        Those of the request, if it names any.
    predicted
        Of the row: its type tells that of the classes where nothing else does.

    Raises
    ------
    BadRow
        They are no scores, or it is not clear of what.
    """
    if type(given) is not dict:
        _check(classes, given)
        return given
    named, scores = _classes_of(list(given), classes, predicted), list(given.values())
    _check(named, scores)
    return {"c": named, "s": scores}


def _classes_of(
    names: list[str], classes: tuple[ClassValue, ...] | None, predicted: Any
) -> list[ClassValue] | list[str]:
    """The classes that the keys of an object of scores name: JSON knows only text there, classes may be numbers."""
    if classes is not None:
        by_text = {str(each): each for each in classes} | {str(each).lower(): each for each in classes}
    elif type(predicted) is bool:
        by_text = {"true": True, "false": False, "True": True, "False": False}
    elif type(predicted) is int:
        return [int(name) if name.lstrip("-").isdecimal() else name for name in names]
    else:
        return names
    if not all(name in by_text for name in names):
        raise BadRow("bad_row", "scores: a name that is none of the classes")
    return [by_text[name] for name in names]


def _check(classes: Any, scores: Any) -> None:
    if type(scores) is not list:
        raise BadRow("bad_row", "scores: write a list, or an object from class to score")
    if classes is None:
        raise BadRow("bad_row", "scores: a list needs `classes` in the request, one for each score")
    if len(classes) != len(scores) or not scores:
        raise BadRow("bad_row", f"scores: {len(scores)} for {len(classes)} classes")
    if len({type(each) for each in classes}) > 1:
        raise BadRow("bad_row", "scores: classes must be all text, all integers or all booleans")
    if not all(type(each) is float or type(each) is int or each is None for each in scores):
        raise BadRow("bad_row", "scores: not all are numbers")
