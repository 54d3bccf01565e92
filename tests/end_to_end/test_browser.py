"""One journey in a real Chromium: from Health to the drifted feature, with names that are attacks along the way."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from driftboard.dashboard.options import THEME_FILE, streamlit_options
from tests.dashboard.conftest import VIEWS
from tests.dashboard.worlds import DRIFTING, HOSTILE, HOSTILE_BATCH, IMAGE, build_hostile_world, build_world

CHROMIUM = Path(os.environ.get("DRIFTBOARD_CHROMIUM", "/usr/bin/chromium"))
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
START_SECONDS = 40
_LEADS_AWAY = """
() => [...document.querySelectorAll('[src], [href]')]
    .map(each => new URL(each.src || each.href.baseVal || each.href, location.href))
    .filter(url => url.protocol === 'javascript:' || (url.protocol.startsWith('http') && url.host !== location.host))
    .map(url => url.href)
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the dashboard of a small log listens; stopped at the end."""
    folder = tmp_path_factory.mktemp("browser")
    build_world(folder)
    build_hostile_world(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = str(THEME_FILE.with_name("app.py"))
    server = ("--server.headless", "true", "--server.address", "127.0.0.1", "--server.port", str(port))
    command = [sys.executable, "-m", "streamlit", "run", app, *streamlit_options(), *server]
    environment = {**os.environ, "DRIFTBOARD_STORE__DATA_DIR": str(folder)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture
def browser_page():
    """A page of a fresh browser that keeps a list of the hosts it asked."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        page.set_default_timeout(20_000)
        page.asked = set()
        page.on("request", lambda request: page.asked.add(urlsplit(request.url).hostname))
        page.on("dialog", lambda dialog: pytest.fail(f"a script opened a dialog: {dialog.message}"))
        yield page
        browser.close()


def test_from_health_to_the_drifted_feature(address, browser_page):
    """Health names the drifted model; one click shows its features, another one feature, which other pages keep."""
    page = browser_page
    page.goto(address)
    _settle(page)
    assert page.get_by_text("models need attention").is_visible()
    page.get_by_role("link", name=str(DRIFTING)).first.click()
    page.get_by_role("heading", name="Drift", exact=True).wait_for()
    _settle(page)
    assert page.get_by_role("heading", name="PSI of every feature, batch by batch").is_visible()
    page.get_by_role("combobox", name="Feature").click()
    page.get_by_role("option", name="age").click()
    page.get_by_role("heading", name="Feature age").wait_for()
    _settle(page)
    assert page.get_by_text("“age” moved").first.is_visible()
    assert "feature=age" in page.url
    assert f"model={DRIFTING.name}" in page.url
    page.get_by_role("link", name="Performance").first.click()
    page.get_by_role("heading", name="Performance", exact=True).wait_for()
    _settle(page)
    assert f"model={DRIFTING.name}" in page.url
    page.get_by_role("link", name="Data quality").first.click()
    page.get_by_role("heading", name="Data quality", exact=True).wait_for()
    _settle(page)
    assert page.get_by_role("heading", name="Feature age").is_visible()
    assert _strangers(page) == set()


@pytest.mark.slow
def test_hostile_names_run_nothing_and_ask_nobody(address, browser_page):
    """On every page, names that are images, scripts and links are text: no request leaves, no script runs."""
    page = browser_page
    query = urlencode({"model": str(HOSTILE), "batch": HOSTILE_BATCH, "feature": IMAGE})
    for view in VIEWS:
        page.goto(f"{address}/{'' if view == 'health' else view}?{query}")
        _settle(page)
        assert page.locator('[data-testid="stException"]').count() == 0
        assert page.title() == "driftboard"
        assert page.evaluate(_LEADS_AWAY) == []
    assert _strangers(page) == set()


def _strangers(page) -> set[str]:
    return {host for host in page.asked if host not in {"127.0.0.1", None, ""}}


def _settle(page) -> None:
    """Wait until the script has run and its charts are drawn."""
    still = '[data-testid="stApp"][data-test-script-state="notRunning"]'
    page.wait_for_selector(still)
    page.wait_for_timeout(400)
    page.wait_for_selector(still)


def _wait_for(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "streamlit ended before it answered"
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own address
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    pytest.fail("streamlit did not answer")
