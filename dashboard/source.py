"""The log that the pages read: where it is, how it is opened, read-only, and the models in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import streamlit as st
from sqlalchemy import Connection

from driftboard.config import StoreSettings
from driftboard.data import catalog, parse_model_key
from driftboard.data.catalog import Model
from driftboard.data.store import Store, open_store_read_only


class Source(NamedTuple):
    """What a remembered answer was read from: a server by reference (no password is kept here), or a file."""

    url: str
    path: str
    inode: int
    report_id: int


class ModelName(NamedTuple):
    """A model as the pages name it."""

    key: str
    task: str


@st.cache_resource(max_entries=4, show_spinner=False)
def _server(url: str) -> Store:
    """Open a server once: its connections are pooled and may be used by any thread."""
    return open_store_read_only(StoreSettings(url=url).location)


@contextmanager
def store_of(url: str, path: str) -> Iterator[Store]:
    """Yield the log, open for reading and nothing else."""
    if url:
        yield _server(url)
    else:
        with open_store_read_only(path) as store:
            yield store


@contextmanager
def reading_from(url: str, path: str) -> Iterator[Connection]:
    """Yield a connection that can read and nothing else."""
    with store_of(url, path) as store, store.read() as connection:
        yield connection


def known_model(connection: Connection, model: str) -> Model:
    """Return the model that the pages name by its key."""
    return catalog.get_model(connection, parse_model_key(model))
