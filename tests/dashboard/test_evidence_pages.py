"""The evidence on the pages: windows, luck, estimates, budget; over reports that are made by hand."""

import pytest

from tests.dashboard.conftest import VIEWS, text_of
from tests.dashboard.hand_made import ATTACKED, CALIBRATED, CLASSIC, OLD, UNLABELLED, VALUE, build_hand_made

EVERY = (CALIBRATED, CLASSIC, VALUE, UNLABELLED, ATTACKED, OLD)


@pytest.fixture(scope="module")
def hand_made(tmp_path_factory):
    """The folder of a log with reports of every kind."""
    return build_hand_made(tmp_path_factory.mktemp("hand_made"))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("model", EVERY, ids=str)
def test_every_page_shows_every_kind_of_report(hand_made, open_page, view, model):
    """No traceback, no NaN and no None: new and old, calibrated and classic, with and without labels, and attacks."""
    page = open_page(hand_made, view, model=str(model))
    said = text_of(page)
    kinds = ("markdown", "caption", "error", "warning", "info", "metric")
    words = " ".join(f"{each.value} {getattr(each, 'delta', '')}" for kind in kinds for each in page.get(kind))
    assert "nan" not in words.replace("finance", "").lower().split()
    assert "None" not in words.replace("(None)", "").split()
    assert "could not be shown" not in said


def test_drift_says_how_sure_and_how_big(hand_made, open_page):
    """The page gives luck, window, wobble, the smallest visible shift, what n explains, and the consequence."""
    page = open_page(hand_made, "drift", model=str(CALIBRATED))
    text = text_of(page)
    for words in (
        "Harmless so far",
        "“plan” may follow",
        "1 chance in 40,000",
        "last 4 batches, 1,212 rows, since 2013-03-01",
        "PSI 0.29, of which 0.05 is expected from 200 rows",
        "smallest shift visible now: PSI 0.20",
        "Chance of luck: 1 in 40,000 (needed: 1 in 10,000)",
    ):
        assert words in text
    table = page.dataframe[0].value.set_index("Feature")
    assert table.loc["age", "Corrected PSI"] == pytest.approx(0.24)
    assert table.loc["age", "Distance"] == "KS 0.210 (moderate)"
    assert table.loc["age", "Wobble"] == pytest.approx(1.7)
    assert table.loc["sparse", "Evidence"] == "-"


def test_wobble_is_shown_only_where_there_is_any(hand_made, open_page):
    """The column is left out while every reference batch varies as luck would have it."""
    wobbling = open_page(hand_made, "drift", model=str(CALIBRATED)).dataframe[0].value
    steady = open_page(hand_made, "drift", model=str(CALIBRATED), batch="0").dataframe[0].value
    assert "Wobble" in wobbling
    assert "Wobble" not in steady


def test_relations_and_information_are_told_apart(hand_made, open_page):
    """A pair has its correlation before and now; what never pages says so."""
    page = open_page(hand_made, "drift", model=str(CALIBRATED))
    text = text_of(page)
    assert page.dataframe[1].value["r now"].tolist() == pytest.approx([0.72])
    assert "All features together" in text
    assert "Information, never a page." in text
    assert "by luck 0.900 to 1.300" in text
    assert page.dataframe[2].value["Alarm"].tolist() == ["in batch leave", "none", "none"]


def test_the_classic_policy_keeps_its_numbers(hand_made, open_page):
    """Without evidence the table shows PSI and p of the batch's own tests, and nothing of windows or budgets."""
    page = open_page(hand_made, "drift", model=str(CLASSIC))
    table = page.dataframe[0].value.set_index("Feature")
    assert table.loc["age", "PSI"] == pytest.approx(0.29)
    assert table.loc["age", "p"] == "1e-06"
    assert "Window" not in table
    assert "rejects at 0.01" in text_of(page)


def test_data_quality_says_what_is_wrong(hand_made, open_page):
    """Missing, out of range, constant, gone, unexpected and duplicates are all there, each beside the reference."""
    page = open_page(hand_made, "data_quality", model=str(CALIBRATED), feature="age")
    text = text_of(page)
    for words in ("is missing in 11 %", "“gone” is gone", "new age", "3.1 %", "Out of range over time", "Most missing"):
        assert words in text
    table = page.dataframe[0].value.set_index("Feature")
    assert table.loc["gone", "State"] == "absent"
    assert table.loc["flag", "State"] == "present, constant"
    assert table.loc["age", "Above the range"] == pytest.approx(0.04)
    assert table.loc["age", "Range"] == "18 to 140"


def test_predictions_have_intervals_and_evidence(hand_made, open_page):
    """Both the mix and the confidence say how sure, over which window."""
    text = text_of(open_page(hand_made, "predictions", model=str(CALIBRATED)))
    assert "**Class mix:** total variation 0.20 (moderate), 1 chance in 1,000,000 of that by luck" in text
    assert "**Confidence:** KS 0.03, luck explains it (p = 0.4)" in text
    assert "Wilson 95 % intervals" in text


def test_performance_shows_realised_beside_estimated(hand_made, open_page):
    """The realised figure has its interval, the estimate its band; provisional and biased labels are said."""
    page = open_page(hand_made, "performance", model=str(CALIBRATED))
    text = text_of(page)
    assert "Accuracy: 80.0 % (95 %: 73.0 % to 86.0 %)" in text
    assert "Estimated accuracy: 88.0 % (band 84.0 % to 92.0 %)" in text
    assert "mature in 2 days" in page.info[0].value
    assert "Labelled rows are not like the others" in page.warning[0].value
    for name in ("Weighted F1", "ROC-AUC", "Log loss", "Brier score"):
        assert name in text
    classes, segments = page.dataframe[0].value, page.dataframe[1].value
    assert classes.set_index("Class").loc["leave", "Recall before"] == pytest.approx(0.9)
    assert segments["95 %"].tolist() == ["55.0 % to 82.0 %", "-"]


def test_an_estimate_is_shown_before_any_label(hand_made, open_page):
    """A model without labels has its estimate instead of an empty page."""
    text = text_of(open_page(hand_made, "performance", model=str(UNLABELLED)))
    assert "Estimated accuracy: 88.0 %" in text
    assert "blind to new concepts" in text


def test_an_error_has_its_estimate(hand_made, open_page):
    """Regression: the growth of the error in words, and the estimate beside it."""
    text = text_of(open_page(hand_made, "performance", model=str(VALUE)))
    assert "error +40 %" in text
    assert "Estimated absolute error: 5.200 (band 4.800 to 5.600)" in text


def test_calibration_is_debiased_and_beside_luck(hand_made, open_page):
    """The error of the window stands beside what a calibrated model shows, and the verdict is in words."""
    text = text_of(open_page(hand_made, "calibration", model=str(CALIBRATED)))
    assert "More than luck" in text
    assert "0.050 (plain 0.060) over 1,200 labels of the last 12 batches" in text
    steady = text_of(open_page(hand_made, "calibration", model=str(CALIBRATED), batch="0"))
    assert "No more than luck" in steady


def test_the_budget_counts_batches_and_not_messages(hand_made, open_page):
    """Six models of six batches were judged this quarter; one batch was paged for, on two channels."""
    text = text_of(open_page(hand_made))
    assert "1 false page per 2,000 batches" in text
    assert "expected by luck this quarter: 0.018" in text
    assert "pages recorded in the dry run this quarter: 1" in text


def test_the_classic_policy_promises_no_budget(hand_made, open_page, monkeypatch):
    """Fixed thresholds have no false-page rate to speak of."""
    monkeypatch.setenv("DRIFTBOARD_MONITORS__POLICY", "classic")
    assert "Budget" not in text_of(open_page(hand_made))


def test_health_names_the_gravest_finding_first(hand_made, open_page):
    """A finding has its own line and a link to its page; quality and relations are monitors like the others."""
    page = open_page(hand_made)
    text = text_of(page)
    assert "What needs attention" in text
    assert text.index("moved: KS 0.21") < text.index("; and 1 more")
    assert any(link.label.startswith("Open Drift") for link in page.get("page_link"))
    assert "Data quality" in page.dataframe[0].value["Monitor"].tolist()
    assert "Relations" in page.dataframe[0].value["Monitor"].tolist()
