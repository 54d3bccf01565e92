"""The four synthetic streams."""

import numpy as np
import pytest

from driftboard.config import load_settings
from driftboard.data import ModelKey, get_model, list_batches, open_store
from driftboard.data.reports import newest_reports
from driftboard.demo.replay import demo_settings, replay_scenarios
from driftboard.demo.synthetic import PRIORS, SCENARIOS, SHIFTED_PRIORS, draw_stream, priors_at, shift_at
from driftboard.monitors import report_from_json

pytestmark = pytest.mark.xdist_group("scenarios")  # what its fixtures make is made once

MONITORS = ("feature", "relations", "quality", "prediction", "performance")


def replayed(folder, policy):
    """Every report of the four scenarios: scenario to monitor to reports, in order of batch."""
    settings = load_settings(monitors={"policy": policy, "multivariate": False, "sequential": False})
    with open_store(folder / "log.sqlite") as store:
        replay_scenarios(store, demo_settings(settings), report=lambda *_: None)
        with store.read() as connection:
            return {
                name: {
                    monitor: [
                        report_from_json(monitor, each.payload)
                        for each in newest_reports(connection, get_model(connection, ModelKey(name)), monitor)
                    ]
                    for monitor in MONITORS
                }
                for name in SCENARIOS
            }


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Under the classic policy: the tutorial's limits."""
    return replayed(tmp_path_factory.mktemp("classic"), "classic")


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    """Under the calibrated policy, as the demo shows them."""
    return replayed(tmp_path_factory.mktemp("calibrated"), "calibrated")


def first(values):
    """Position of the first true value."""
    return next((position for position, value in enumerate(values) if value), None)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_stream_is_deterministic_in_name_and_seed(name):
    """The same name and seed give the same numbers, another seed gives others."""
    once, again, other = draw_stream(name)[1][7], draw_stream(name)[1][7], draw_stream(name, seed=1)[1][7]
    assert np.array_equal(once.features, again.features)
    assert not np.array_equal(once.features, other.features)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_stream_has_the_sizes_of_the_tutorial(name):
    """1,000 rows of reference, 15 batches of 200, five features, three classes, scores that add up to one."""
    reference, batches = draw_stream(name)
    assert len(reference.labels) == 1_000
    assert [len(batch.labels) for batch in batches] == [200] * 15
    assert reference.features.shape == (1_000, 5)
    assert set(reference.labels) == {0, 1, 2}
    assert np.allclose(reference.scores.sum(axis=1), 1.0)


def test_the_streams_share_their_reference():
    """All scenarios begin from the same reference and the same batches before anything changes."""
    streams = [draw_stream(name) for name in SCENARIOS]
    for reference, batches in streams[1:]:
        assert np.array_equal(reference.features, streams[0][0].features)
        assert np.array_equal(batches[4].features, streams[0][1][4].features)


def test_the_model_knows_the_unshifted_means_only():
    """The model is right before the shift and wrong for a part of the rows after it, as in the tutorial."""
    _, batches = draw_stream("abrupt")
    accuracy = [float((batch.predicted == batch.labels).mean()) for batch in batches]
    assert min(accuracy[:5]) == 1.0
    assert 0.8 < np.mean(accuracy[5:]) < 0.95


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("stable", [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        ("abrupt", [0.0, 0.0, 2.0, 2.0, 2.0, 2.0]),
        ("gradual", [0.0, 0.0, 0.4, 0.8, 2.0, 2.0]),
        ("label_shift", [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_the_class_means_move_as_the_scenario_says(name, expected):
    """Nothing, a step at batch 5, a ramp over batches 4 to 9, nothing."""
    assert [shift_at(name, batch) for batch in (0, 4, 5, 6, 9, 14)] == pytest.approx(expected)


def test_only_label_shift_changes_the_priors():
    """The class mix is moved from batch 5 on in one scenario and in no other."""
    assert {name: priors_at(name, 5) for name in SCENARIOS} == {
        "stable": PRIORS,
        "abrupt": PRIORS,
        "gradual": PRIORS,
        "label_shift": SHIFTED_PRIORS,
    }


@pytest.mark.parametrize(("name", "batch"), [("stable", None), ("abrupt", 5), ("gradual", 9), ("label_shift", 5)])
def test_the_class_mix_is_caught_when_it_changes(reports, name, batch):
    """The chi-square test on the predictions fires first at batch 5, for the ramp at 9, and never when stable."""
    assert first(each.chi_square.rejects for each in reports[name]["prediction"]) == batch


def test_nothing_is_critical_on_the_stable_stream(reports):
    """No monitor finds anything critical where nothing changes."""
    assert not [each for of_monitor in reports["stable"].values() for each in of_monitor if each.verdict == "critical"]


def test_the_stable_stream_shows_the_noise_of_psi_as_in_the_tutorial(reports):
    """PSI passes 0.10 in 5 of the 15 stable batches and 0.20 in none: the tutorial's own figures."""
    highest = [max(feature.psi for feature in each.features) for each in reports["stable"]["feature"]]
    assert sum(value >= 0.10 for value in highest) == 5
    assert max(highest) < 0.20


def test_the_abrupt_shift_is_decay_too(reports):
    """Labels confirm the shift: accuracy decays from batch 5 on, and only there."""
    verdicts = [each.verdict for each in reports["abrupt"]["performance"]]
    assert verdicts == ["ok"] * 5 + ["critical"] * 10


@pytest.mark.parametrize(("name", "page"), [("stable", None), ("abrupt", 5), ("gradual", 6), ("label_shift", 5)])
def test_the_calibrated_policy_pages_at_once_and_never_when_stable(calibrated, name, page):
    """The first page: with the batch that changed, on the ramp one batch after it began; the stable stream has none."""
    of_batch = zip(*(calibrated[name][monitor] for monitor in MONITORS), strict=True)
    assert first(any(each.verdict == "critical" for each in of_monitor) for of_monitor in of_batch) == page


def test_nothing_is_even_a_warning_on_the_stable_stream(calibrated):
    """Where fixed limits warn five times."""
    assert {each.verdict for each in calibrated["stable"]["feature"]} == {"ok"}


def test_the_shift_is_named_with_its_numbers(calibrated):
    """A finding for each feature that moved, in words that tell how sure and how big."""
    report = calibrated["abrupt"]["feature"][5]
    paged = {finding.subject for finding in report.findings if finding.verdict == "critical"}
    assert paged == {"x0", "x1", "x2", "x3", "x4"}
    assert all("by luck" in finding.text or "1 chance in" in finding.text for finding in report.findings)


def test_label_shift_leaves_accuracy_alone(reports):
    """The case that only the predictions' monitor sees: every label is right."""
    assert {each.accuracy for each in reports["label_shift"]["performance"]} == {1.0}


def test_every_batch_is_logged_under_its_number(store):
    """Batches are called "0" to "14" and fully labelled."""
    replay_scenarios(store, demo_settings(load_settings()), report=lambda *_: None)
    with store.read() as connection:
        batches = list_batches(connection, get_model(connection, ModelKey("gradual")))
    assert [batch.batch_id for batch in batches] == [str(number) for number in range(15)]
    assert {(batch.n_predictions, batch.n_labels) for batch in batches} == {(200, 200)}
