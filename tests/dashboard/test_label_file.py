"""Files of labels: what is read of them, and what is said of those that are none."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.dashboard import label_file
from driftboard.dashboard.label_cells import SOURCE, label_of
from driftboard.dashboard.label_file import LabelFile, read_label_file
from driftboard.errors import LabelMismatch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(text: str | bytes, *, task: str = "classification", classes: tuple = ("stay", "leave")) -> LabelFile:
    """Read a file as of NOW."""
    content = text if isinstance(text, bytes) else text.encode()
    return read_label_file(content, task=task, classes=classes, now=NOW)


def pairs(file: LabelFile) -> list[tuple]:
    """Its good rows."""
    return [(each.prediction_id, each.label) for each in file.labels]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_of_every_spreadsheet_program_are_read(mark, encoding, end):
    """Comma, semicolon, tab; with a byte order mark or without; columns in any order, others left alone."""
    lines = [("Label", "note", "prediction_id"), ("stay", "é", "p1"), ("leave", "", "p2"), ("", "", "")]
    content = end.join(mark.join(line) for line in lines).encode(encoding)
    assert pairs(read(content)) == [("p1", "stay"), ("p2", "leave")]


def test_times_and_sources_are_read():
    """With their zone, else UTC; an empty one is when it is stored; the source is the file's, else `upload`."""
    file = read("prediction_id,label,observed_at,source\np1,stay,2026-02-28T10:00+01:00,Ada\np2,stay,,\n")
    first, second = file.labels
    assert first.observed_at == datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert (first.source, second.source, second.observed_at) == ("Ada", SOURCE, None)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",stay,", "no prediction_id"),
        (f"{'x' * 2000},stay,", "longer than"),
        ("p1,stay,yesterday", "no point in time"),
        ("p1,stay,2026-03-02", "lies in the future"),
        ("p1,stay,9999-12-31T23:59-23:59", "observed_at"),
    ],
)
def test_a_bad_row_says_what_is_wrong_and_the_others_are_read(row, reason):
    """By its number in the file."""
    file = read(f"prediction_id,label,observed_at\np0,leave,\n{row}\n")
    assert pairs(file) == [("p0", "leave")]
    assert file.bad[0].row == 3
    assert reason in file.bad[0].reason


def test_labels_of_a_regression_are_finite_numbers():
    """A decimal comma, a word, infinity are none."""
    file = read("prediction_id;label\na;1.5\nb;1,5\nc;nan\nd;inf\ne;many\n", task="regression")
    assert pairs(file) == [("a", 1.5)]
    assert [each.prediction_id for each in file.bad] == ["b", "c", "d", "e"]


def test_a_class_is_the_one_that_the_model_knows():
    """`1` is the class 1 where classes are integers, `True` the class True, and text where they are text."""
    assert label_of("1", task="classification", classes={"0": 0, "1": 1}) == 1
    assert label_of("7", task="classification", classes={"0": 0, "1": 1}) == 7
    assert label_of("True", task="classification", classes={"True": True}) is True
    assert label_of("1", task="classification", classes={"a": "a"}) == "1"
    assert label_of("1", task="classification", classes={"1": "1", "2": 2}) == "1"


def test_a_prediction_that_a_file_contradicts_itself_about_is_not_labelled():
    """Neither row counts, and both are named; a row that repeats another is only counted; other times are history."""
    file = read(
        "prediction_id,label,observed_at\na,stay,\na,leave,\nb,stay,\nb,stay,\nc,stay,2026-01-01\nc,leave,2026-01-02\n"
    )
    assert pairs(file) == [("b", "stay"), ("c", "stay"), ("c", "leave")]
    assert [each.row for each in file.bad] == [2, 3]
    assert file.repeated == 1


def test_rows_without_a_label_are_left_alone():
    """A file that was downloaded to be filled in, and is half filled in."""
    file = read("prediction_id,label\na,stay\nb,\n\n")
    assert (pairs(file), file.empty, file.bad) == ([("a", "stay")], 1, ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no column 'prediction_id'"),
        (b"id,label\n1,2\n", "no column 'prediction_id'"),
        (b"prediction_id,truth\n1,2\n", "no column 'label'"),
        ("prediction_id,label\np1,é\n".encode("latin-1"), "line 2 of the file is not UTF-8"),
        ("prediction_id,label\n".encode("utf-16"), "save it as CSV (UTF-8)"),
        (b"PK\x03\x04\0\0\0", "save it as CSV (UTF-8)"),
        (b'prediction_id,label\n"p1,stay\n', "is no CSV"),
        (b"prediction_id,label\n" + b"x" * 200_000 + b",stay\n", "is no CSV"),
    ],
)
def test_what_is_no_file_of_labels_is_said_in_one_line(content, words):
    """And what to do about it."""
    with pytest.raises(LabelMismatch) as caught:
        read(content)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_too_long_are_refused():
    """One byte, one row, or one time of observation too many; as many as are allowed are read."""
    with pytest.raises(LabelMismatch, match="more than 20 MiB"):
        read(b"x" * (label_file.MOST_BYTES + 1))
    rows = "".join(f"p{n},stay\n" for n in range(label_file.MOST_ROWS))
    assert len(read(f"prediction_id,label\n{rows}").labels) == label_file.MOST_ROWS
    with pytest.raises(LabelMismatch, match="more than 200,000 rows"):
        read(f"prediction_id,label\n{rows}one,stay\n")
    times = [f"p,stay,{(NOW - n * timedelta(minutes=1)).isoformat()}" for n in range(label_file.MOST_TIMES + 1)]
    with pytest.raises(LabelMismatch, match="times of observation"):
        read("\n".join(["prediction_id,label,observed_at", *times]))


@given(st.binary(max_size=300), st.sampled_from([b"", b"prediction_id,label\n"]))
def test_no_file_ends_in_an_error_of_ours(content, start):
    """Whatever is in it: rows, or one line."""
    with suppress(LabelMismatch):
        read(start + content)
