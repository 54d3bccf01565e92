"""The contestants are asked fairly: every batch in order, up to the first page after the change."""

import pytest

from benchmarks import contestants, detection
from benchmarks.contestants import Task, judge, perform, rejection_budgets
from benchmarks.streams import draw_stream
from driftboard.monitors import CalibratedPolicy, Sample


def test_a_stream_is_left_at_the_first_page_after_its_change():
    """Pages before the change do not end the run, the first after it does."""
    stream = draw_stream("mean05", 0)
    asked: list[Sample] = []

    def pages(batch: Sample) -> bool:
        asked.append(batch)
        return len(asked) in {2, 14, 15}

    found = judge("made", stream, pages)
    assert (found.before, found.first, found.delay, len(asked)) == (1, 13, 3.0, 14)


@pytest.mark.parametrize("name", ["driftboard", "tutorial"])
def test_both_contestants_page_on_a_plain_shift(name: str):
    """Half a standard deviation on one feature is paged within two batches of the change."""
    assert perform(Task(name, "mean05", 1)).delay <= 1


def test_evidence_alone_rejects_no_more_often_than_its_budget():
    """A budget of 0.1 rejects about a tenth of the stable batches at most, a shift is rejected at the usual one."""
    stable = [budget for seed in range(4) for budget in rejection_budgets(Task("", "plain", seed, batches=25))]
    assert len(stable) == 100
    assert sum(budget <= 0.1 for budget in stable) <= 16
    drifting = rejection_budgets(Task("", "mean05", 0, batches=12))
    assert drifting[10] < CalibratedPolicy().alpha < drifting[0]


def test_the_command_prints_tables_and_writes_figures(tmp_path, monkeypatch: pytest.MonkeyPatch, capsys):
    """The figures of each contestant are false pages, delays and misses by stream; a median without a page is null."""
    target = tmp_path / "figures.json"
    options = ["--seeds", "1", "--stable", "0", "--streams", "newcat", "catshift_null", "--json", str(target)]
    monkeypatch.setattr("sys.argv", ["detection", *options])
    monkeypatch.setattr(detection, "CONTESTANTS", {"driftboard": contestants.driftboard})
    detection.main()
    printed = capsys.readouterr().out
    assert "median delay in batches" in printed
    assert "false pages per 1,000" in printed
    figures = detection.json.loads(target.read_text())
    assert figures["driftboard"]["delay"] == {"newcat": 0.0}
    assert figures["driftboard"]["missed"] == {"newcat": 0.0}
    assert figures["driftboard"]["stable_batches"] == 60
    assert figures["frouros"]["delay"]["concept10"] is None
