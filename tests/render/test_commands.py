"""`driftboard config`: what is written, shown, checked and imported, and what it says when it cannot."""

import http.server
import json
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from driftboard.commands.config import config
from driftboard.errors import ConfigError
from driftboard.render.written_yaml import NOTE

TOKEN = "canary-glsa-4711"  # noqa: S105 - of nobody
app = typer.Typer()
app.add_typer(config)


@app.callback()
def root():
    """As the whole command line has it."""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Where there is no driftboard.toml, and a token."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)


def run(*arguments: str):
    """Run `driftboard config ...`."""
    return CliRunner().invoke(app, ["config", *arguments])


def test_render_writes_once():
    """The first time every file is new, the second time none is touched."""
    first = run("render")
    assert first.exit_code == 0
    assert f"new      {Path('deploy/compose.yml')}" in first.output
    before = {path: path.stat().st_mtime_ns for path in Path("deploy").rglob("*") if path.is_file()}
    assert "0 of" in run("render").output
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_render_writes_what_changed_and_nothing_else():
    """One setting changes the files that it is in; what else lies in the folder stays as it is."""
    run("render")
    Path("deploy/mine.sh").write_text("echo mine\n")
    Path("driftboard.toml").write_text("[service]\nerror_rate_critical = 0.5\n")
    shown = run("render").output
    assert "changed  deploy/rules/driftboard.rules.yml" in shown
    assert "compose.yml" not in shown
    assert Path("deploy/mine.sh").read_text() == "echo mine\n"


def test_somebody_elses_file_is_not_overwritten():
    """A prometheus.yml without our line is refused by name, and nothing at all is written."""
    Path("deploy").mkdir()
    Path("deploy/prometheus.yml").write_text("global: {}\n")
    done = run("render")
    assert isinstance(done.exception, ConfigError)
    assert "prometheus.yml is not one of ours" in str(done.exception)
    assert [path.name for path in Path("deploy").iterdir()] == ["prometheus.yml"]


def test_diff_shows_what_would_change():
    """Exit code 0 where all is as configured, 1 with a unified diff where not; nothing is written."""
    run("render")
    assert (run("diff").exit_code, run("diff").output) == (0, "")
    Path("driftboard.toml").write_text('[deploy]\nscrape_interval = "30s"\n')
    done = run("diff")
    assert done.exit_code == 1
    assert "--- a/prometheus.yml\n+++ b/prometheus.yml\n" in done.output
    assert "+  scrape_interval: 30s" in done.output
    assert "15s" in Path("deploy/prometheus.yml").read_text()


def test_check_says_that_all_is_sound():
    """The defaults are sound; the exit code says so, too."""
    done = run("check")
    assert (done.exit_code, done.output.splitlines()[-1]) == (
        0,
        "The configuration and what is rendered from it are sound.",
    )


def test_check_names_what_a_tool_refuses(monkeypatch):
    """Negative control: a broken rule is promtool's own words, on one line, and exit code 1."""
    broken = f"# {NOTE}\ngroups: [{{name: a, rules: [{{alert: b, expr: 'sum('}}]}}]\n"
    monkeypatch.setattr("driftboard.render.rules.as_yaml", lambda *_, **__: broken)
    done = run("check")
    assert done.exit_code == 1
    assert "promtool refuses driftboard.rules.yml" in done.output


class Grafana(http.server.BaseHTTPRequestHandler):
    """Plays /api/dashboards/db; the status it answers is the server's attribute `status`."""

    def do_POST(self):
        """Keep what comes, answer as told."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, self.headers["Authorization"], body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", self.server.elsewhere)
        self.end_headers()
        if self.server.status == 200:
            uid = json.loads(body)["dashboard"]["uid"]
            self.wfile.write(json.dumps({"url": f"/d/{uid}/x", "status": "success"}).encode())

    def log_message(self, *_: object):
        """Say nothing."""


@contextmanager
def grafana(status=200, elsewhere=""):
    """Run one; yield its address and what it sees."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Grafana) as server:
        server.status, server.elsewhere, server.seen = status, elsewhere, []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", server.seen
        finally:
            server.shutdown()
            thread.join()


def imported(url, token="env:GRAFANA_TOKEN"):  # noqa: S107 - a reference
    """Import the dashboards."""
    return run("import-dashboards", "--url", url, "--token", token)


def test_dashboards_are_imported():
    """All four arrive, with the token as a header, to replace their former selves; a line for each says where it is."""
    with grafana() as (url, seen):
        done = imported(f"{url}/")
    assert done.exit_code == 0
    assert len(done.output.splitlines()) == 4
    assert f"driftboard: drift: {url}/d/driftboard-drift/x" in done.output
    assert {(path, key) for path, key, _ in seen} == {("/api/dashboards/db", f"Bearer {TOKEN}")}
    bodies = [json.loads(body) for _, _, body in seen]
    assert all(each["overwrite"] is True and each["dashboard"]["id"] is None for each in bodies)


@pytest.mark.parametrize(("status", "said"), [(401, "not accepted"), (404, "no Grafana"), (500, "answered 500")])
def test_a_refusal_is_one_line_a_dashboard_without_the_token(status, said):
    """What Grafana answers is said in words, the exit code is 1, and the token is nowhere."""
    with grafana(status) as (url, _):
        done = imported(url)
    assert done.exit_code == 1
    assert [said in line for line in done.output.splitlines()] == [True] * 4
    assert TOKEN not in done.output


def test_the_token_follows_no_redirect():
    """A Grafana that points elsewhere does not get the token sent there."""
    with grafana() as (other, seen), grafana(302, other) as (url, _):
        done = imported(url)
    assert done.exit_code == 1
    assert "redirects (302)" in done.output
    assert seen == []


def test_nobody_there_is_one_line():
    """A port that nobody listens on is said, without a traceback."""
    with grafana() as (url, _):
        pass
    done = imported(url)
    assert done.exit_code == 1
    assert "no answer: Connection refused" in done.output


@pytest.mark.parametrize(
    "url", ["grafana.example", "file:///etc/passwd", "http://me:secret@host", "http://h:x", "http://h/?a"]
)
def test_an_address_that_is_none_is_refused_and_not_repeated(url):
    """People put passwords into addresses: the error does not show it."""
    done = imported(url)
    assert isinstance(done.exception, ConfigError)
    assert "secret" not in str(done.exception)


def test_a_token_written_out_is_refused_and_not_repeated():
    """A token is given by reference, or it ends up in a shell's history."""
    done = imported("http://127.0.0.1:1", TOKEN)
    assert isinstance(done.exception, ConfigError)
    assert TOKEN not in str(done.exception)
