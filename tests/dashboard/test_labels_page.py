"""The Labels page: what people are asked, and what a file of labels would do before it does it."""

import shutil

import pytest

from driftboard.dashboard import label_acts, label_coverage, queries, review_form
from driftboard.dashboard.label_cells import FileLabel
from driftboard.dashboard.label_check import CORRECTION, NEW, THERE, WAITS, check_labels
from driftboard.dashboard.text import guarded_csv
from driftboard.data import label_predictions, open_store, open_store_read_only
from driftboard.data.catalog import get_model
from driftboard.data.current_labels import current_labels
from driftboard.data.places import places_of
from driftboard.data.review import review_counts, waiting
from tests.dashboard.conftest import text_of
from tests.dashboard.review_world import ASKED, HOSTILE_ID, PRICED, ROWS, build_review_world
from tests.dashboard.test_hostile_names import assert_harmless
from tests.dashboard.worlds import DRIFTING, IMAGE, LINK, WAITING, build_waiting


@pytest.fixture(scope="module")
def review_log(tmp_path_factory):
    """The folder of a log with two queues; nobody writes to it."""
    return build_review_world(tmp_path_factory.mktemp("review"))


@pytest.fixture
def review_world(review_log, tmp_path):
    """The folder of a copy of that log, to act on."""
    folder = tmp_path / "log"
    folder.mkdir()
    shutil.copy(review_log / "driftboard.sqlite", folder)
    return folder


def counts(folder, key=ASKED):
    """How the queue stands in the log."""
    with open_store_read_only(folder / "driftboard.sqlite") as store, store.read() as connection:
        return review_counts(connection, get_model(connection, key))


def label_in_the_log(folder, prediction_id: str, key=ASKED) -> float | None:
    """The class code or value that counts of a prediction."""
    with open_store_read_only(folder / "driftboard.sqlite") as store, store.read() as connection:
        model = get_model(connection, key)
        places = list(places_of(connection, model.model_id, [prediction_id]).values())
        return current_labels(connection, places).get(places[0])


def press(page, label: str):
    """Press the button of that label."""
    next(each for each in page.button if each.label == label).click()
    return page.run()


def choose(page, value):
    """Answer the form, whatever it asks for."""
    fields = [each for kind in ("selectbox", "number_input") for each in page.get(kind)]
    next(each for each in fields if str(each.key).startswith("review_label")).set_value(value)


def test_the_oldest_that_waits_is_asked_for(review_world, open_page):
    """With its features, segments, what the model said and how sure it was; names are shown letter by letter."""
    page = open_page(review_world, "labels", model=str(ASKED))
    text = text_of(page)
    assert "The model said leave, with confidence 80.0 %" in text.replace("**", "")
    assert "with probability 1" in text
    shown = {each.label: each.value for each in page.metric}
    assert (shown["Waiting"], shown["Labelled"], shown["Skipped"]) == (str(ROWS), "0", "0")
    features = page.dataframe[0].value
    assert "region (segment)" in set(features["Feature"])


def test_hostile_names_in_the_queue_and_in_a_file_are_text(review_world, open_page):
    """Ids, batches, features and values that are images, scripts and links: no Markdown reads them."""
    assert_harmless(open_page(review_world, "labels", model=str(ASKED)))
    assert_harmless(upload(open_page, review_world, f"prediction_id,label\n{HOSTILE_ID},{LINK}\n{IMAGE},\n".encode()))


def test_a_reviewer_may_judge_without_the_models_answer(review_world, open_page):
    """The answer can be put out of sight, and stays so."""
    page = open_page(review_world, "labels", model=str(ASKED))
    page.toggle(key="review_shows").set_value(False).run()
    assert "The model said" not in text_of(page)


def test_an_answer_is_in_the_log_and_the_next_is_asked_for(review_world, open_page):
    """A known class, by whoever wrote their name; the counts move."""
    page = open_page(review_world, "labels", model=str(ASKED))
    page.text_input(key="your_name").set_value("Grace")
    choose(page, "stay")
    page = press(page, "Save")
    assert page.toast[0].value == "Label stored"
    assert label_in_the_log(review_world, HOSTILE_ID) is not None
    assert (counts(review_world).labelled, counts(review_world).waiting) == (1, ROWS - 1)
    assert "Prediction p1" in text_of(page)


def test_a_new_class_can_be_typed(review_world, open_page):
    """A class that the model never answered becomes one of its classes."""
    page = open_page(review_world, "labels", model=str(ASKED))
    page.text_input(key="your_name").set_value("Grace")
    box = next(each for each in page.selectbox if str(each.key).startswith("review_label"))
    box.options.append("third")  # what the browser sends is the text that was typed
    choose(page, "third")
    press(page, "Save")
    assert label_in_the_log(review_world, HOSTILE_ID) == 2.0


def test_a_value_is_asked_for_of_a_regression(review_world, open_page):
    """A number, as it was written."""
    page = open_page(review_world, "labels", model=str(PRICED))
    page.text_input(key="your_name").set_value("Grace")
    choose(page, 12.5)
    press(page, "Save")
    assert label_in_the_log(review_world, HOSTILE_ID, PRICED) == 12.5


def test_skipping_asks_nobody_again(review_world, open_page):
    """No label is stored, and the next one is shown."""
    page = open_page(review_world, "labels", model=str(ASKED))
    page.text_input(key="your_name").set_value("Grace")
    page = press(page, "Skip")
    assert label_in_the_log(review_world, HOSTILE_ID) is None
    assert (counts(review_world).skipped, counts(review_world).waiting) == (1, ROWS - 1)
    assert "Prediction p1" in text_of(page)


@pytest.mark.parametrize(
    ("name", "label", "words"), [("", "stay", "Write your name first"), ("Grace", None, "Choose what would have been")]
)
def test_nothing_is_stored_without_a_name_or_an_answer(review_world, open_page, name, label, words):
    """One line says what is missing."""
    page = open_page(review_world, "labels", model=str(ASKED))
    page.text_input(key="your_name").set_value(name)
    choose(page, label)
    page = press(page, "Save")
    assert any(words in each.value for each in page.error)
    assert counts(review_world).waiting == ROWS


def test_a_model_without_a_queue_says_how_to_have_one(world, open_page):
    """The section of driftboard.toml."""
    text = text_of(open_page(world, "labels", model=str(DRIFTING)))
    assert "Nothing is asked of you" in text
    assert "fraction = 0.01" in text


def test_the_download_to_be_filled_in_holds_no_formula(review_log):
    """A prediction id that a spreadsheet would run is quoted; it has the columns that an upload asks for."""
    with open_store_read_only(review_log / "driftboard.sqlite") as store, store.read() as connection:
        items = waiting(connection, get_model(connection, ASKED), limit=3)
    header, first, *_ = guarded_csv(review_form.download_of(items)).decode().splitlines()
    assert header.startswith("prediction_id,label,predicted_at,predicted,confidence,feature age")
    assert first.startswith("'=")


def test_coverage_counts_labels_batch_by_batch(world, open_page):
    """As the log has them, and the accuracy of all labels with its interval."""
    text = text_of(open_page(world, "labels", model=str(DRIFTING)))
    assert "600 of 720 predictions" in text
    assert "No labels yet" in text_of(open_page(world, "labels", model=str(WAITING)))


def test_accuracy_of_all_labels_is_that_of_the_reports():
    """Weighted by labels; nothing without any."""
    assert label_coverage.accuracy(queries.performance_frames.performance([])) is None


def test_a_file_is_held_against_the_log(review_world):
    """New, other than the log says, there already, and of no known prediction: nothing is written by looking."""
    path = review_world / "driftboard.sqlite"
    with open_store(path) as store:
        label_predictions(store, {"p1": "stay", "p2": "leave"}, model=ASKED)
    labels = [
        FileLabel(2, "p1", "stay"),
        FileLabel(3, "p2", "stay"),
        FileLabel(4, "p3", "never heard of"),
        FileLabel(5, "nobody", "stay"),
    ]
    before = path.read_bytes()
    with open_store_read_only(path) as store, store.read() as connection:
        checked = check_labels(connection, get_model(connection, ASKED), labels)
    assert checked.fates == (THERE, CORRECTION, NEW, WAITS)
    assert path.read_bytes() == before


FILE = b"prediction_id,label,observed_at\np1,leave,\np2,stay,2026-01-02T10:00Z\nnobody,stay,\n,stay,\np3,a,x\n"


def upload(open_page, folder, content: bytes, key=ASKED):
    """The page with a file brought to it."""
    page = open_page(folder, "labels", model=str(key))
    page.file_uploader[0].upload("labels.csv", content, "text/csv")
    return page.run()


def test_a_file_is_shown_before_it_is_stored(review_world, open_page):
    """How many are new, unknown, bad and why; nothing is in the log before the button is pressed."""
    page = upload(open_page, review_world, FILE)
    shown = {each.label: each.value for each in page.metric}
    assert (shown["New labels"], shown["Unknown"], shown["Bad rows"]) == ("2", "1", "2")
    bad = next(each.value for each in page.dataframe if "What is wrong" in each.value)
    assert list(bad["Row"]) == [5, 6]
    first = next(each.value for each in page.dataframe if "What it would do" in each.value)
    assert list(first["Observed"]) == ["when stored", "2026-01-02 10:00 UTC", "when stored"]
    assert counts(review_world).waiting == ROWS
    assert label_in_the_log(review_world, "p1") is None


def test_a_file_is_stored_when_the_visitor_says_so(review_world, open_page):
    """The good rows; what became of them is said; the file is let go, so that it is not stored twice."""
    page = upload(open_page, review_world, FILE)
    page.text_input(key="your_name").set_value("Grace").run()
    page = press(page, "Store 3 labels")
    assert page.toast[0].value.replace("\\", "") == "2 labels stored, 1 waiting for their predictions"
    assert label_in_the_log(review_world, "p1") is not None
    assert counts(review_world).waiting == ROWS - 2
    assert not [each for each in page.button if each.label.startswith("Store")]


def test_a_file_needs_no_queue(world, open_page):
    """Of a model that nobody is asked about."""
    page = upload(open_page, world, b"prediction_id,label\ndrifting-5-0,stay\n", DRIFTING)
    assert {each.label: each.value for each in page.metric}["New labels"] == "1"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b'prediction_id,label\n"x'])
def test_a_bad_file_is_one_line(review_world, open_page, content):
    """And no button to store it."""
    page = upload(open_page, review_world, content)
    text_of(page)
    assert len(page.error) == 1
    assert not [each for each in page.button if each.label.startswith("Store")]


def test_a_file_is_stored_by_time_and_source(store):
    """In as many writes as it has different ones; stored again, it changes nothing."""
    folder_labels = [FileLabel(n, f"p{n}", "a" if n % 2 else "b", source="Ada" if n % 3 else "Bob") for n in range(50)]
    build_waiting(store)
    said = label_acts._stored(store, WAITING, folder_labels)
    assert said == "0 labels stored, 50 waiting for their predictions"
    ids = [FileLabel(n, f"waiting-0-{n}", "stay") for n in range(50)]
    assert label_acts._stored(store, WAITING, ids) == "50 labels stored"
    assert label_acts._stored(store, WAITING, ids) == "0 labels stored, 50 there already"
