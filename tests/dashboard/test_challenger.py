"""Two versions side by side at the bottom of the Performance page, over logs in which both predicted the same ids."""

from datetime import timedelta

import numpy as np
import pytest

from driftboard.comparison import compare_models
from driftboard.dashboard import challenger
from driftboard.data import (
    ModelKey,
    PredictionBatch,
    Store,
    log_predictions,
    open_store,
    open_store_read_only,
    parse_model_key,
    register_model,
)
from driftboard.errors import StoreError
from tests.dashboard.conftest import text_of
from tests.dashboard.test_hostile_names import _ATTACK
from tests.dashboard.worlds import DAY_0, DRIFTING, HOSTILE, IMAGE, LATEX, LINK, ONERROR, SCRIPT, settings

SECTION = "Compare with another version"
CHURN, CHURN_2 = ModelKey("churn"), ModelKey("churn", "2")
CHURN_STAGING = ModelKey("churn", "1", "staging")
CHURN_VALUE = ModelKey("churn", "value")
PRICE, PRICE_2 = ModelKey("price"), ModelKey("price", "2")
FEW, FEW_2 = ModelKey("few"), ModelKey("few", "2")
ALIKE, ALIKE_2 = ModelKey("alike"), ModelKey("alike", "2")
TINY, TINY_2 = ModelKey("tiny"), ModelKey("tiny", "2")
NEW, NEW_2 = ModelKey("new"), ModelKey("new", "2")
ODD, ODD_2 = HOSTILE, ModelKey(HOSTILE.name, LATEX.replace(":", ""), SCRIPT)
LONELY = ModelKey("churner")
ROWS = 600


def log_both(
    store: Store,
    keys: tuple[ModelKey, ModelKey],
    *,
    task: str,
    classes: tuple[str, str] = ("a", "b"),
    rows: int = ROWS,
    unit: float = 1.0,
    errors: tuple[float, float] = (0.30, 0.15),
) -> None:
    """Let both predict the same ids, the challenger better; labels and segments come with the champion."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, rows) if task == "classification" else unit * rng.normal(100, 20, rows)
    for key, error in zip(keys, errors, strict=True):
        register_model(store, key, task=task)  # type: ignore[arg-type]
        wrong = rng.random(rows) < error
        if task == "classification":
            named = np.array(classes, dtype=object)
            predicted, labels = named[np.where(wrong, 1 - truth, truth)].tolist(), named[truth].tolist()
        else:
            predicted, labels = (truth + rng.normal(scale=100 * unit * error, size=rows)).tolist(), truth.tolist()
        batch = PredictionBatch(
            key,
            f"batch {key.version}",
            {},
            predicted,
            prediction_ids=[str(row) for row in range(rows)],
            predicted_at=DAY_0,
            labels=labels if key is keys[0] else None,
            segments={IMAGE: [ONERROR if row % 3 else LINK for row in range(rows)]} if key is keys[0] else {},
        )
        log_predictions(store, batch, now=DAY_0 + timedelta(hours=1))


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    """The folder of a log with two versions of several models."""
    folder = tmp_path_factory.mktemp("versions")
    with open_store(settings(folder).store.path) as store:
        log_both(store, (CHURN, CHURN_2), task="classification")
        log_both(store, (PRICE, PRICE_2), task="regression")
        log_both(store, (ODD, ODD_2), task="classification", classes=(SCRIPT, LINK))
        log_both(store, (FEW, FEW_2), task="classification", rows=12)
        log_both(store, (ALIKE, ALIKE_2), task="classification", errors=(0.2, 0.2))
        log_both(store, (TINY, TINY_2), task="regression", unit=1e-7)
        for key in (CHURN_STAGING, NEW, NEW_2, LONELY):
            register_model(store, key)
        register_model(store, CHURN_VALUE, task="regression")
        for key in (NEW, NEW_2):
            log_predictions(store, PredictionBatch(key, "d", {}, ["a"], prediction_ids=["x"]))
    return folder


@pytest.fixture
def compared(versions, open_page):
    """A function that opens the page of one model and chooses another to compare it with."""

    def compared(champion: ModelKey, other: ModelKey):
        page = open_page(versions, "performance", model=str(champion))
        return page.selectbox(key=f"challenger of {champion}").set_value(str(other)).run()

    return compared


def cards(page):
    """The figures of the section: label without escapes to value and note."""
    return {each.label.replace("\\", ""): (each.value, each.delta) for each in page.metric}


def test_nothing_is_compared_until_somebody_asks(versions, open_page, monkeypatch):
    """The other models of the name are offered, none is chosen, and the log is not read for it."""
    monkeypatch.setattr(challenger, "compare_models", lambda *_: pytest.fail("nobody asked"))
    page = open_page(versions, "performance", model=str(CHURN))
    assert SECTION in text_of(page)
    choice = page.selectbox(key=f"challenger of {CHURN}")
    assert choice.value is None
    assert set(choice.options) == {str(CHURN_2), str(CHURN_STAGING), str(CHURN_VALUE)}


def test_a_model_without_another_version_has_no_section(versions, open_page):
    """A longer name that begins alike is another model."""
    assert SECTION not in text_of(open_page(versions, "performance", model=str(LONELY)))


def test_a_judged_model_without_another_version_keeps_its_page(world, open_page):
    """The section adds nothing to the pages of logs with one version of each."""
    assert SECTION not in text_of(open_page(world, "performance", model=str(DRIFTING)))


def test_the_better_version_is_named_with_its_figures(versions, compared):
    """Sentence, badge, both accuracies, difference, interval, macro F1, shared labels, luck: the report's own."""
    page = compared(CHURN, CHURN_2)
    text = text_of(page)
    with open_store_read_only(settings(versions).store.path) as store:
        report = compare_models(store, CHURN, CHURN_2)
    assert report.better == "challenger"
    assert report.message in text
    assert ":blue-badge[:material/info: Info]" in "".join(each.value for each in page.markdown)
    figures, f1, found = report.figures, report.macro_f1, cards(page)
    assert found["Accuracy, churn:1"][0] == f"{100 * figures.champion:.1f} %"
    assert found["Accuracy, churn:2"][0] == f"{100 * figures.challenger:.1f} %"
    low, high = 100 * figures.interval.low, 100 * figures.interval.high
    assert found["Difference"] == (f"{100 * figures.difference:+.1f} points", f"95 %: {low:+.1f} to {high:+.1f}")
    assert found["Macro F1, churn:2"][0] == f"{f1.challenger:.3f}"
    assert found["Macro F1, churn:2"][1].startswith(f"against {f1.champion:.3f}: ")
    assert found["Labelled, of both"] == ("600", "of 600 predictions that both made")
    assert found["Chance of luck"][0].startswith("1 in ")
    assert "1 chance in" in text
    assert f"Only churn:1 was right on {figures.champion_better} predictions, only churn:2 on" in text


def test_the_segments_stand_in_a_table(compared):
    """One row each, largest first, with the better version and luck in words."""
    page = compared(CHURN, CHURN_2)
    table = page.dataframe[-1].value
    assert table["Labelled"].tolist() == [400, 200]
    assert table["Better"].tolist() == ["churn:2", "churn:2"]
    assert all(each.startswith("1 chance in") for each in table["Evidence"])
    assert all(each.endswith(" points") for each in table["Difference"])


def test_a_champion_that_is_better_is_said_to_be(compared):
    """The model of the page is the champion, whichever version is newer."""
    assert "churn:1 is better" not in text_of(compared(CHURN_2, CHURN))
    assert "churn:2 is better" in text_of(compared(CHURN_2, CHURN))
    assert cards(compared(CHURN_2, CHURN))["Accuracy, churn:2"][1] == "the model of this page"


def test_a_regression_is_compared_by_its_errors(compared):
    """Mean absolute error in its own unit, without points or F1."""
    page = compared(PRICE, PRICE_2)
    assert "price:2 is better: mean absolute error" in text_of(page)
    found = cards(page)
    assert float(found["Mean absolute error, price:2"][0]) < float(found["Mean absolute error, price:1"][0])
    assert found["Difference"][0].startswith("-")
    assert "points" not in found["Difference"][0]
    assert found["Chance of luck"][1] == "paired t test"
    assert not any(name.startswith(("Macro F1", "Accuracy")) for name in found)


def test_errors_of_a_small_unit_are_not_rounded_away(compared):
    """Three digits, wherever they begin."""
    found = cards(compared(TINY, TINY_2))
    assert float(found["Mean absolute error, tiny:1"][0]) > float(found["Mean absolute error, tiny:2"][0]) > 0
    assert float(found["Difference"][0]) < 0


def test_too_few_labels_decide_nothing(compared):
    """The badge says so, and the sentence how many are missing; the figures are there, without a table."""
    page = compared(FEW, FEW_2)
    text = text_of(page)
    assert "Too few rows" in text
    assert "12 labelled predictions of both few:1 and few:2 are too few to compare: 18 more needed." in text
    assert cards(page)["Labelled, of both"][0] == "12"
    assert not page.dataframe
    assert "None" not in text


def test_versions_that_are_alike_are_said_to_be(compared):
    """OK, with luck as a plain p-value and no better one in any segment."""
    page = compared(ALIKE, ALIKE_2)
    text = text_of(page)
    assert "Neither is seen to be better: alike:2 has accuracy" in text
    assert cards(page)["Chance of luck"][0].startswith("p = ")
    assert set(page.dataframe[-1].value["Better"]) == {"-"}


@pytest.mark.parametrize(
    ("champion", "other", "words"),
    [
        (CHURN, CHURN_STAGING, "churn:1@production and churn:1@staging have no prediction in common"),
        (NEW, NEW_2, "new:1 and new:2 have 1 prediction in common, none of them with a label yet."),
        (CHURN, CHURN_VALUE, "nothing to compare"),
    ],
    ids=["nothing in common", "no labels", "other task"],
)
def test_what_cannot_be_compared_is_a_sentence(compared, champion, other, words):
    """No figures, no table, no traceback."""
    page = compared(champion, other)
    assert words in text_of(page)
    assert not page.metric
    assert not page.dataframe


def test_a_log_that_cannot_be_read_is_a_sentence_of_the_section(compared, monkeypatch):
    """The rest of the page stands."""

    def broken(*_: object) -> None:
        raise StoreError("the block [7](x) is not as it was written")

    challenger.comparison.clear()
    monkeypatch.setattr(challenger, "compare_models", broken)
    page = compared(CHURN, CHURN_2)
    assert "the block [7](x) is not as it was written" in text_of(page)
    assert "The log cannot be shown" not in text_of(page)


def test_no_name_is_handed_to_markdown(compared):
    """Models, environments, classes, segments and levels that are attacks are shown letter by letter."""
    page = compared(ODD, ODD_2)
    assert ONERROR in text_of(page)
    kinds = ("subheader", "markdown", "caption", "error")
    read = [element for kind in kinds for element in page.get(kind)]
    texts = [element.value for element in read] + [each.label for each in page.metric]
    texts += [each.delta for each in page.metric]
    assert not any(_ATTACK.search(text) for text in texts)
    assert not any(getattr(element, "allow_html", False) for element in read)
    assert set(page.dataframe[-1].value["Level"]) == {ONERROR, LINK}


def test_a_choice_is_of_its_model(compared):
    """Another model of the sidebar begins without a choice."""
    page = compared(CHURN, CHURN_2)
    page.selectbox(key="model").set_value(str(PRICE)).run()
    assert page.selectbox(key=f"challenger of {PRICE}").value is None
    assert "is better" not in text_of(page)


def test_a_comparison_is_remembered(compared, monkeypatch):
    """The second run does not read the log again."""
    page = compared(CHURN, CHURN_2)
    monkeypatch.setattr(challenger, "compare_models", lambda *_: pytest.fail("read again"))
    assert "churn:2 is better" in text_of(page.run())


@pytest.mark.parametrize("key", [":", "@", "a", ""])
def test_an_odd_key_is_of_no_kin(key):
    """A model of the log whose key cannot be parsed does not break the page of another."""
    assert not challenger._kin(key, str(parse_model_key("churn")))
