"""CSV and Parquet files as columns."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet

from driftboard.errors import BadBatch

_MISSING = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"]
_PARQUET = (".parquet", ".pq")
_CSV = (".csv", ".csv.gz")


def read_table(file: Path, *, text: Collection[str] = ()) -> pa.Table:
    """Return the columns of a CSV or Parquet file.

    Parameters
    ----------
    file
        Its name says which it is. In CSV an empty field and an unquoted NA, NaN, null or None are missing.
    text
        Columns of a CSV file that stay text even if they look like numbers: ids.

    Raises
    ------
    BadBatch
        There is no such file, it cannot be read, or two of its columns have the same name.
    """
    if not file.is_file():
        raise BadBatch(f"no file {file}")
    name = file.name.lower()
    try:
        if name.endswith(_PARQUET):
            table = parquet.read_table(file)
        elif name.endswith(_CSV):
            table = _read_csv(file, text)
        else:
            raise BadBatch(f"{file} is neither .csv nor .parquet")
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise BadBatch(f"cannot read {file}: {reason}") from None
    twice = [column for column, count in Counter(table.column_names).items() if count > 1]
    if twice:
        raise BadBatch(f"{file} has two columns {twice[0]!r}")
    return table


def column_named(table: pa.Table, given: str | None, default: str) -> str | None:
    """Return the name of a column: the given one, else the default if the table has it, else None.

    Raises
    ------
    BadBatch
        A column was named that the table does not have.
    """
    if given is None:
        return default if default in table.column_names else None
    if given not in table.column_names:
        raise BadBatch(f"no column {given!r}: the file has {', '.join(table.column_names)}")
    return given


def _read_csv(file: Path, text: Collection[str]) -> pa.Table:
    options = csv.ConvertOptions(
        null_values=_MISSING,
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        column_types={name: pa.string() for name in text},
    )
    with pa.input_stream(file, compression="detect") as stream:
        table = csv.read_csv(stream, convert_options=options)
    torn = [field.name for field in table.schema if pa.types.is_binary(field.type)]
    if torn:
        raise ValueError(f"column {torn[0]!r} is not UTF-8 text")
    return table
