"""Every page over a log with models at different stages, and over no log at all."""

import sqlite3
from pathlib import Path

import pytest

from driftboard.data import open_store
from tests.dashboard.conftest import VIEWS, text_of
from tests.dashboard.worlds import DRIFTING, IDLE, PRICE, UNJUDGED, WAITING, build_world


def test_health_says_at_once_which_model_needs_attention(world, open_page):
    """The drifting model is named with its verdict, its page is one link away, and the idle ones are not hidden."""
    page = open_page(world)
    text = text_of(page)
    assert "of 5 models need attention" in text
    assert page.get("page_link")[0].label.startswith("**drifting")
    assert "Critical" in text
    assert "What needs attention" in text
    for key in (DRIFTING, WAITING, PRICE, UNJUDGED, IDLE):
        assert str(key) in "".join(link.label.replace("\\", "") for link in page.get("page_link"))
    assert "Not judged yet" in text


def test_batch_0_is_a_batch_like_any_other(world, open_page):
    """A monitor that fired first at batch 0 says so, one that never fired says `not yet`."""
    table = open_page(world).dataframe[0].value.set_index(["Model", "Monitor"])
    assert table.loc[(str(DRIFTING), "Features"), "First warning"] == "batch 0 (no. 1 of 6)"
    assert table.loc[(str(DRIFTING), "Features"), "First critical"] == "batch 0 (no. 1 of 6)"
    assert table.loc[(str(WAITING), "Features"), "First critical"] == "not yet"
    assert table.loc[(str(IDLE), "Features"), "First critical"] == "-"


def test_drift_explains_the_drifted_feature(world, open_page):
    """The page names the feature, its PSI with both limits, the chance of luck and the sample sizes."""
    text = text_of(open_page(world, "drift", model=str(DRIFTING), batch="2", feature="age"))
    for words in ("Feature age", "limits 0.1 and 0.2", "by luck", "120 rows against 600", "Corrected PSI"):
        assert words in text


def test_a_pasted_address_opens_the_same_view(world, open_page):
    """Model, batch, feature and window of an address are what the selectors show, and stay in the address."""
    query = {"model": str(DRIFTING), "batch": "2", "feature": "plan", "window": "30"}
    page = open_page(world, "drift", **query)
    assert {name: page.session_state[name] for name in query} == query
    assert {name: page.query_params[name] for name in query} == query


def test_the_address_always_names_the_model(world, open_page):
    """An address without a model is completed, so that it means the same when another model is registered."""
    assert open_page(world).query_params["model"] == str(DRIFTING)


def test_the_batch_is_kept_from_page_to_page(world, open_page):
    """Changing the page through the navigation keeps model and batch."""
    page = open_page(world, "drift", model=str(DRIFTING))
    page.selectbox(key="batch").set_value("3").run()
    page.query_params.clear()
    page.switch_page("views/performance.py").run()
    assert page.selectbox(key="batch").value == "3"
    assert page.query_params["batch"] == "3"


def test_an_address_of_nothing_is_answered_in_words(world, open_page):
    """An address that names a model or batch that is not there is answered with a word about it, not an error."""
    text = text_of(open_page(world, "drift", model="nobody", batch="tuesday"))
    assert "No model nobody" in text
    assert "has no batch tuesday" in text


def test_a_batch_before_the_window_can_be_opened(world, open_page, monkeypatch):
    """A batch that the window leaves out is shown with the history up to it."""
    monkeypatch.setattr("driftboard.dashboard.scope._WINDOWS", {"30": 2, "90": 2, "400": 2, "all": 2})
    text = text_of(open_page(world, "drift", model=str(DRIFTING), batch="1", feature="age"))
    assert "Batch 1" in text
    assert "Feature age" in text


def test_predictions_name_the_first_label_shift(world, open_page):
    """The class mix of the drifting model shifted first at batch 0."""
    text = text_of(open_page(world, "predictions", model=str(DRIFTING)))
    assert "First label shift: batch 0" in text
    assert "Mean confidence" in text


def test_performance_shows_the_newest_revision(world, open_page):
    """A batch that was judged again when labels arrived shows what its newest report says, and that it was."""
    page = open_page(world, "performance", model=str(DRIFTING), batch="4")
    text = text_of(page)
    assert "Judged 2 times" in text
    assert "120 of 120" in text
    accuracy = next(float(each.value.rstrip(" %")) for each in page.metric if each.label == "Accuracy")
    assert accuracy < 60


def test_performance_opens_at_the_newest_labelled_batch(world, open_page):
    """Batch 5 has no labels yet, so the page is about batch 4."""
    assert "Batch 4" in text_of(open_page(world, "performance", model=str(DRIFTING)))


@pytest.mark.parametrize("view", ["performance", "calibration"])
def test_a_model_without_labels_says_how_to_add_them(world, open_page, view):
    """Nothing can be measured without labels; the page gives the command that adds them."""
    text = text_of(open_page(world, view, model=str(WAITING)))
    assert "No labels yet" in text
    assert "driftboard backfill labels.csv --model 'waiting:1@production'" in text


def test_a_model_without_scores_has_no_confidence(world, open_page):
    """The Predictions page still shows the class mix, and says why there is no confidence."""
    text = text_of(open_page(world, "predictions", model=str(WAITING)))
    assert "Class mix" in text
    assert "gives no scores" in text


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("drift", "Feature area"),
        ("predictions", "Mean predicted"),
        ("performance", "Root mean squared error"),
        ("calibration", "Nothing to calibrate"),
    ],
)
def test_a_regression_model_has_its_own_words(world, open_page, view, words):
    """No page takes a predicted value for a class."""
    assert words in text_of(open_page(world, view, model=str(PRICE)))


def test_calibration_shows_the_diagram_and_the_error(world, open_page):
    """The selected batch has its calibration error beside the reference's, and a verdict in words."""
    text = text_of(open_page(world, "calibration", model=str(DRIFTING), batch="2"))
    for words in ("Reliability diagram", "Expected calibration error", "in the reference", "Confusion matrix"):
        assert words in text


@pytest.mark.parametrize("view", ["drift", "predictions", "performance", "calibration"])
@pytest.mark.parametrize(("model", "words"), [(IDLE, "No predictions logged"), (UNJUDGED, "No batch judged yet")])
def test_a_model_at_its_beginning_says_what_to_do(world, open_page, view, model, words):
    """A model without batches, or whose batches nobody has judged, gets the commands that help."""
    text = text_of(open_page(world, view, model=str(model)))
    assert words in text
    assert "driftboard run" in text


def test_alerts_say_in_red_that_nothing_is_sent(world, open_page):
    """The page says dry run at the top and in the sidebar; a judged log has incidents, with evidence and runbook."""
    page = open_page(world, "alerts")
    text = text_of(page)
    assert "Dry run: nothing is sent" in page.error[0].value
    assert "Dry run: nothing is sent" in "".join(each.value for each in page.sidebar.markdown)
    assert {"State", "Severity", "Rule", "Parts", "Model", "Told on"} <= set(page.dataframe[0].value.columns)
    assert "First five checks" in text
    assert any("Open the evidence" in link.label for link in page.get("page_link"))


def test_dry_run_is_not_claimed_when_alerts_are_sent(world, open_page, monkeypatch):
    """The negative control of the badge."""
    monkeypatch.setenv("DRIFTBOARD_ALERTS__DRY_RUN", "false")
    page = open_page(world, "alerts")
    assert "Dry run: nothing" not in text_of(page)


@pytest.mark.parametrize("view", VIEWS)
def test_no_log_is_one_line_and_a_command(tmp_path, open_page, view):
    """Without a database every page says where it looked and what to run, and creates nothing."""
    folder = tmp_path / "nowhere"
    page = open_page(folder, view)
    assert "no database at" in text_of(page)
    assert "driftboard init" in text_of(page)
    assert not folder.exists()


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_log_says_how_to_begin(tmp_path, open_page, view):
    """Without a model every page gives the commands that register one."""
    open_store(tmp_path / "driftboard.sqlite").close()
    text = text_of(open_page(tmp_path, view))
    assert "No model yet" in text
    assert "driftboard init --model" in text


def _foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE cookies (name TEXT)")
    connection.close()


@pytest.mark.parametrize("spoil", [_foreign, lambda path: path.write_bytes(b"no database" * 999)])
def test_a_database_that_is_not_ours_is_left_alone(tmp_path, open_page, spoil):
    """Another application's database, or a damaged file, is one line; not a byte of it changes."""
    path = tmp_path / "driftboard.sqlite"
    spoil(path)
    before = path.read_bytes()
    page = open_page(tmp_path)
    assert len(page.error) == 1
    assert "\n" not in page.error[0].value
    assert "Traceback" not in text_of(page)
    assert path.read_bytes() == before


def test_looking_changes_nothing(world, open_page):
    """The pages read: the log's bytes are the same after every page was opened."""
    path = world / "driftboard.sqlite"
    before = path.read_bytes()
    for view in VIEWS:
        text_of(open_page(world, view, model=str(DRIFTING)))
    assert path.read_bytes() == before


@pytest.fixture(scope="module")
def classic_world(tmp_path_factory):
    """The folder of the same log, judged by fixed thresholds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFTBOARD_MONITORS__POLICY", "classic")
        return build_world(tmp_path_factory.mktemp("classic")).parent


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("model", [DRIFTING, PRICE], ids=str)
def test_every_page_shows_what_the_classic_policy_says(classic_world, open_page, view, model):
    """The worker's reports without evidence have their pages too, and no NaN is shown."""
    text = text_of(open_page(classic_world, view, model=str(model)))
    assert " nan" not in text
    assert "1 chance in" not in text


def test_the_classic_policy_explains_the_drifted_feature(classic_world, open_page):
    """PSI as computed with both limits, and the answer of the batch's own test."""
    text = text_of(open_page(classic_world, "drift", model=str(DRIFTING), batch="2", feature="age"))
    for words in ("PSI: ", "limits 0.1 and 0.2", "rejects at 0.01"):
        assert words in text
