"""The pages over a log on a PostgreSQL server."""

import pytest

from driftboard.data import open_store
from driftboard.data.incidents import open_incidents
from tests.conftest import TEMPLATE
from tests.dashboard.conftest import VIEWS, text_of
from tests.dashboard.worlds import build_drifting, evaluate


@pytest.fixture
def server(postgres, tmp_path, monkeypatch):
    """The address of a judged log on a server, which the pages know by a reference to a secret."""
    url = postgres.new_database(TEMPLATE)
    with open_store(url) as store:
        build_drifting(store)
        evaluate(store, tmp_path, day=6)
    monkeypatch.setenv("LOG_URL", url)
    monkeypatch.setenv("DRIFTBOARD_STORE__URL", "env:LOG_URL")
    return url


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_reads_a_server(server, open_page, tmp_path, view):
    """The location is a reference to a secret: no page shows what is behind it."""
    page = open_page(tmp_path, view, model="drifting:1@production")
    assert server not in text_of(page)
    assert page.selectbox(key="model").value == "drifting:1@production"


def test_acts_reach_a_server(server, open_page, tmp_path):
    """An acknowledgement on the page is in the server's log."""
    page = open_page(tmp_path, "alerts")
    page.text_input(key="your_name").set_value("Grace")
    next(each for each in page.button if str(each.key).startswith("do_ack")).click().run()
    assert not page.exception
    with open_store(server) as store, store.read() as connection:
        assert [each.acked_by for each in open_incidents(connection)].count("Grace") == 1


def test_a_server_can_be_backtested(server, open_page, tmp_path):
    """The history on a server is lived through under two policies."""
    assert server
    page = open_page(tmp_path, "backtest")
    page.button[0].click().run()
    assert "Both policies tell the same" in text_of(page)
