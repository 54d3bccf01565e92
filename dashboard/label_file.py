"""A file of labels that a visitor brings: measured, read and checked row by row; no I/O, nothing is stored."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from driftboard.dashboard.label_cells import CellReader, FileLabel
from driftboard.data.catalog import ClassValue
from driftboard.errors import LabelMismatch

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 200_000
MOST_TIMES = 1_000
"""Different pairs of source and time in one file: each of them is stored by statements of its own."""

_COLUMNS = ("prediction_id", "label", "observed_at", "source")
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot be stored, and why."""

    row: int
    prediction_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class LabelFile:
    """What a file says: good rows, bad ones, how many only repeat another row, and how many have no label yet."""

    labels: tuple[FileLabel, ...]
    bad: tuple[BadRow, ...]
    repeated: int
    empty: int


def read_label_file(content: bytes, *, task: str, classes: Sequence[ClassValue], now: datetime) -> LabelFile:
    """Return what a CSV file with columns prediction_id, label and perhaps observed_at and source says.

    Parameters
    ----------
    content
        UTF-8; columns separated by comma, semicolon or tab, in any order; other columns are left alone.
    task
        Of the model: labels of a regression are numbers.
    classes
        Those that the model knows: `1` is the class 1 where that is what it answers.
    now
        What is observed later than this is a mistake.

    Raises
    ------
    LabelMismatch
        It is no such file; the line says what to do.
    """
    lines = _lines(content)
    header = [name.strip().lower() for name in next(lines, [])]
    places = {name: header.index(name) for name in _COLUMNS if name in header}
    missing = [name for name in _COLUMNS[:2] if name not in places]
    if missing:
        raise LabelMismatch(
            f"the file has no column {missing[0]!r}: its first line must name prediction_id and label, "
            "and may name observed_at and source"
        )
    tally = _Tally(CellReader(task, {str(each): each for each in classes}, now))
    for row, line in enumerate(lines, start=2):
        tally.add(row, {name: line[place].strip() if place < len(line) else "" for name, place in places.items()})
    return tally.result()


@dataclass(slots=True)
class _Tally:
    """What was read of a file so far."""

    reader: CellReader
    first: dict[tuple[str, datetime | None], FileLabel] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    contradicted: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, row: int, cells: Mapping[str, str]) -> None:
        """Take one row."""
        if cells["prediction_id"] and not cells["label"]:
            self.counts["empty"] += 1
        elif any(cells.values()):
            try:
                self._keep(self.reader.read(row, cells))
            except ValueError as error:
                self.bad.append(BadRow(row, cells["prediction_id"], str(error)))

    def result(self) -> LabelFile:
        """Return what the file says; of a prediction that it contradicts itself about, nothing is kept."""
        kept = tuple(each for each in self.first.values() if each.prediction_id not in self.contradicted)
        dropped = [
            BadRow(each.row, each.prediction_id, "another row says something else of the same prediction and time")
            for each in self.first.values()
            if each.prediction_id in self.contradicted
        ]
        if len({(each.source, each.observed_at) for each in kept}) > MOST_TIMES:
            raise LabelMismatch(
                f"the file has more than {MOST_TIMES:,} different times of observation: round observed_at to hours or "
                "days"
            )
        bad = sorted(self.bad + dropped, key=lambda each: each.row)
        return LabelFile(kept, tuple(bad), self.counts["repeated"], self.counts["empty"])

    def _keep(self, found: FileLabel) -> None:
        known = self.first.setdefault((found.prediction_id, found.observed_at), found)
        if known is found:
            return
        if known.label == found.label:
            self.counts["repeated"] += 1
            return
        self.contradicted.add(found.prediction_id)
        self.bad.append(BadRow(found.row, found.prediction_id, f"contradicts row {known.row}"))


def _lines(content: bytes) -> Iterator[list[str]]:
    if len(content) > MOST_BYTES:
        raise LabelMismatch(f"the file has more than {MOST_BYTES // 2**20} MiB: split it, or use driftboard backfill")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content:
        raise LabelMismatch("the file is no text in UTF-8: save it as CSV (UTF-8)")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LabelMismatch(f"line {line} of the file is not UTF-8: save it as CSV (UTF-8)") from None
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    return _split(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _split(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    for number in range(MOST_ROWS + 2):
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise LabelMismatch(f"row {number + 1} of the file is no CSV: {error}") from None
        if row is None:
            return
        if number <= MOST_ROWS:
            yield row
    raise LabelMismatch(f"the file has more than {MOST_ROWS:,} rows: split it, or use driftboard backfill")
