"""Databases, and pages run without a browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from driftboard.dashboard.options import THEME_FILE
from tests.dashboard.worlds import build_hostile_world, build_world

APP = THEME_FILE.with_name("app.py")
VIEWS = ("health", "drift", "predictions", "performance", "data_quality", "calibration", "alerts")
OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """The folder of a log with five models."""
    return build_world(tmp_path_factory.mktemp("world")).parent


@pytest.fixture(scope="session")
def hostile_world(tmp_path_factory):
    """The folder of a log whose names are attacks."""
    return build_hostile_world(tmp_path_factory.mktemp("hostile")).parent


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
