"""The command line: what each command does, and one line for whatever goes wrong."""

import csv
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import tomllib
import urllib.request
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from driftboard import cli, serve_dashboard
from driftboard.channel_settings import EmailSettings
from driftboard.commands.commented_toml import commented_toml
from driftboard.config import Settings, load_settings
from driftboard.data import ModelKey, find_batch, get_model, load_reference, open_store, read_batch
from driftboard.demo.progress import PlainLines
from driftboard.errors import ConfigError

MODEL = ModelKey("churn")
EXAMPLES = "Examples:"
ANYWHERE = "0.0.0.0"  # noqa: S104 - what must be refused
COMMANDS = ("demo", "init", "log", "backfill", "run", "dashboard")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty current folder, and no configuration from outside."""
    for name in list(os.environ):
        if name.startswith("DRIFTBOARD_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    """Run a command; return its exit code, output and errors."""

    def run(*arguments: object):
        code = cli.run_command_line([str(each) for each in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def refused(run):
    """Run a command that must fail in one line; return the line."""

    def refused(*arguments: object):
        code, _, err = run(*arguments)
        assert code == 2
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        return err

    return refused


def rows(n, *, seed=0, prefix="p"):
    """Return n predictions as a file's columns."""
    rng = np.random.default_rng(seed)
    stay = rng.random(n)
    return {
        "prediction_id": [f"{prefix}{row:05d}" for row in range(n)],
        "predicted": ["stay" if each > 0.3 else "leave" for each in stay],
        "score_stay": stay.round(4).tolist(),
        "score_leave": (1 - stay).round(4).tolist(),
        "age": rng.integers(18, 90, n).tolist(),
        "spend": [None if rng.random() < 0.1 else round(float(each), 3) for each in rng.normal(50, 9, n)],
        "plan": rng.choice(["basic", "gold"], n).tolist(),
        "mobile": rng.choice(["true", "false"], n).tolist(),
    }


def write(file, columns):
    """Write columns as CSV."""
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return file


def labels_of(columns, *, wrong=0):
    """Return ids and true labels, the first `wrong` of them other than predicted."""
    other = {"stay": "leave", "leave": "stay"}
    truth = [other[each] if row < wrong else each for row, each in enumerate(columns["predicted"])]
    return {"prediction_id": columns["prediction_id"], "label": truth}


@pytest.fixture
def registered(run, folder):
    """A registered model with a labelled reference of 400 rows."""
    columns = rows(400, seed=1, prefix="r")
    file = write(folder / "reference.csv", columns | {"label": labels_of(columns, wrong=40)["label"]})
    code, out, err = run("init", "--model", "churn", "--reference", file)
    assert (code, err) == (0, "")
    return out


def logged(folder, batch="monday"):
    """Read a batch back."""
    with open_store(folder / "driftboard-data" / "driftboard.sqlite") as store, store.read() as connection:
        model = get_model(connection, MODEL)
        return read_batch(connection, model, find_batch(connection, model, batch))


# What the commands do


def test_a_log_is_begun_filled_labelled_and_judged(run, folder, registered):
    """The whole way: init with a reference, log a batch, judge it, label it, judge it again, nothing due."""
    columns = rows(200, seed=2)
    assert "400 rows, 4 features and 400 labels" in registered
    code, out, _ = run("log", write(folder / "monday.csv", columns), "--model", "churn", "--batch", "monday")
    assert (code, out) == (0, "200 predictions logged to batch monday of churn:1@production\n")
    code, out, _ = run("run")
    assert code == 0
    assert out.startswith("churn:1@production  monday  ok\n")
    assert "1 batch judged: 1 ok.\n" in out
    code, out, _ = run("backfill", write(folder / "labels.csv", labels_of(columns, wrong=120)), "--model", "churn")
    assert (code, out) == (0, "200 labels stored\n")
    code, out, _ = run("run", "--model", "churn")
    assert code == 0
    assert "performance critical; incident 1 opened: Performance decay; incident 2 opened: Recall of a class" in out
    code, out, _ = run("run")
    assert (code, out) == (0, "Nothing is due: every batch has been judged.\n")


@pytest.mark.usefixtures("registered")
def test_columns_of_a_csv_keep_their_types(run, folder):
    """Integers, numbers with missing values, text and booleans arrive as such; scores are no features."""
    columns = rows(20)
    assert run("log", write(folder / "monday.csv", columns), "--model", "churn", "--batch", "monday")[0] == 0
    features = logged(folder).features
    assert {name: str(column.type) for name, column in features.items()} == {
        "age": "int64",
        "spend": "double",
        "plan": "string",
        "mobile": "bool",
    }
    assert features["spend"].null_count == columns["spend"].count(None)


@pytest.mark.usefixtures("registered")
def test_scores_give_the_confidence(run, folder):
    """The confidence of a prediction is the score of its class, whatever the order of the columns."""
    columns = rows(20)
    run("log", write(folder / "monday.csv", columns), "--model", "churn", "--batch", "monday")
    expected = [columns[f"score_{predicted}"][row] for row, predicted in enumerate(columns["predicted"])]
    assert logged(folder).confidence.tolist() == pytest.approx(expected)


@pytest.mark.usefixtures("registered")
def test_parquet_and_csv_give_the_same_batch(run, folder):
    """The same table, written either way, is logged alike."""
    columns = rows(30)
    parquet.write_table(pa.table(columns | {"mobile": [each == "true" for each in columns["mobile"]]}), "a.parquet")
    assert run("log", "a.parquet", "--model", "churn", "--batch", "a")[0] == 0
    columns["prediction_id"] = [f"other{each}" for each in columns["prediction_id"]]
    assert run("log", write(folder / "b.csv", columns), "--model", "churn", "--batch", "b")[0] == 0
    first, second = logged(folder, "a"), logged(folder, "b")
    assert {name: column.to_pylist() for name, column in first.features.items()} == {
        name: column.to_pylist() for name, column in second.features.items()
    }
    assert first.predicted.tolist() == second.predicted.tolist()


@pytest.mark.usefixtures("registered")
def test_columns_may_be_called_anything(run, folder):
    """Every column can be named, and one that is not wanted left out."""
    columns = rows(20)
    table = {
        "key": columns["prediction_id"],
        "y_hat": columns["predicted"],
        "truth": labels_of(columns)["label"],
        "time": ["2025-11-03T08:00:00+01:00"] * 20,
        "p_stay": columns["score_stay"],
        "p_leave": columns["score_leave"],
        "sure": [0.5] * 20,
        "age": columns["age"],
        "row": list(range(20)),
    }
    named = ("--id", "key", "--predicted", "y_hat", "--label", "truth", "--at", "time", "--scores", "p_")
    file = write(folder / "monday.csv", table)
    more = ("--confidence", "sure", "--ignore", "row", "--model", "churn", "--batch", "monday")
    assert run("log", file, *named, *more)[0] == 0
    back = logged(folder)
    assert list(back.features) == ["age"]
    assert back.prediction_ids == columns["prediction_id"]
    assert set(back.confidence) == {0.5}
    assert not np.isnan(back.labels).any()
    assert back.predicted_at[0] == datetime(2025, 11, 3, 7, tzinfo=UTC).timestamp() * 1e6


@pytest.mark.usefixtures("registered")
def test_times_without_a_zone_are_placed_by_the_option(run, folder, refused):
    """A time that names no zone is refused until the zone is given."""
    file = write(folder / "monday.csv", rows(3) | {"predicted_at": ["2025-07-01 08:00:00"] * 3})
    command = ("log", file, "--model", "churn", "--batch", "monday")
    assert "no time zone" in refused(*command)
    assert "no such zone" in refused(*command, "--timezone", "Mars/Olympus")
    assert run(*command, "--timezone", "Europe/Berlin")[0] == 0
    assert logged(folder).predicted_at[0] == datetime(2025, 7, 1, 6, tzinfo=UTC).timestamp() * 1e6


@pytest.mark.usefixtures("registered")
def test_logging_a_file_twice_changes_nothing(run, folder):
    """A retry says that everything was there."""
    command = ("log", write(folder / "monday.csv", rows(20)), "--model", "churn", "--batch", "monday")
    run(*command)
    code, out, _ = run(*command)
    assert code == 0
    assert "0 predictions logged" in out
    assert "20 were in the log already" in out


@pytest.mark.usefixtures("registered")
def test_good_rows_of_a_bad_file_are_kept(run, folder):
    """A row without an id is set aside and named; its neighbours are stored."""
    columns = rows(20)
    columns["prediction_id"][3] = ""
    code, out, _ = run("log", write(folder / "monday.csv", columns), "--model", "churn", "--batch", "monday")
    assert code == 0
    assert "19 predictions logged" in out
    assert "1 rows set aside; the first is row 3: prediction_id: missing" in out


@pytest.mark.usefixtures("registered")
def test_a_file_of_bad_rows_only_is_an_error(folder, refused):
    """When nothing could be stored the exit code says so."""
    columns = rows(3) | {"prediction_id": [""] * 3}
    file = write(folder / "monday.csv", columns)
    assert "none of the 3 rows" in refused("log", file, "--model", "churn", "--batch", "monday")


@pytest.mark.usefixtures("registered")
def test_a_whole_batch_is_labelled_in_order(run, folder):
    """--batch takes as many labels as the batch has rows; an empty one stays open."""
    columns = rows(20)
    run("log", write(folder / "monday.csv", columns), "--model", "churn", "--batch", "monday")
    truth = ["", *columns["predicted"][1:]]
    code, out, _ = run("backfill", write(folder / "truth.csv", {"label": truth, "row": range(20)}), "--batch", "monday")
    assert (code, out) == (0, "19 labels stored\n")
    assert np.isnan(logged(folder).labels).tolist() == [True] + [False] * 19


@pytest.mark.usefixtures("registered")
def test_labels_may_come_before_their_predictions(run, folder):
    """A label of an unknown prediction waits, and is there when the prediction is."""
    columns = rows(5)
    code, out, _ = run("backfill", write(folder / "labels.csv", labels_of(columns)), "--model", "churn")
    assert code == 0
    assert "5 wait for their predictions" in out
    run("log", write(folder / "monday.csv", columns), "--model", "churn", "--batch", "monday")
    assert not np.isnan(logged(folder).labels).any()


def test_integer_classes_match_their_scores(run, folder):
    """Classes 0 and 1 are integers in predictions, score columns and labels alike, and ids keep their zeros."""
    table = {"prediction_id": ["007", "008"], "predicted": [0, 1], "score_0": [0.8, 0.1], "score_1": [0.2, 0.9]}
    run("init", "--model", "churn")
    assert run("log", write(folder / "monday.csv", table), "--model", "churn", "--batch", "monday")[0] == 0
    run("backfill", write(folder / "labels.csv", {"prediction_id": ["008"], "label": [1]}))
    back = logged(folder)
    assert back.classes == (0, 1)
    assert back.confidence.tolist() == [0.8, 0.9]
    assert back.prediction_ids == ["007", "008"]
    assert back.labels.tolist() == pytest.approx([np.nan, 1.0], nan_ok=True)


def test_init_writes_a_configuration_that_says_the_defaults(run):
    """The file is valid, changes nothing, and with its comment signs removed still is what the defaults are."""
    code, out, _ = run("init")
    assert code == 0
    assert "Wrote driftboard.toml" in out
    assert load_settings().model_dump() == Settings().model_dump()
    everything = tomllib.loads(re.sub(r"^# (?=\[|\w+ = )", "", commented_toml(), flags=re.MULTILINE))
    defaults = Settings().model_dump(mode="json")
    assert everything["monitors"] == defaults["monitors"]
    assert everything["store"] == defaults["store"]
    assert everything["dashboard"] == defaults["dashboard"]
    assert everything["alerts"]["dry_run"] is True
    assert set(everything["alerts"]["channels"]["email"]) == set(EmailSettings.model_fields)
    assert everything["alerts"]["escalation"] == [{"after": "...", "channels": []}]


def test_init_a_second_time_leaves_everything(run, folder):
    """Neither the configuration nor the database is touched."""
    run("init")
    (folder / "driftboard.toml").write_text("[monitors]\nmin_labels = 7\n")
    code, out, _ = run("init")
    assert code == 0
    assert "Wrote" not in out
    assert load_settings().monitors.min_labels == 7


@pytest.mark.usefixtures("registered")
def test_a_reference_is_replaced_only_when_asked(run, folder, refused):
    """A second reference needs --replace."""
    file = write(folder / "second.csv", rows(100))
    assert "--replace" in refused("init", "--model", "churn", "--reference", file)
    assert run("init", "--model", "churn", "--reference", file, "--replace")[0] == 0
    with open_store(folder / "driftboard-data" / "driftboard.sqlite") as store, store.read() as connection:
        assert len(load_reference(connection, get_model(connection, MODEL)).rows) == 100


def test_run_names_models_without_a_reference(run, folder):
    """A batch that cannot be judged is no silent success."""
    run("init", "--model", "churn")
    run("log", write(folder / "monday.csv", rows(20)), "--model", "churn", "--batch", "monday")
    code, _, err = run("run")
    assert code == 0
    assert "churn:1@production has no reference" in err


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_configuration_may_be_named_on_either_side(run, folder, place):
    """`driftboard --config FILE init` and `driftboard init --config FILE` are the same."""
    (folder / "mine.toml").write_text('[store]\ndata_dir = "elsewhere"\n')
    named = ("--config", "mine.toml")
    code, _, _ = run(*named, "init") if place == "before" else run("init", *named)
    assert code == 0
    assert (folder / "elsewhere" / "driftboard.sqlite").is_file()
    assert not (folder / "driftboard.toml").exists()


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_teaches(run, command):
    """Every help text has examples that begin with the command itself."""
    code, out, _ = run(*command, "--help")
    assert code == 0
    assert f"driftboard {' '.join(command)}" in out
    assert EXAMPLES in out or not command


def test_no_command_shows_the_help(run):
    """`driftboard` alone is a question, not a mistake."""
    code, out, _ = run()
    assert code == 0
    assert all(name in out for name in COMMANDS)


def test_the_version_is_said(run):
    """--version prints one line."""
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("driftboard ")


# What goes wrong


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("frobnicate",), "frobnicate"),
        (("log",), "FILE"),
        (("log", "x.csv", "--model", "churn"), "--batch"),
        (("run", "--interval", "often"), "--interval"),
        (("run", "--frob"), "--frob"),
        (("demo", "--port", "99999"), "--port"),
        (("--config", "none.toml", "run"), "no configuration file at none.toml"),
        (("init", "--reference", "x.csv"), "--reference needs --model"),
        (("init", "--model", "a:b:c@"), "names no model"),
        (("run", "--model", "nobody"), "no model nobody:1@production"),
        (("run", "--watch", "--model", "churn"), "leave out --model"),
        (("dashboard",), "driftboard init"),
        (("dashboard", "--host", ANYWHERE), "no log-in"),
        (("demo", "--host", "example.com"), "no log-in"),
        (("log", "none.csv", "--model", "churn", "--batch", "1"), "no file none.csv"),
        (("backfill", "none.csv"), "no file none.csv"),
    ],
)
def test_a_mistake_is_answered_in_one_line(refused, arguments, part):
    """One line that names what is wrong, and exit code 2."""
    assert part in refused(*arguments)


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.csv", b"", "cannot read"),
        ("a.parquet", b"", "cannot read"),
        ("a.parquet", b"a,b\n1,2\n", "cannot read"),
        ("a.csv", b"predicted,age\nstay,1\nstay\n", "cannot read"),
        ("a.csv", b"predicted,age,age\nstay,1,2\n", "two columns 'age'"),
        ("a.csv", b"age\n1\n", "no column 'predicted'"),
        ("a.csv", b"predicted\nst\xe4y\n", "not UTF-8"),
        ("a.txt", b"predicted\nstay\n", "neither .csv nor .parquet"),
        ("a.csv", b"predicted,score_stay\nstay,high\n", "holds no scores"),
        ("a.csv", b"predicted,predicted_at\nstay,yesterday\n", "holds no times"),
        ("a.csv", b"predicted,predicted_at\nstay,2025-01-01T00:00:00Z\nstay,\n", "row 1 has no time"),
        ("a.csv", b"predicted,score_a,score_b\n1,0.4,0.6\n", "of the class 'a'"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused(folder, refused, name, content, part):
    """Empty, torn, mislabelled or lacking: one line that names the file or the column."""
    (folder / name).write_bytes(content)
    assert part in refused("log", name, "--model", "churn", "--batch", "monday")


@pytest.mark.usefixtures("registered")
def test_a_named_column_must_be_there(folder, refused):
    """A typing mistake in a column's name is told with the names there are."""
    file = write(folder / "monday.csv", rows(3))
    line = refused("log", file, "--model", "churn", "--batch", "monday", "--label", "truht")
    assert "no column 'truht'" in line
    assert "score_stay" in line


@pytest.mark.usefixtures("registered")
def test_a_file_without_rows_is_an_empty_batch(run, folder):
    """A header alone is a batch in which nothing came: logged as such, and judged `no_data`."""
    code, out, _ = run("log", write(folder / "monday.csv", rows(0)), "--model", "churn", "--batch", "monday")
    assert code == 0
    assert out.startswith("0 predictions logged")
    assert "no_data" in run("run")[1]


def test_an_empty_file_teaches_no_classes(run, folder):
    """Without rows nothing says of what type the classes are, so the names of score columns add none."""
    run("init", "--model", "churn")
    (folder / "empty.csv").write_text("predicted,score_0,score_1\n")
    run("log", "empty.csv", "--model", "churn", "--batch", "empty")
    (folder / "monday.csv").write_text("predicted,score_0,score_1\n1,0.2,0.8\n")
    run("log", "monday.csv", "--model", "churn", "--batch", "monday")
    assert set(logged(folder).classes) == {0, 1}


def test_an_empty_reference_is_refused(folder, refused):
    """Nothing can be compared with no rows."""
    assert "no rows" in refused("init", "--model", "churn", "--reference", write(folder / "empty.csv", rows(0)))


@pytest.mark.usefixtures("registered")
def test_an_unknown_model_is_told_with_the_known_ones(folder, refused):
    """A misspelt model is not silently a new one."""
    line = refused("log", write(folder / "monday.csv", rows(3)), "--model", "chrun", "--batch", "monday")
    assert "churn:1@production" in line


@pytest.mark.usefixtures("registered")
def test_a_wrong_number_of_labels_names_both_and_the_batch(run, folder, refused):
    """19 labels for 20 predictions label nothing."""
    run("log", write(folder / "monday.csv", rows(20)), "--model", "churn", "--batch", "monday")
    line = refused("backfill", write(folder / "truth.csv", {"label": ["stay"] * 19}), "--batch", "monday")
    assert "19 labels for 20 predictions" in line
    assert "'monday'" in line
    assert np.isnan(logged(folder).labels).all()


@pytest.mark.usefixtures("registered")
def test_an_unknown_batch_is_refused(folder, refused):
    """There is nothing to label."""
    file = write(folder / "truth.csv", {"label": ["stay"]})
    assert "'sunday'" in refused("backfill", file, "--batch", "sunday", "--model", "churn")


@pytest.mark.usefixtures("registered")
def test_ids_and_a_batch_at_once_are_refused(folder, refused):
    """With ids in the file, an order could be mistaken for another: nothing is guessed."""
    file = write(folder / "truth.csv", labels_of(rows(3)))
    assert "leave out --batch" in refused("backfill", file, "--batch", "monday")


@pytest.mark.usefixtures("registered")
def test_two_labels_of_one_prediction_are_refused(folder, refused):
    """A file that contradicts itself labels nothing."""
    file = write(folder / "truth.csv", {"prediction_id": ["a", "a"], "label": ["stay", "leave"]})
    assert "two labels" in refused("backfill", file)


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("columns", "part"),
    [({"prediction_id": ["a"]}, "no column 'label'"), ({"label": ["a"]}, "no column 'prediction_id'")],
)
def test_labels_need_their_columns(folder, refused, columns, part):
    """The message names the missing column."""
    assert part in refused("backfill", write(folder / "labels.csv", columns))


def test_a_foreign_database_is_left_alone(folder, refused):
    """Another application's file is neither opened nor changed, by any command that would."""
    file = folder / "driftboard-data" / "driftboard.sqlite"
    file.parent.mkdir()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = file.read_bytes()
    for command in (("run",), ("init",), ("dashboard",)):
        assert "another application" in refused(*command)
    assert file.read_bytes() == before


def test_a_bug_is_one_line_too(monkeypatch, refused):
    """What nobody foresaw names itself and says how to see more."""

    def broken(*_args: object, **_options: object):
        raise RuntimeError("first line\nsecond line")

    monkeypatch.setattr("driftboard.commands.options.load_settings", broken)
    assert "unexpected RuntimeError: first line second line (set DRIFTBOARD_TRACEBACK=1" in refused("run")


def test_ctrl_c_is_130(monkeypatch, run):
    """An interrupted command says nothing and exits as a shell expects."""

    def interrupted(*_args: object, **_options: object):
        raise KeyboardInterrupt

    monkeypatch.setattr("driftboard.commands.options.load_settings", interrupted)
    code, _, err = run("run")
    assert code == 130
    assert "Traceback" not in err


# Serving


def test_a_port_in_use_is_named(refused):
    """Both commands that serve say which port, and what to do, before any work is done."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for command in ("demo", "dashboard"):
            line = refused(command, "--port", port, "--no-browser")
            assert f"port {port} on 127.0.0.1 is in use: choose another with --port" in line


def test_only_loopback_is_served():
    """Names and addresses of this machine pass, others do not."""
    for host in ("127.0.0.1", "localhost", "127.9.9.9"):
        serve_dashboard.check_address(host, free_port())
    for host in (ANYWHERE, "192.168.1.4", "example.com", "::"):
        with pytest.raises(ConfigError, match="no log-in"):
            serve_dashboard.check_address(host, free_port())


QUIET = {"start": "22:00", "end": "07:00", "timezone": "Europe/Berlin"}


def test_the_dashboard_sees_our_settings_and_no_secret(folder, monkeypatch):
    """The child's environment holds the effective settings, whatever configuration file lies where it runs."""
    alerts = {"channels": {"team": {"type": "slack", "webhook_url": "env:HOOK"}}, "quiet_hours": QUIET}
    monkeypatch.setenv("HOOK", "the-secret-itself")
    ours = load_settings(store={"data_dir": folder / "a"}, monitors={"min_labels": 7}, alerts=alerts)
    (folder / "driftboard.toml").write_text(
        "[alerts]\ndry_run = false\n[alerts.channels.mail]\ntype = 'email'\nhost = 'h'\n"
        "sender = 'a@example.com'\nrecipients = ['b@example.com']\n"
    )
    variables = serve_dashboard.environment(ours, "http://127.0.0.1:8600")
    monkeypatch.delenv("HOOK")
    assert "the-secret-itself" not in str({n: v for n, v in variables.items() if n.startswith("DRIFTBOARD_")})
    for name in variables:
        if name.startswith("DRIFTBOARD_"):
            monkeypatch.setenv(name, variables[name])
    theirs = load_settings()
    assert theirs.store.path == ours.store.path
    assert theirs.monitors == ours.monitors
    assert theirs.alerts == ours.alerts
    assert theirs.dashboard.base_url == "http://127.0.0.1:8600"


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_dashboard_is_served_and_stopped(folder, run, number):
    """Without a terminal: the URL is printed once the page answers, a signal ends both processes, exit code 0."""
    run("init")
    (folder / "page.py").write_text("import streamlit\nstreamlit.title('hello')\n")
    (folder / "serve.py").write_text(
        "import pathlib, sys\n"
        "from driftboard import cli, serve_dashboard\n"
        "serve_dashboard.app_file = lambda: pathlib.Path('page.py').resolve()\n"
        "sys.exit(cli.run_command_line(sys.argv[1:]))\n"
    )
    port = free_port()
    command = [sys.executable, "serve.py", "dashboard", "--port", str(port), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert f"http://127.0.0.1:{port}" in process.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=10) as page:
            assert page.status == 200
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in err
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_dashboard_that_cannot_run_is_said_in_one_line(run, refused, monkeypatch):
    """When the child dies the parent says so, with its exit code."""
    run("init")
    monkeypatch.setattr(serve_dashboard, "command", lambda *_: [sys.executable, "-c", "raise SystemExit(3)"])
    assert "stopped by itself (exit code 3)" in refused("dashboard", "--port", free_port(), "--no-browser")


# As a process


def process(*arguments: object):
    """Run `python -m driftboard`."""
    command = [sys.executable, "-m", "driftboard", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "arguments", [("log", "none.csv", "--model", "m", "--batch", "1"), ("bogus",), ("run", "--frob")]
)
def test_a_failing_process_shows_no_traceback(arguments):
    """Exit code 2, nothing on stdout, one line on stderr."""
    done = process(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_help_needs_no_heavy_library():
    """`--help` is quick because numpy, pyarrow, SciPy, scikit-learn, pandas and Streamlit are not imported."""
    code = (
        "import sys; from driftboard.cli import run_command_line; run_command_line(['--help']); "
        "heavy = {'numpy', 'pyarrow', 'scipy', 'sklearn', 'pandas', 'streamlit', 'sqlalchemy'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.usefixtures("registered")
def test_a_closed_pipe_is_no_accident(folder, run):
    """`driftboard run | head -0` ends quietly."""
    for day in range(3):
        run("log", write(folder / "day.csv", rows(60, prefix=f"d{day}")), "--model", "churn", "--batch", day)
    command = f"{sys.executable} -u -m driftboard run | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""


@pytest.mark.usefixtures("registered")
def test_watch_judges_until_it_is_stopped(folder, run):
    """`run --watch` judges what is due again and again, and ends cleanly on SIGTERM."""
    run("log", write(folder / "monday.csv", rows(60)), "--model", "churn", "--batch", "monday")
    command = [sys.executable, "-m", "driftboard", "run", "--watch", "--interval", "0.2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        seen = ""
        deadline = time.monotonic() + 30
        while "monday" not in seen and time.monotonic() < deadline:
            seen += watching.stderr.readline()
        watching.send_signal(signal.SIGTERM)
        out, err = watching.communicate(timeout=20)
    assert "churn:1@production batch monday: " in seen
    assert out.endswith("Stopped.\n")
    assert "Traceback" not in err
    assert watching.returncode == 0


def test_plain_progress_is_a_few_lines(capsys):
    """Without a terminal a long step says where it is at each quarter, not at each of its parts."""
    report = PlainLines()
    for done in range(101):
        report("Replaying", done, 100)
    assert capsys.readouterr().err.splitlines() == [
        "Replaying ...",
        "Replaying: 25 of 100",
        "Replaying: 50 of 100",
        "Replaying: 75 of 100",
        "Replaying: 100 of 100",
    ]
