"""What is read through the API is what the log holds: models, reports by the page, drift, promises, metrics."""

import pytest

from driftboard.data import get_model
from driftboard.data.report_pages import Wanted, read_page
from driftboard.data.reports import newest_reports
from driftboard.monitors.report import report_from_json
from tests.alerts.judged_log import BAD, day, make_template, open_copy
from tests.api.asking import asking
from tests.driftboard.streams import KEY


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A log of twenty days, judged, five of which drift."""
    return make_template(tmp_path_factory.mktemp("judged"))


@pytest.fixture
def judged(template, tmp_path):
    """A copy of it."""
    with open_copy(template, tmp_path) as store:
        yield store


@pytest.fixture
def client(judged):
    """A client of its app."""
    with asking(judged) as client:
        yield client


def test_models_are_listed_with_their_newest_batch(client):
    """Enough to ask for the rest."""
    (only,) = client.get("/v1/models").json()["models"]
    assert only["model"] == str(KEY)
    assert only["newest_batch"] is not None


def test_reports_come_by_the_page_newest_first_each_once(client, judged):
    """All pages together are all reports, in order, whatever the page's size; each as it is stored."""
    found, before = [], None
    while True:
        page = client.get("/v1/reports", params={"limit": 7} | ({} if before is None else {"before": before})).json()
        found += page["reports"]
        before = page["next_before"]
        if before is None:
            break
    ids = [each["report_id"] for each in found]
    assert ids == sorted(ids, reverse=True)
    with judged.read() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM monitor_reports").scalar_one()
        feature = newest_reports(connection, get_model(connection, KEY), "feature", newest=1)[0]
    assert len(ids) == len(set(ids)) == count
    same = next(each for each in found if each["report_id"] == feature.report_id)
    assert same["report"]["verdict"] == feature.verdict
    assert same["batch_id"] == feature.batch_id


def test_reports_are_chosen_by_model_batch_monitor_and_time(client):
    """Every filter that is given must fit."""
    newest = client.get("/v1/models").json()["models"][0]["newest_batch"]
    asked = {"model": str(KEY), "batch": newest, "monitor": "feature"}
    (only,) = client.get("/v1/reports", params=asked).json()["reports"]
    assert (only["batch_id"], only["monitor"]) == (newest, "feature")
    assert client.get("/v1/reports", params={"since": "2999-01-01"}).json()["reports"] == []
    assert client.get("/v1/reports", params={"batch": "none"}).json()["reports"] == []
    assert client.get("/v1/reports", params={"model": "none"}).status_code == 404
    assert client.get("/v1/reports", params={"monitor": "nose"}).status_code == 422


def test_a_page_of_long_reports_is_cut_and_goes_on(judged, monkeypatch):
    """A page stays within its bytes and has one report at least; nothing is left out."""
    monkeypatch.setattr("driftboard.data.report_pages.MOST_BYTES", 1)
    with judged.read() as connection:
        first = read_page(connection, Wanted(monitor="feature"), limit=5)
        rest = read_page(connection, Wanted(monitor="feature", before=first.reports[0][1].report_id), limit=5)
    assert len(first.reports) == len(rest.reports) == 1
    assert first.more
    assert rest.reports[0][1].report_id < first.reports[0][1].report_id


def test_drift_is_that_of_the_newest_report_or_of_a_batch(client, judged):
    """Statistic, index, verdict and sentence of each feature are the report's own."""
    answer = client.get("/v1/drift", params={"model": str(KEY)}).json()
    with judged.read() as connection:
        stored = newest_reports(connection, get_model(connection, KEY), "feature", newest=1)[0]
    report = report_from_json("feature", stored.payload)
    assert (answer["batch_id"], answer["verdict"], answer["message"]) == (
        stored.batch_id,
        stored.verdict,
        report.message,
    )
    assert {each["feature"]: each["psi"] for each in answer["features"]} == {
        each.feature: each.psi for each in report.features
    }
    assert answer["predictions"]["verdict"]
    drifted = client.get("/v1/drift", params={"model": str(KEY), "batch": day(BAD[-1])}).json()
    assert (drifted["batch_id"], drifted["verdict"]) == (day(BAD[-1]), "critical")
    assert client.get("/v1/drift", params={"model": str(KEY), "batch": "none"}).status_code == 404


def test_drift_of_a_model_that_was_not_judged_yet_is_empty(store):
    """The answer has its form, and says nothing."""
    with asking(store) as client:
        row = {"prediction_id": "1", "features": {"age": 1}, "predicted": "stays"}
        client.post("/v1/predictions", json={"model": "new", "prediction": row})
        answer = client.get("/v1/drift", params={"model": "new"}).json()
        assert (answer["verdict"], answer["features"]) == (None, [])
        assert client.get("/v1/reports", params={"model": "new"}).json() == {"reports": [], "next_before": None}


def test_promises_are_those_of_the_settings(store):
    """Names, objectives, and how they stand; of a service that said nothing nothing is known."""
    with asking(store) as client:
        row = {"prediction_id": "1", "features": {"age": 1}, "predicted": "stays", "latency": 0.1}
        client.post("/v1/predictions", json={"model": "new", "prediction": row})
        answer = client.get("/v1/slo", params={"model": "new"}).json()
        assert answer["days"] == 30
        levels = {each["name"]: each for each in answer["levels"]}
        assert levels["latency_p95"]["objective"] == 0.5
        assert levels["latency_p95"]["status"] == "unknown"
        assert levels["latency_p95"]["message"]


def test_metrics_are_what_the_exporter_says(client):
    """The right type, and the families of the model."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "driftboard_build_info" in answer.text
    assert f'model="{KEY.name}"' in answer.text
    assert client.get("/metrics/").status_code == 404
    assert client.get("/metrics/x").status_code == 404
