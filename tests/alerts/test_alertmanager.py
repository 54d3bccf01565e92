"""The Alertmanager channel, against the real one from Debian, asked by its own tool."""

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from driftboard.alerts.channels.alertmanager import HOLDS, AlertmanagerChannel, alert_of, resend
from driftboard.alerts.entry import entry_of
from driftboard.alerts.facts import facts_of
from driftboard.alerts.message import build
from driftboard.channel_settings import AlertmanagerSettings
from driftboard.data.model_key import ModelKey
from driftboard.errors import ChannelError
from tests.alerts.incidents import NOW, affected, incident, notification
from tests.alerts.names import HOSTILE

BASE = "https://board.example"
SERVER = shutil.which("prometheus-alertmanager")
pytestmark = pytest.mark.skipif(SERVER is None, reason="needs Debian's prometheus-alertmanager")


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def serving(folder):
    """Run an Alertmanager; yield its address."""
    folder.mkdir()
    (folder / "config.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        SERVER,
        f"--config.file={folder}/config.yml",
        f"--storage.path={folder}/data",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--cluster.listen-address=",
    ]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            wait_until_ready(url)
            yield url
        finally:
            process.terminate()


def wait_until_ready(url):
    """Wait until it answers."""
    for _ in range(100):
        with suppress(OSError), urllib.request.urlopen(f"{url}/-/ready", timeout=1):  # noqa: S310 - our own
            return
        time.sleep(0.1)
    pytest.fail("the Alertmanager does not start")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Yield the address of one Alertmanager for all tests: they look at alerts of their own model."""
    with serving(tmp_path_factory.mktemp("alertmanager") / "one") as url:
        yield url


def channel(*urls: str):
    """Make a channel that writes to these instances."""
    return AlertmanagerChannel("am", AlertmanagerSettings(type="alertmanager", urls=urls), deadline=5.0)


def message(of, kind="fire", *, now=None):
    """One message; by default now, by the clock that the server goes by too."""
    return build([notification(of, kind=kind)], base_url=BASE, now=now or datetime.now(UTC), repeated=False)


def about(model, **changes: object):
    """An incident of a model of this name, that opened a minute ago."""
    opened = datetime.now(UTC) - timedelta(minutes=1)
    return incident(model=ModelKey(model, "2"), opened_at=opened, **changes)


def active(url, model):
    """Ask with Alertmanager's own tool what fires."""
    command = ["amtool", f"--alertmanager.url={url}", "-o", "json", "alert", "query", f"model={model}"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=20).stdout)


def test_an_incident_is_an_alert_over_there(server):
    """Labels say which, annotations what and where to look; it holds for four minutes."""
    assert channel(server).send(message(about("one"))).remark == ""
    (alert,) = active(server, "one")
    assert alert["labels"] == {
        "alertname": "DriftboardFeatureDrift",
        "rule": "feature_drift",
        "model": "one",
        "version": "2",
        "environment": "production",
        "severity": "critical",
    }
    notes = alert["annotations"]
    assert notes["summary"] == "CRITICAL Feature drift: age in one:2@production"
    assert notes["description"].startswith("Age drifts: PSI 0.3.\nModel one:2@production")
    assert (notes["dashboard"], notes["affected"]) == (f"{BASE}/alerts?incident=1", "age")
    assert notes["runbook"] == f"{BASE}/alerts?runbook=feature_drift"
    left = datetime.fromisoformat(alert["endsAt"]) - datetime.now(UTC)
    assert HOLDS - timedelta(seconds=30) < left <= HOLDS
    assert alert["generatorURL"] == f"{BASE}/alerts?incident=1"


def test_what_is_over_is_over_there(server):
    """A resolve ends the alert at once."""
    of = about("two")
    channel(server).send(message(of))
    assert len(active(server, "two")) == 1
    channel(server).send(message(of, "resolve"))
    assert active(server, "two") == []


def test_a_new_severity_replaces_the_old_one(server):
    """The severity is a label, so the old alert is ended as the new one begins."""
    channel(server).send(message(about("three", severity="warning")))
    channel(server).send(message(about("three"), "change"))
    assert [alert["labels"]["severity"] for alert in active(server, "three")] == ["critical"]


def test_another_value_batch_or_wording_is_the_same_alert(server):
    """A2: only what makes it the same problem is a label."""
    for batch in ("b1", "b2", "b3"):
        part = affected("age", message=f"PSI in {batch}")
        channel(server).send(message(about("four", batch_id=batch, affected=(part,))))
    assert len(active(server, "four")) == 1


def test_every_instance_is_told_and_one_is_enough(server, tmp_path):
    """With one of two down it is delivered, and the remark says so; with both up both know."""
    with serving(tmp_path / "two") as other:
        assert channel(server, other).send(message(about("five"))).remark == ""
        assert len(active(other, "five")) == len(active(server, "five")) == 1
    assert channel(server, other).send(message(about("five"))).remark == "1 of 2 instances did not take it"


def test_none_is_not_enough():
    """With all down it is worth a retry."""
    with pytest.raises(ChannelError, match=r"no Alertmanager took it: .*Connection refused") as caught:
        channel(f"http://127.0.0.1:{free_port()}").send(message(about("none")))
    assert not caught.value.permanent


def test_what_it_does_not_take_is_refused_for_good(server):
    """The negative control of our making alerts to fit: a label with a dash is refused by release 0.25."""
    alert = {"labels": {"alertname": "x", "data-set": "y"}}
    with pytest.raises(ChannelError, match="answered 400") as caught:
        channel(server).post([alert])
    assert caught.value.permanent


def test_a_forgetful_one_is_told_again(tmp_path):
    """It keeps alerts in memory: after a restart it knows none, and `resend` tells it."""
    of = about("six")
    with serving(tmp_path / "before") as url:
        channel(url).send(message(of))
        assert len(active(url, "six")) == 1
    with serving(tmp_path / "after") as url:
        assert active(url, "six") == []
        settings = AlertmanagerSettings(type="alertmanager", urls=(url,))
        over = facts_of(about("seven"), "fire")
        resend(settings, [facts_of(of, "reminder")], [over], base_url=BASE, now=datetime.now(UTC))
        assert len(active(url, "six")) == 1
        assert active(url, "seven") == []


def test_many_are_told_again_in_parts(server):
    """Five hundred alerts arrive."""
    firing = [facts_of(about("eight", subject=f"f{n}", rule="missing_values"), "fire") for n in range(500)]
    settings = AlertmanagerSettings(type="alertmanager", urls=(server,))
    resend(settings, firing, [], base_url=BASE, now=datetime.now(UTC))
    assert len(active(server, "eight")) == 500


def test_every_name_is_taken(server):
    """N7/N8: two hundred hostile names, and ten thousand features, are alerts that it takes."""
    now = datetime.now(UTC)
    alerts = []
    for n, name in enumerate(HOSTILE):
        facts = facts_of(about("nine", subject=f"{n} {name}", affected=(affected(name, message=name),)), "fire")
        alerts.append(alert_of(facts, entry_of(facts, base_url=BASE, now=now), now))
    assert channel(server).post(alerts) == ""
    found = active(server, "nine")
    assert len(found) == 200
    assert all(alert["labels"]["subject"].isprintable() for alert in found)
    many = about("ten", affected=tuple(affected(f"f{n}") for n in range(10_000)))
    assert channel(server).send(message(many)).remark == ""


def test_an_end_before_the_beginning_is_not_said():
    """Simulated clocks may lie before an incident opened: the alert stays valid."""
    facts = facts_of(incident(), "resolve")
    alert = alert_of(facts, entry_of(facts, base_url=BASE, now=NOW), NOW - timedelta(hours=1))
    assert alert["startsAt"] == alert["endsAt"] == "2026-03-01T11:00:00.000Z"
