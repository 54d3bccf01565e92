"""The commands that keep a log in order, as a user types them; and their page in the documentation."""

import json
import re
import shlex
import sqlite3
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from driftboard import cli
from driftboard.config import load_settings
from driftboard.data import ModelKey, Store, log_predictions, open_store, register_model
from driftboard.errors import ConfigError
from driftboard.written_times import parse_age, parse_instant
from tests.data.batches import make_batch, read

KEY = ModelKey("churn")
PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
LOG = Path("driftboard-data") / "driftboard.sqlite"
COMMANDS = ("compare", "doctor", "backup", "restore", "purge", "delete", "export", "import")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command; return its exit code, output and errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.run_command_line([str(each) for each in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def log() -> Path:
    """A log with a reference, a batch of today and one of a year ago."""
    with open_store(LOG) as store:
        register_model(store, KEY, reference=make_batch(KEY, 50, batch_id="reference"))
        fill(store, "today", datetime.now(UTC))
        fill(store, "last year", datetime.now(UTC) - timedelta(days=365))
    return LOG


def fill(store: Store, batch_id: str, at: datetime) -> None:
    """Six labelled predictions."""
    ids = [f"{batch_id}-{row}" for row in range(6)]
    labels = ["stay"] * 6
    batch = make_batch(KEY, batch_id=batch_id, prediction_ids=ids, predicted_at=at, labels=labels)
    log_predictions(store, batch, now=at)


@pytest.mark.usefixtures("log")
def test_doctor_says_each_check_and_its_exit_code(run: Any) -> None:
    """0, 1 and 2; the batch of last year was never judged."""
    code, out, _ = run("doctor")
    assert code == 1
    assert re.search(
        r"^batches due +warning +2, some for more than an hour\n +-> run `driftboard run", out, re.MULTILINE
    )
    run("run")
    assert run("doctor", "--deep")[0] in (0, 1)  # the machine's own disk may be full
    with sqlite3.connect(LOG) as connection:
        connection.execute("UPDATE blocks SET payload = x'00' WHERE block_id = 1")
    connection.close()
    code, out, err = run("doctor", "--deep")
    assert (code, err) == (2, "")
    assert "contents         critical  batch 'today' of churn:1@production, block 1" in out


@pytest.mark.usefixtures("log")
def test_doctor_speaks_json(run: Any) -> None:
    """One object: the worst state, and every check."""
    code, out, _ = run("doctor", "--json")
    found = json.loads(out)
    assert (code, found["state"]) == (1, "warning")
    assert {"name", "state", "finding", "advice"} == set(found["checks"][0])


def test_doctor_of_nothing(run: Any) -> None:
    """A finding like any other."""
    code, out, err = run("doctor")
    assert (code, err) == (2, "")
    assert "no database at" in out
    assert not LOG.exists()


def test_backup_and_restore(run: Any, log: Path) -> None:
    """The way there and back; a wrong file is one line."""
    code, out, _ = run("backup", "backup.sqlite")
    assert code == 0
    assert re.search(r"backup.sqlite: .* 12 predictions, verified\nSHA-256 [0-9a-f]{64}\n", out)
    assert run("backup", "backup.sqlite")[2] == "error: backup.sqlite exists: choose another name, or --force\n"
    assert run("backup", "backup.sqlite", "--force")[0] == 0
    Path("diary.txt").write_text("dear diary")
    assert run("restore", "diary.txt")[0] == 2
    assert run("restore", "nowhere.sqlite")[0] == 2
    run("delete", "--model", "churn", "--prediction-id", "today-0")
    code, out, _ = run("restore", "backup.sqlite")
    assert code == 0
    assert "The database that was there is now" in out
    with open_store(log) as store:
        assert len(read(store, KEY, "today")) == 6


def test_purge_by_age_and_by_configuration(run: Any, log: Path) -> None:
    """Nothing is purged that nobody said the age of."""
    assert "give --older-than 90d, or configure [retention]" in run("purge")[2]
    assert run("purge", "--older-than", "soon")[0] == 2
    said = "churn:1@production, older than {}: 1 batch with 6 predictions, 0 rows set aside, 0 waiting labels"
    assert run("purge", "--older-than", "90d", "--dry-run")[1] == said.format("90d") + " would go\n"
    Path("driftboard.toml").write_text('[retention]\nmodels = { churn = "52w" }\n')
    assert run("purge")[1] == said.format("52w") + "\n"
    assert run("purge", "--vacuum")[1].startswith("churn:1@production, older than 52w: 0 batches")
    with open_store(log) as store:
        assert len(read(store, KEY, "today")) == 6
    assert run("run")[0] == 0


@pytest.mark.usefixtures("log")
def test_delete_tells_what_went(run: Any) -> None:
    """And what was never there."""
    code, out, _ = run("delete", "--model", "churn", "--prediction-id", "today-0", "--prediction-id", "nobody")
    assert (code, out) == (0, "1 prediction and 1 label deleted\nnobody: the log holds nothing of it\n")
    assert run("delete", "--model", "churn", "--prediction-id", "today-0", "--no-rewrite")[0] == 0
    assert "no model nobody:1@production" in run("delete", "--model", "nobody", "--prediction-id", "x")[2]


def test_export_and_import(run: Any, log: Path) -> None:
    """A file and a folder; into the log they came from, and into another model."""
    assert run("export", "out.parquet", "--model", "churn")[1] == "12 predictions of 2 batches in 1 file\n"
    assert run("export", "out/", "--model", "churn", "--since", "2025-01-01")[0] == 0
    assert run("export", "out.parquet", "--model", "churn")[0] == 2
    assert run("export", "x.parquet", "--model", "churn", "--as-of", "then")[0] == 2
    code, out, _ = run("import", "out.parquet", "--model", "churn")
    assert (code, out) == (0, "0 predictions and 0 labels imported\n12 were in the log already\n")
    assert run("import", "out.parquet", "--model", "copy")[1] == "12 predictions and 12 labels imported\n"
    Path("empty").mkdir()
    assert "has no .parquet files" in run("import", "empty", "--model", "copy")[2]
    with open_store(log) as store:
        assert len(read(store, ModelKey("copy"), "today")) == 6


def test_the_log_command_honours_privacy(run: Any, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the configuration; the salt is given by reference."""
    Path("rows.csv").write_text("prediction_id,predicted,name,customer\na,stay,Zaphod Beeblebrox,Ford Prefect\n")
    Path("driftboard.toml").write_text('[privacy]\ndrop = ["name"]\nhash = ["customer"]\nsalt = "env:PEPPER"\n')
    assert "PEPPER is not set" in run("log", "rows.csv", "--model", "churn", "--batch", "b")[2]
    monkeypatch.setenv("PEPPER", "secret")
    assert run("log", "rows.csv", "--model", "churn", "--batch", "b")[0] == 0
    on_disk = b"".join(file.read_bytes() for file in log.parent.iterdir())
    assert b"Zaphod" not in on_disk
    assert b"Prefect" not in on_disk
    with open_store(log) as store:
        assert set(read(store, KEY, "b").features) == {"customer"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_names_the_command(run: Any, command: str) -> None:
    """With an example; its help begins with the command and has examples of its own."""
    assert re.search(rf"^driftboard {command} ", PAGE.read_text(), re.MULTILINE)
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"driftboard {command}" in out
    assert "Examples:" in out


def test_the_page_shows_options_that_exist(run: Any) -> None:
    """Every option of every example is in the help of its command."""
    examples = re.findall(r"^driftboard (\w+) ([^#\n]*)", PAGE.read_text(), re.MULTILINE)
    assert len(examples) > 10
    for command, arguments in examples:
        text = run(command, "--help")[1]
        for word in shlex.split(arguments):
            assert not word.startswith("--") or word in text, f"{command} {word}"


def test_the_page_shows_settings_that_exist(folder: Path) -> None:
    """Its TOML is read as it stands."""
    file = folder / "driftboard.toml"
    file.write_text("".join(re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)))
    settings = load_settings(file)
    assert tomllib.loads(file.read_text())["retention"]["default"] == settings.retention.default == "52w"
    assert settings.privacy.truncate == {"postcode": 2}


@pytest.mark.parametrize("text", ["", "90", "d", "-3d", "0d", "1y", "1.5h"])
def test_what_is_no_length_of_time(text: str, folder: Path) -> None:
    """Neither on the command line nor in the configuration."""
    with pytest.raises(ConfigError, match="is no length of time: write 90d, 12h or 52w"):
        parse_age(text)
    (folder / "driftboard.toml").write_text(f"[retention]\ndefault = '{text}'\n")
    with pytest.raises(ConfigError, match=r"setting retention\.default: .* is no length of time"):
        load_settings()


def test_points_in_time() -> None:
    """UTC where no zone is named."""
    noon = datetime(2025, 11, 3, 12, tzinfo=UTC)
    for text in ("2025-11-03T12:00", "2025-11-03T12:00:00Z", "2025-11-03T13:00+01:00"):
        assert parse_instant(text) == noon
    with pytest.raises(ConfigError, match="is no point in time"):
        parse_instant("yesterday")


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_a_server_has_its_own_tools(run: Any, command: str, tool: str) -> None:
    """One line that names them; nothing is connected to."""
    Path("driftboard.toml").write_text('[store]\nurl = "postgresql://me@127.0.0.1:1/log"\n')
    code, _, err = run(command, "file")
    assert (code, err) == (2, f"error: the log is on a PostgreSQL server: use {tool}\n")
