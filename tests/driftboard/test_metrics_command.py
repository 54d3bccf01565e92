"""`driftboard metrics`, as a user types it."""

from pathlib import Path

import pytest

from driftboard import cli
from driftboard.data import open_store
from tests.exporter.world import add_model, values

LOG = Path("driftboard-data") / "driftboard.sqlite"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with a log of one model."""
    monkeypatch.chdir(tmp_path)
    with open_store(LOG) as store:
        add_model(store)
    return tmp_path


def test_metrics_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed is what Prometheus would read."""
    assert cli.run_command_line(["metrics"]) == 0
    printed = capsys.readouterr().out.encode()
    assert sum(values(printed, "driftboard_predictions_total", "predicted_class").values()) == 4


def test_a_file_is_written_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The textfile collector reads it as another user; nothing is left beside it."""
    (folder / "board.prom").write_text("old\n")
    assert cli.run_command_line(["metrics", "--to", "board.prom"]) == 0
    assert capsys.readouterr().out == ""
    written = folder / "board.prom"
    assert values(written.read_bytes(), "driftboard_build_info")
    assert written.stat().st_mode & 0o777 == 0o644
    assert [each.name for each in folder.iterdir() if each.name.startswith(".")] == []


def test_a_folder_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """One line says what cannot be written."""
    assert cli.run_command_line(["metrics", "--to", "nowhere/board.prom"]) == cli.FAILED
    assert capsys.readouterr().err == "error: cannot write nowhere/board.prom: No such file or directory\n"
