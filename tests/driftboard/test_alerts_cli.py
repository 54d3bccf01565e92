"""`driftboard alerts`: incidents on the command line."""

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from driftboard import cli
from driftboard.data import ModelKey, open_store
from driftboard.monitors.verdict import Verdict
from tests.alerts.lived import Life, drift, performance, policy

LOG = Path("driftboard-data") / "driftboard.sqlite"
HOSTILE = "\x1b[2Jage\r\nCRITICAL all is well \u202e https://evil.example"
CONFIG = """
[alerts]
dry_run = true
[alerts.channels.team]
type = "slack"
webhook_url = "env:SLACK_URL"
[alerts.channels.oncall]
type = "pagerduty"
routing_key = "env:PAGER_KEY"
"""
HOUR = timedelta(hours=1)
COMMANDS = (
    *("list", "show", "explain", "ack", "snooze", "silence", "silences", "resolve", "feedback", "backtest"),
    *("test", "dispatch", "evidence", "verify"),
)


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A log of six hours: a critical drift that was told, and a warning."""
    file = tmp_path_factory.mktemp("lived") / LOG
    with open_store(file) as store:
        live(store, ModelKey("flights", "2"))
    return file.parent


@pytest.fixture(autouse=True)
def folder(lived, tmp_path, monkeypatch):
    """A folder with a configuration and that log."""
    monkeypatch.chdir(tmp_path)
    Path("driftboard.toml").write_text(CONFIG, encoding="utf-8")
    shutil.copytree(lived, LOG.parent)
    return tmp_path


def live(store, key):
    """Six hours, up to a minute ago."""
    life = Life(store, policy(), datetime.now(UTC) - 6 * HOUR, key, tick=timedelta(minutes=10))
    for hour in range(5):
        bad = {"income": Verdict.CRITICAL, HOSTILE: Verdict.CRITICAL} if hour >= 2 else {}
        decay = performance(Verdict.WARNING if hour >= 3 else Verdict.OK)
        life.judge(f"hour-{hour}", feature=drift(**bad), performance=decay)
        life.until(life.now + HOUR)


@pytest.fixture
def run(capsys):
    """Run `driftboard alerts ...`; return its exit code, output and errors."""

    def run(*arguments: object):
        code = cli.run_command_line(["alerts", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def said(run):
    """Run a command that must succeed; return its output, which no name may drive a terminal with."""

    def said(*arguments: object) -> str:
        code, out, err = run(*arguments)
        assert (code, err) == (0, "")
        assert not set(out) & {"\x1b", "\r", "\u202e", "\x00"}
        assert "://evil" not in out
        return out

    return said


@pytest.fixture
def refused(run):
    """Run a command that must fail in one line; return the line."""

    def refused(*arguments: object) -> str:
        code, _, err = run(*arguments)
        assert code == 2
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        return err

    return refused


def test_the_list_has_the_gravest_first_in_columns(said):
    """Open ones only, unless asked; one line each."""
    lines = said("list").splitlines()
    assert lines[0].split()[:4] == ["ID", "STATE", "SEVERITY", "MODEL"]
    assert lines[1].split()[:4] == ["1", "firing", "critical", "flights:2@production"]
    assert lines[2].split()[:4] == ["2", "firing", "warning", "flights:2@production"]
    assert len({line.index("flights:2") for line in lines[1:]}) == 1
    said("resolve", 1, "--by", "anna")
    assert "critical" not in said("list")
    assert "resolved by anna" in said("list", "--all")


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (("--rule", "feature_drift"), [1]),
        (("--model", "flights:2"), [1, 2]),
        (("--state", "resolved"), []),
        (("--state", "firing", "--rule", "performance_decay"), [2]),
    ],
)
def test_the_list_can_be_narrowed(said, run, filters, ids):
    """By rule, model and state; as JSON it is whole."""
    _, out, _ = run("list", *filters, "--json") if ids else (0, "[]", "")
    assert sorted(each["incident_id"] for each in json.loads(out)) == ids
    if not ids:
        assert said("list", *filters) == "There is no such incident.\n"


def test_show_says_what_where_and_since_when(said):
    """Headline, evidence, parts, links, and how to ask why."""
    out = said("show", 1)
    assert out.startswith("CRITICAL Feature drift: ")
    assert "Income moved by 0.4" in out
    assert "http://127.0.0.1:8501/alerts?incident=1" in out
    assert "driftboard alerts explain 1" in out
    assert HOSTILE not in out


def test_explain_says_who_was_told_why_and_what_comes_next(said):
    """Channel by channel; windows, changes, messages; the next reminder."""
    out = said("explain", 1)
    assert re.search(r"team: would have been told \(dry run\): fire at 2", out)
    assert "oncall: would have been told" in out
    assert "income: critical for 3 windows in a row." in out
    assert "window hour-2: the feature monitor says critical" in out
    assert "opened" in out
    assert re.search(r"reminder to (team|oncall), if nothing changes", out)
    warning = said("explain", 2)
    assert "oncall: not told: it takes critical and above (min_severity), this is warning." in warning


def test_an_act_is_done_explained_and_undone(said):
    """ack, snooze, silence: each says until when, shows in the explanation, and can be ended."""
    taken = said("ack", 1, "--for", "4h", "--by", "anna")
    assert re.fullmatch(r"Incident 1 is acknowledged by anna until .* UTC.\n", taken)
    assert "Acknowledged by anna until" in said("explain", 1)
    assert "acknowledged by anna until" in said("list")
    assert "in nobody's hands" in said("ack", 1, "--undo", "--by", "ben")
    assert "Nobody is told of incident 1 until" in said("snooze", 1, "--for", "8h", "--by", "anna")
    assert "Snoozed until" in said("explain", 1)
    assert "is told again" in said("snooze", 1, "--undo", "--by", "anna")
    made = said("silence", "rule=performance_*", "model=flights", "--for", "2d", "--comment", "release", "--by", "anna")
    assert made.startswith("Silence 1 holds until ")
    assert "Silenced until" in said("explain", 2)
    assert re.search(r"1 +holds .* anna +model=flights rule=performance_\* +release", said("silences"))
    assert "Silence 1 has ended" in said("silences", "--end", 1)
    assert said("silences") == "No silence is in force.\n"
    assert "ended" in said("silences", "--all")


def test_whoever_is_logged_in_does_it(said, monkeypatch):
    """Without --by the login name is kept."""
    monkeypatch.setenv("LOGNAME", "carla")
    assert "acknowledged by carla" in said("ack", 1)


def test_resolve_says_what_happens_next(said):
    """Another bad window opens another incident: the ways to be left alone are named."""
    out = said("resolve", 1, "--by", "anna")
    assert "next bad window opens a new one" in out
    assert "driftboard alerts snooze" in out
    assert "driftboard alerts silence rule=feature_drift" in out


def test_feedback_shows_the_precision_of_the_rule(said):
    """With its interval, which is wide while answers are few."""
    assert "feature_drift so far: 0 of 1 useful: 0 % (0 to 79 %)." in said("feedback", 1, "noise", "--by", "anna")
    assert "1 of 1 useful" in said("feedback", 1, "useful", "--by", "anna")


def test_a_backtest_says_when_who_would_have_been_called(said, run):
    """The present policy alone, side by side with a candidate, and as JSON."""
    out = said("backtest", "--since", "1d")
    assert "This policy: 2 incidents" in out
    assert re.search(r"critical +fire +oncall +1 +flights:2@production +feature_drift: ", out)
    Path("candidate.toml").write_text("[alerts.rules.feature_drift]\ncritical_windows = 9\n", encoding="utf-8")
    both = said("backtest", "--since", "1d", "--policy", "candidate.toml")
    assert "The candidate: 2 incidents, " in both
    assert "only at present" in both
    _, text, _ = run("backtest", "--since", "1d", "--policy", "candidate.toml", "--json", "--model", "flights:2")
    found = json.loads(text)
    assert found["candidate"]["pages"] == 0 < found["present"]["pages"]
    assert {each["which"] for each in found["differences"]} == {"only first", "only second"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("show", 9), "no incident 9"),
        (("show", "nine"), "'ID'"),
        (("ack", 1, "--for", "soon"), "no length of time"),
        (("list", "--rule", "feature_drit"), "did you mean feature_drift"),
        (("list", "--state", "fireing"), "did you mean firing"),
        (("silence", "everything", "--for", "2d", "--comment", "x"), "is no matcher"),
        (("silence", "model=*", "--for", "2d", "--comment", "x"), "must not match everything"),
        (("silence", "model=a", "--for", "99d", "--comment", "x"), "90 days at most"),
        (("silences", "--end", 4), "no silence 4"),
        (("feedback", 1, "meh"), "useful"),
        (("backtest", "--policy", "nowhere.toml"), "cannot read the policy nowhere.toml"),
        (("backtest", "--policy", "driftboard-data/driftboard.sqlite"), "cannot read the policy"),
        (("backtest", "--since", "once"), "no point in time"),
    ],
)
def test_what_goes_wrong_is_one_line(refused, arguments, line):
    """It names what is wrong, and what to write."""
    assert line in refused(*arguments)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_examples(command, said):
    """As the other commands do."""
    assert re.search(r"Examples?:\n +driftboard alerts", said(command, "--help"))


def test_the_group_is_in_the_overview(capsys):
    """`driftboard` alone names it."""
    assert cli.run_command_line([]) == 0
    assert "driftboard alerts list" in capsys.readouterr().out


def test_help_needs_no_libraries():
    """It is there at once: neither the database nor numpy is loaded for it."""
    code = (
        "import sys; from driftboard.cli import run_command_line as r; r(['alerts', '--help']);"
        "sys.exit(bool({'sqlalchemy', 'numpy', 'pyarrow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
