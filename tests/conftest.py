"""Fixtures that more than one room's tests use.

A test that asks for `store` or `place` runs on both engines; one that asks for `path` as well is about a SQLite file,
one that asks for `postgres` about a server.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from driftboard.data import Store, open_store
from tests.postgres_server import PostgresServer, new_folder, reason_against

settings.register_profile("driftboard", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("driftboard")

TEMPLATE = "migrated"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test of a log on both engines, unless it is about one of them."""
    if "engine" in metafunc.fixturenames:
        only = {"path": "sqlite", "postgres": "postgresql"}
        engines = [only[name] for name in only if name in metafunc.fixturenames] or list(only.values())
        metafunc.parametrize("engine", engines)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database file of a test about files goes."""
    return tmp_path / "log.sqlite"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL with a migrated template."""
    with _running_server(durable=False) as server:
        server.execute(f"CREATE DATABASE {TEMPLATE}")
        open_store(server.url(TEMPLATE)).close()
        yield server


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A running PostgreSQL that nobody else needs: it may be killed."""
    with _running_server(durable=True) as server:
        yield server


@contextmanager
def _running_server(*, durable: bool) -> Iterator[PostgresServer]:
    if reason := reason_against():
        pytest.skip(reason)
    folder = new_folder(durable=durable)
    try:
        server = PostgresServer(folder, durable=durable).initialise()
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def place(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Where a test's log goes: a file that is not there yet, or a new database."""
    if engine == "sqlite":
        yield str(tmp_path / "log.sqlite")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.new_database(TEMPLATE)
    yield url
    server.drop_database(url)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty log in a file: to be copied, which is quicker than to be migrated."""
    path = tmp_path_factory.mktemp("migrated") / "log.sqlite"
    open_store(path).close()
    return path


@pytest.fixture
def store(engine: str, place: str, migrated_file: Path) -> Iterator[Store]:
    """An empty log."""
    if engine == "sqlite":
        shutil.copy(migrated_file, place)
    with open_store(place) as store:
        yield store
