"""The Resources page: what the services and driftboard itself use."""

from datetime import UTC, datetime, timedelta

import pytest

from driftboard.dashboard import resource_frames
from driftboard.dashboard.charts import resources as charts
from driftboard.dashboard.palette import DARK, LIGHT
from driftboard.data.process_samples import Gpu, read_samples, save_sample
from tests.dashboard.conftest import text_of
from tests.dashboard.service_world import LOGGED, SERVED, build_service_world, process

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def service_world(tmp_path_factory):
    """The folder of a log with process samples; nobody writes to it."""
    return build_service_world(tmp_path_factory.mktemp("resources"), days=3)


def test_services_and_driftboard_itself_are_apart(service_world, open_page):
    """Two processes of the model with their card; and driftboard's worker in a table of its own."""
    page = open_page(service_world, "resources", model=str(SERVED), span="1h")
    text = text_of(page)
    assert "2 processes in the last hour" in text
    assert "1 process in the last hour" in text
    assert "Graphics cards kept busy" in text
    service, own = (each.value for each in page.dataframe)
    assert set(service["Process"]) == {"web-1:11", "web-1:12"}
    assert list(own["Process"]) == ["worker, web-1:77"]
    assert service["Memory"].iloc[0] == pytest.approx(250.0)


def test_a_service_that_tells_nothing_says_how(service_world, open_page):
    """What to install where the service runs; driftboard's own processes are shown all the same."""
    text = text_of(open_page(service_world, "resources", model=str(LOGGED)))
    assert "No service told what it used in the last 24 hours" in text
    assert "driftboard[gpu]" in text
    assert "worker, web-1:77" in text


def test_a_month_is_read_one_minute_of_many(store):
    """What is asked of the log for a chart does not grow with the time; own processes can be asked for alone."""
    with store.write() as connection:
        for n in range(240):
            save_sample(connection, process("web-1:77", NOON + n * MINUTE, None, "worker"))
    with store.read() as connection:
        given = {"since": NOON, "until": NOON + timedelta(days=1)}
        assert len(read_samples(connection, **given)) == 240
        found = read_samples(connection, **given, own=True, every=30 * MINUTE)
    assert [each.at.minute for each in found] == [0, 30] * 4


def test_a_card_that_two_processes_report_is_one():
    """By machine and number."""
    card = Gpu("Tesla T4", 0.5, 4, 16)
    found = [process(f"web-1:{pid}", NOON, 1, "service", gpus=(card, card)) for pid in (11, 12)]
    assert sorted(resource_frames.cards(found)["name"]) == ["web-1 0: Tesla T4", "web-1 1: Tesla T4"]


def test_the_busiest_processes_are_drawn_and_all_are_listed():
    """Ten processes: eight lines, ten rows."""
    frame = resource_frames.samples([process(f"web-1:{pid}", NOON, 1, "service") for pid in range(10)])
    assert resource_frames.busiest(frame)["name"].nunique() == resource_frames.MOST
    assert len(resource_frames.newest(frame)) == 10


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_charts_are_valid_specifications(palette):
    """Of bytes and of numbers, with one sample and with many."""
    for n in (1, 30):
        frame = resource_frames.samples([process("web-1:1", NOON + at * MINUTE, 1, "service") for at in range(n)])
        assert charts.use(frame, "memory", palette, title="Resident", in_bytes=True).to_dict()["layer"]
        assert charts.use(frame, "cpu", palette, title="Cores").to_dict()["layer"]
