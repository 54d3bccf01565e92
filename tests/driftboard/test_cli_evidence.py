"""`driftboard alerts evidence` and `verify`, from the command line."""

from pathlib import Path

import pytest

from driftboard.cli import FAILED, run_command_line
from driftboard.data import open_store
from tests.alerts.judged_log import make_incident, make_template


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of a judged log with one incident."""
    template = make_template(tmp_path)
    with open_store(template) as store, store.write() as connection:
        make_incident(connection)
    file = tmp_path / "driftboard.toml"
    monitors = "multivariate = false\nsequential = false"
    store_section = f'data_dir = "{tmp_path}"\ndatabase = "{template.name}"'
    file.write_text(f"[store]\n{store_section}\n[monitors]\n{monitors}\n", encoding="utf-8")
    return file


def test_evidence_is_written_and_verified(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two files; then every way of naming them passes, one line a check, and a changed file does not."""

    def driftboard(*arguments: str) -> tuple[int, str]:
        code = run_command_line(["--config", str(config), "alerts", *arguments])
        out = capsys.readouterr()
        return code, out.out + out.err

    folder = tmp_path / "out"
    code, said = driftboard("evidence", "1", "--output", str(folder))
    file = folder / "incident-1.json"
    assert (code, said.startswith(f"{file} and incident-1.html, record 1, digest ")) == (0, True)
    assert {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()} == {
        "incident-1.json": 0o600,
        "incident-1.html": 0o600,
    }
    for named, lines in ((str(file), 7), ("1", 6), ("--all", 6)):
        code, said = driftboard("verify", named)
        assert (code, len(said.splitlines())) == (0, lines), said
        assert {line.split()[0] for line in said.splitlines()} == {"ok"}
    file.write_text(file.read_text(encoding="utf-8").replace('"critical"', '"harmless"', 1), encoding="utf-8")
    code, said = driftboard("verify", str(file))
    assert code == 1
    assert "FAILED  file: incident-1.json was changed after it was written" in said


def test_mistakes_are_one_line(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown incident, a file that is there, no evidence yet, nothing named: what to do, and no traceback."""
    (tmp_path / "incident-1.html").write_text("mine")
    for arguments, line in (
        (["evidence", "99"], "no incident 99"),
        (["evidence", "1", "--output", str(tmp_path)], "is there already: name another --output"),
        (["verify", "1"], "no evidence of incident 1 was recorded"),
        (["verify"], "name an evidence file, the number of an incident, or --all"),
        (["verify", str(config)], "this is no evidence file"),
        (["evidence", "1", "--output", str(config / "inside")], "cannot write"),
    ):
        assert run_command_line(["--config", str(config), "alerts", *arguments]) == FAILED
        said = capsys.readouterr().err
        assert line in said
        assert said.count("\n") == 1
    assert (tmp_path / "incident-1.html").read_text() == "mine"
