"""Scores of a row: a list in the order of the request's classes, or an object from class to score."""

from typing import Any

from driftboard.api.bad_row import BadRow
from driftboard.data.catalog import ClassValue

_NUMBERS = frozenset((float, int, type(None)))


class ScoreReader:
    """Reads scores; what rows have in common is looked at once.

    Parameters
    ----------
    classes
        Those of the request, if it names any.
    """

    def __init__(self, classes: tuple[ClassValue, ...] | None) -> None:
        self._classes = classes
        self._known: dict[tuple[Any, ...], tuple[ClassValue, ...]] = {}

    def read(self, given: Any, predicted: Any) -> Any:
        """Return scores as an `Entry` has them; equal names are the same object.

        Parameters
        ----------
        given
            What the row has.
        predicted
            Of the row: its type tells that of the classes where nothing else does.

        Raises
        ------
        BadRow
            They are no scores, or it is not clear of what.
        """
        if type(given) is not dict:
            _check(self._classes, given)
            return given
        key = (type(predicted), *given)
        classes = self._known.get(key)
        if classes is None:
            classes = tuple(_classes_of(list(given), self._classes, predicted))
            if len({type(each) for each in classes}) > 1:
                raise BadRow("bad_row", "scores: classes must be all text, all integers or all booleans")
            self._known[key] = classes
        scores = list(given.values())
        _check(classes, scores)
        return {"c": classes, "s": scores}


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
    if not _NUMBERS.issuperset(map(type, scores)):
        raise BadRow("bad_row", "scores: not all are numbers")
