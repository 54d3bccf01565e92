"""The pages over a log on a PostgreSQL server."""

import pytest

from driftboard.data import open_store
from tests.conftest import TEMPLATE
from tests.dashboard.conftest import VIEWS, text_of
from tests.dashboard.worlds import build_drifting, evaluate


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_reads_a_server(postgres, open_page, tmp_path, monkeypatch, view):
    """The location is a reference to a secret: no page shows what is behind it."""
    url = postgres.new_database(TEMPLATE)
    with open_store(url) as store:
        build_drifting(store)
        evaluate(store, tmp_path, day=6)
    monkeypatch.setenv("LOG_URL", url)
    monkeypatch.setenv("DRIFTBOARD_STORE__URL", "env:LOG_URL")
    said = text_of(open_page(tmp_path, view, model="drifting:1@production"))
    assert "drifting" in said
    assert url not in said
