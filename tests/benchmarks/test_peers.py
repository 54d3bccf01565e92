"""The peers' cache and the files they read: nothing is lost on the way, and the versions are those pinned."""

import csv
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers import environments, verdicts
from benchmarks.peers.exchange import NEVER, write
from benchmarks.peers.runners import judging
from benchmarks.peers.speed import Speed, read, record
from benchmarks.streams import CHANGING, draw_stream

KEPT = [peer for peer in environments.NAMES if verdicts.read(peer)]


@pytest.mark.parametrize("peer", KEPT)
def test_the_kept_outcomes_cover_every_change_with_the_pinned_version(peer: str):
    """Every changing stream has been judged by the very version that the environment pins (but trivial)."""
    outcomes = verdicts.read(peer)
    assert set(CHANGING) - {each.stream for each in outcomes} <= {"trivial"}
    assert {each.version for each in outcomes} == {environments.version(peer)}
    assert any(each.change_at is None for each in outcomes)
    assert len({(each.stream, each.seed) for each in outcomes}) == len(outcomes)


def test_a_stream_reaches_a_peer_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """A runner sees the rows, gaps and level names that we drew, and stops at the first flag after the change."""
    stream = draw_stream("newcat", 2, batches=14)
    write(stream, tmp_path)
    seen = []

    def fit(reference: judging.Columns, setting: judging.Setting) -> judging.Check:
        assert setting == judging.Setting(200, frozenset({"kind"}))
        assert set(reference["kind"]) == set("abcd")
        return lambda batch: seen.append(batch) or len(seen) in {4, 12}

    monkeypatch.setattr("sys.argv", ["runner", str(tmp_path)])
    judging.judge_all(fit)
    np.testing.assert_array_equal(seen[11]["x3"], stream.draw(11).features["x3"].values)
    lines = verdicts.parsed_lines(capsys.readouterr().out)
    assert [int(line[2]) for line in lines if line[3] == "1"] == [3, 11]
    assert lines[-1][:3] == ["newcat", "2", "11"]


def test_missing_values_stay_missing(tmp_path: Path):
    """NaN goes through the file, and a stable stream says that it never changes."""
    stream = draw_stream("missing_null", 0, batches=2)
    write(stream, tmp_path)
    with np.load(tmp_path / "missing_null-0.npz") as arrays:
        assert np.isnan(arrays["reference"][0]).mean() == pytest.approx(0.01, abs=0.01)
        assert int(arrays["change_at"]) == NEVER


def test_a_newer_time_replaces_the_older(tmp_path: Path):
    """The speeds' file holds one line for each peer and task."""
    path = tmp_path / "speed.csv"
    for seconds in (2.0, 1.0):
        record(Speed("frouros", "drift", rows=10, features=2, runs=3, seconds=seconds), path)
    record(Speed("evidently", "drift", rows=10, features=2, runs=3, seconds=4.0), path)
    assert [(line["peer"], line["seconds"]) for line in read(path)] == [("evidently", "4.000"), ("frouros", "1.000")]


@pytest.mark.parametrize(("kind", "chunks"), [("cbpe", 500), ("dle", 200)])
def test_the_oracles_are_complete(kind: str, chunks: int):
    """NannyML's estimates have a finite line for every chunk of the stream that they are of."""
    with (environments.RESULTS / f"nannyml_{kind}.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [int(line["chunk"]) for line in lines] == list(range(chunks))
    assert all(np.isfinite(float(value)) for line in lines for value in line.values())


def test_an_environment_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Who has not made the environment is told how."""
    monkeypatch.setenv("DRIFTBOARD_PEERS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"python -m benchmarks\.peers\.environments frouros"):
        environments.run("frouros", "frouros")
