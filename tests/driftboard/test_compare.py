"""Champion against challenger, from the log to the terminal."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from driftboard import cli
from driftboard.comparison import compare_models
from driftboard.data import ModelKey, PredictionBatch, Store, log_predictions, open_store, register_model
from driftboard.errors import ConfigError, UnknownModel
from driftboard.monitors import Verdict

V1, V2 = ModelKey("churn", "1"), ModelKey("churn", "2")
LOG = Path("driftboard-data") / "driftboard.sqlite"


def fill(store: Store, *, right: tuple[float, float] = (0.80, 0.90), task: str = "classification") -> None:
    """Three days of 200 predictions by both; the challenger's in other batches, the labels with the champion."""
    rng = np.random.default_rng(0)
    for key in (V1, V2):
        register_model(store, key, task=task)  # type: ignore[arg-type]
    for day in range(3):
        at = datetime.now(UTC) - timedelta(days=10 * (2 - day), hours=1)
        labels = rng.integers(0, 2, 200) if task == "classification" else rng.normal(size=200)
        ids = [f"{day}-{row}" for row in range(200)]
        segments = {"land": np.where(np.arange(200) % 2, "NO", "\x1b[2J").tolist()}
        for key, share in zip((V1, V2), right, strict=True):
            wrong = rng.random(200) >= share
            predicted = np.where(wrong, 1 - labels, labels).tolist()
            batch = PredictionBatch(
                key,
                f"{key.version}, {day}",
                {},
                predicted,
                prediction_ids=ids,
                predicted_at=at,
                labels=labels.tolist() if key is V1 else None,
                segments=segments if key is V1 else {},
            )
            log_predictions(store, batch, now=at)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command in a folder with a log; return its exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    with open_store(LOG) as store:
        fill(store)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run_command_line(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_two_versions_are_compared_on_what_both_predicted(store: Store) -> None:
    """On both engines: the better one is named, overall and in each segment."""
    fill(store)
    report = compare_models(store, V1, V2)
    assert (report.verdict, report.better, report.n, report.n_labelled) == (Verdict.INFO, "challenger", 600, 600)
    assert report.names == ("churn:1", "churn:2")
    assert report.message.startswith("churn:2 is better: accuracy ")
    assert {(each.segment, each.level) for each in report.segments} == {("land", "NO"), ("land", "\x1b[2J")}
    back = compare_models(store, V2, V1)
    assert (back.better, back.n_labelled) == ("champion", 600)


def test_a_regression_is_compared_by_its_errors(store: Store) -> None:
    """The measure follows the task."""
    fill(store, task="regression")
    report = compare_models(store, V1, V2)
    assert (report.measure, report.better, report.macro_f1) == ("mean absolute error", "challenger", None)


def test_the_environment_is_named_where_it_differs(store: Store) -> None:
    """Otherwise both would be called the same."""
    staging = ModelKey("churn", "1", "staging")
    register_model(store, V1)
    register_model(store, staging)
    report = compare_models(store, V1, staging)
    assert report.verdict is Verdict.NO_DATA
    assert report.names == ("churn:1@production", "churn:1@staging")


def test_what_is_not_there_is_refused(store: Store) -> None:
    """A model that was never registered; a segment that nobody logged."""
    fill(store)
    with pytest.raises(UnknownModel, match="no model churn:9"):
        compare_models(store, V1, ModelKey("churn", "9"))
    with pytest.raises(ConfigError, match="segment or feature 'town'"):
        compare_models(store, V1, V2, segments=["town"])


def test_the_command_prints_the_sentence_and_a_table(run: Any) -> None:
    """One line a segment; a name that would clear the terminal is shown, not obeyed."""
    code, out, err = run("compare", "churn:1", "churn:2", "--segment", "land")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0].startswith("churn:2 is better: accuracy ")
    assert lines[2].split() == ["labelled", "churn:1", "churn:2", "difference", "(95", "%", "interval)", "better"]
    assert [line.split()[0] for line in lines[3:5]] == ["accuracy", "macro"]
    assert {line.split()[1] for line in lines[5:]} == {"NO", "\\x1b[2J"}
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("option", "labelled"),
    [("--since=5d", "200"), ("--since=15d", "400"), ("--since=2001-01-01", "600"), ("--batches=1", "200")],
)
def test_the_command_reads_a_part_of_the_log(run: Any, option: str, labelled: str) -> None:
    """By age, by date, or by number of batches."""
    code, out, _ = run("compare", "churn:1", "churn:2", option)
    assert code == 0
    assert f"the same {labelled} labelled predictions" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("churn:1", "churn:1"), "cannot be compared with itself"),
        (("churn:1", "churn:7"), "no model churn:7"),
        (("churn:1", "churn:2", "--since", "soon"), "'soon' is no point in time"),
        (("churn:1", "churn:2", "--segment", "town"), "segment or feature 'town'"),
    ],
)
def test_what_goes_wrong_is_one_line(run: Any, arguments: tuple[str, ...], words: str) -> None:
    """And exit code 2."""
    code, out, err = run("compare", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_no_labels_are_said_without_a_table(tmp_path: Path, run: Any) -> None:
    """Nothing to tabulate."""
    with open_store(tmp_path / LOG) as store:
        for key in (ModelKey("new", "1"), ModelKey("new", "2")):
            register_model(store, key)
            log_predictions(store, PredictionBatch(key, "d", {}, ["a"], prediction_ids=["x"]))
    code, out, _ = run("compare", "new:1", "new:2")
    assert code == 0
    assert out == "new:1 and new:2 have 1 prediction in common, none of them with a label yet.\n"
