"""The cells of a row of labels: what people write, as labels, times and sources; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from driftboard.data.catalog import ClassValue
from driftboard.data.values import MAX_NAME
from driftboard.errors import ConfigError
from driftboard.written_times import parse_instant

SOURCE = "upload"
_LONGEST_SOURCE = 80
_LONGEST_SAID = 40
_CLOCKS_DIFFER = timedelta(minutes=5)

Label = ClassValue | float


@dataclass(frozen=True, slots=True)
class FileLabel:
    """One good row: `row` is its number in the file, the header being 1; no `observed_at`: when it is stored."""

    row: int
    prediction_id: str
    label: Label
    observed_at: datetime | None = None
    source: str = SOURCE


@dataclass(frozen=True, slots=True)
class CellReader:
    """How the cells of one file are read: for which task, with which classes (by their text), and when."""

    task: str
    classes: Mapping[str, ClassValue]
    now: datetime

    def read(self, row: int, cells: Mapping[str, str]) -> FileLabel:
        """Return a row as a label.

        Raises
        ------
        ValueError
            It is none; the text says why.
        """
        name = cells["prediction_id"]
        if not name:
            raise ValueError("no prediction_id")
        if len(name.encode()) > MAX_NAME:
            raise ValueError(f"prediction_id: longer than {MAX_NAME} bytes")
        label = label_of(cells["label"], task=self.task, classes=self.classes)
        source = cells.get("source") or SOURCE
        if len(source) > _LONGEST_SOURCE or not source.isprintable():
            raise ValueError(f"source: not a name of at most {_LONGEST_SOURCE} characters")
        return FileLabel(row, name, label, self._time(cells.get("observed_at") or ""), source)

    def _time(self, text: str) -> datetime | None:
        if not text:
            return None
        try:
            at = parse_instant(text)
        except (ConfigError, OverflowError) as error:
            raise ValueError(f"observed_at: {error}") from None
        if at > self.now + _CLOCKS_DIFFER:
            raise ValueError("observed_at: lies in the future")
        return at


def label_of(text: str, *, task: str, classes: Mapping[str, ClassValue]) -> Label:
    """Return the label that people wrote.

    Parameters
    ----------
    text
        As written, without blanks around it.
    task
        Of the model: a label of a regression is a number.
    classes
        Those that the model knows, by their text. Where all of them are integers, a new one is an integer too.

    Raises
    ------
    ValueError
        It is none; the text says why.

    >>> label_of("2", task="classification", classes={"1": 1}), label_of("two", task="classification", classes={})
    (2, 'two')
    """
    if task == "regression":
        return _number(text)
    if text in classes:
        return classes[text]
    if len(text.encode()) > MAX_NAME:
        raise ValueError(f"label: longer than {MAX_NAME} bytes")
    if classes and all(type(each) is int for each in classes.values()):
        return _integer(text)
    return text


def _integer(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"label: {text[:_LONGEST_SAID]!r} is no number") from None
    if not isfinite(value):
        raise ValueError(f"label: {text[:_LONGEST_SAID]!r} is no finite number")
    return value
