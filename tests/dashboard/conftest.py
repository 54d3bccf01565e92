"""Databases, and pages run without a browser."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from driftboard.dashboard.options import THEME_FILE
from driftboard.data import open_store
from driftboard.data.catalog import get_model
from tests.dashboard.hand_made import CALIBRATED, build_hand_made
from tests.dashboard.incident_world import add_incidents
from tests.dashboard.worlds import build_hostile_world, build_world

APP = THEME_FILE.with_name("app.py")
VIEWS = (
    *("health", "drift", "predictions", "performance", "data_quality", "calibration", "alerts", "backtest"),
    *("service", "resources", "labels"),
)
OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """The folder of a log with five models."""
    return build_world(tmp_path_factory.mktemp("world")).parent


@pytest.fixture(scope="session")
def hostile_world(tmp_path_factory):
    """The folder of a log whose names are attacks."""
    return build_hostile_world(tmp_path_factory.mktemp("hostile")).parent


@pytest.fixture(scope="session")
def incident_world(tmp_path_factory):
    """The folder of a log with incidents in every state, messages, silences and feedback; nobody writes to it."""
    folder = build_hand_made(tmp_path_factory.mktemp("incidents"))
    with open_store(folder / "driftboard.sqlite") as store:
        with store.read() as connection:
            model = get_model(connection, CALIBRATED)
        add_incidents(store, model)
    return folder


@pytest.fixture
def own_world(incident_world, tmp_path):
    """The folder of a copy of that log, to act on."""
    folder = tmp_path / "log"
    folder.mkdir()
    shutil.copy(incident_world / "driftboard.sqlite", folder)
    return folder


@pytest.fixture
def open_page(monkeypatch, tmp_path) -> OpenPage:
    """A function that runs one page over the log in a folder, with a query."""
    monkeypatch.chdir(tmp_path)

    def open_page(folder: Path, view: str = "health", **query: str) -> AppTest:
        monkeypatch.setenv("DRIFTBOARD_STORE__DATA_DIR", str(folder))
        page = AppTest.from_file(APP, default_timeout=30)
        for name, value in query.items():
            page.query_params[name] = value
        if view != "health":
            page.switch_page(f"views/{view}.py")
        return page.run()

    return open_page


def text_of(page: AppTest) -> str:
    """All that a page says in words, without the escapes of Markdown."""
    assert not page.exception, [each.message for each in page.exception]
    kinds = ("title", "subheader", "markdown", "caption", "error", "warning", "code", "text")
    parts = [element.value for kind in kinds for element in page.get(kind)]
    parts += [f"{each.label}: {each.value} ({each.delta})" for each in page.metric]
    parts += [each.value.to_string() for each in page.dataframe]
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", "\n".join(parts))
