"""`driftboard keys`: made, listed, revoked; the key itself is shown once and kept nowhere."""

import pytest

from driftboard.cli import run_command_line
from driftboard.data import open_store


@pytest.fixture
def keys(tmp_path, monkeypatch, capsys):
    """Run `driftboard keys ...` in a folder of its own; return the exit code, what it printed, and its errors."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str):
        code = run_command_line(["keys", *arguments])
        printed = capsys.readouterr()
        return code, printed.out.strip(), printed.err.strip()

    return run


def test_a_key_is_shown_once_and_kept_nowhere(keys, tmp_path):
    """The only line on standard output is the key; neither the list nor any byte of the log holds it."""
    code, key, _ = keys("create", "--name", "scorer", "--scope", "ingest", "--expires", "90d")
    assert (code, key.count("\n"), key.startswith("dbk_")) == (0, 0, True)
    _, listed, _ = keys("list")
    assert "scorer" in listed
    assert "active" in listed
    secret = key.split("_", 2)[2]
    assert secret not in listed
    assert not [each for each in tmp_path.rglob("*") if each.is_file() and secret.encode() in each.read_bytes()]


def test_keys_are_changed_without_a_gap(keys):
    """A second key under the name, then the first revoked; a third at once is refused."""
    first = keys("create", "--name", "scorer", "--scope", "ingest")[1]
    keys("create", "--name", "scorer", "--scope", "ingest")
    code, _, refused = keys("create", "--name", "scorer", "--scope", "ingest")
    assert code == 2
    assert "revoke one of them first" in refused
    key_id = first.split("_")[1]
    assert keys("revoke", key_id)[:2] == (0, f"Key {key_id} of scorer is revoked.")
    assert keys("revoke", key_id)[1] == f"Key {key_id} of scorer was revoked already."
    assert keys("create", "--name", "scorer", "--scope", "ingest")[0] == 0
    assert keys("list")[1].count("active") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "--name", "x", "--scope", "root"),
        ("create", "--name", "", "--scope", "read"),
        ("create", "--name", "x"),
        ("create", "--name", "x", "--scope", "read", "--expires", "soon"),
        ("revoke", "nothing"),
    ],
)
def test_what_cannot_be_done_is_one_line(keys, arguments):
    """Exit 2, and what to do."""
    keys("create", "--name", "other", "--scope", "read")
    code, out, err = keys(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert "\n" not in err


def test_a_log_without_keys_says_what_that_means(keys, tmp_path):
    """Nobody is asked, and other machines are not served."""
    open_store(tmp_path / "driftboard-data" / "driftboard.sqlite").close()
    assert "this machine only" in keys("list")[1]
