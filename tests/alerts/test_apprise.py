"""The Apprise channel, with the real library, against an https server."""

import logging
import sys
import time

import pytest

from driftboard.alerts.channels.apprise import AppriseChannel
from driftboard.alerts.message import build
from driftboard.channel_settings import AppriseSettings
from driftboard.errors import ChannelError, ConfigError
from tests.alerts.fakes import CANARY
from tests.alerts.incidents import NOW, affected, incident, notification
from tests.alerts.names import HOSTILE

BASE = "https://board.example"


def channel(*, deadline=5.0):
    """Make a channel by the address in the environment."""
    return AppriseChannel("door", AppriseSettings(type="apprise", url="env:APPRISE_URL"), deadline=deadline)


def message(*notifications: object):
    """One message to it."""
    return build(notifications or [notification()], base_url=BASE, now=NOW, repeated=False)


@pytest.fixture
def site(slack, trusted, tmp_path, monkeypatch):
    """Yield a server that Apprise can write to as to a service that takes JSON."""
    del trusted
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("APPRISE_URL", f"jsons://localhost:{slack.port}/hook/{CANARY}?rto=2&cto=2")
    return slack


def test_a_message_arrives(site):
    """Title, text and kind, as the library sends them."""
    assert channel().send(message()).remark == ""
    (post,) = site.posts
    assert post["title"] == "CRITICAL Feature drift: age in flights:2\uff20production"
    lines = post["message"].splitlines()
    assert lines[1] == "Evidence: Age drifts: PSI 0.3."
    assert f"Incident: {BASE}/alerts?incident=1" in lines
    assert post["type"] == "failure"


def test_a_failure_is_worth_a_retry(site):
    """Apprise says only that it did not work."""
    site.script = [(500, "no", {})]
    with pytest.raises(ChannelError, match="could not deliver") as caught:
        channel().send(message())
    assert not caught.value.permanent


def test_it_does_not_hold_us_up(site):
    """A11: the deadline holds for a library that knows none; whether it arrived is unknown."""
    site.script = ["drip"]
    door = channel(deadline=0.8)
    started = time.monotonic()
    with pytest.raises(ChannelError) as caught:
        door.send(message())
    assert time.monotonic() - started < 1.5
    assert caught.value.unknown


@pytest.mark.parametrize("url", [f"nobody://{CANARY}", CANARY, f"https//{CANARY}"])
def test_an_address_it_does_not_know_is_refused(monkeypatch, url, caplog):
    """One clear line, that does not repeat the address; nor does a log."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("APPRISE_URL", url)
    with pytest.raises(ConfigError, match="knows no service") as caught:
        channel()
    assert CANARY not in str(caught.value) + caplog.text


def test_without_the_library_it_says_what_to_do(monkeypatch):
    """It is an extra: nobody needs it who does not use it."""
    monkeypatch.setenv("APPRISE_URL", "jsons://localhost/")
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError, match=r"pip install 'driftboard\[apprise\]'"):
        channel()


def test_nothing_that_is_logged_holds_the_secret(site, caplog):
    """N9: with every logger at DEBUG, in every outcome, the address is in no log, text or repr."""
    caplog.set_level(logging.DEBUG)
    site.script = [(200, "ok", {}), (500, CANARY, {}), (404, "", {})]
    door = channel()
    said = [repr(door)]
    for _ in range(3):
        try:
            said.append(repr(door.send(message())))
        except ChannelError as error:
            said += [repr(error), str(error.__cause__)]
    assert len(site.posts) == 3
    assert CANARY not in caplog.text + "".join(said)


def test_others_may_use_the_library_and_see_its_logs(caplog):
    """The negative control: it is silent in our threads only."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("apprise").debug("somebody else's")
    assert "somebody else's" in caplog.text


@pytest.mark.parametrize("name", HOSTILE[::10])
def test_a_name_is_dead_in_every_service(site, name):
    """N8: whatever the service takes for a mention, a link or a tag is not in the text."""
    channel().send(message(notification(incident(affected=(affected(name, message=name), affected("b"))))))
    (post,) = site.posts
    told = post["title"] + "\n".join(line for line in post["message"].splitlines() if f": {BASE}/alerts?" not in line)
    assert not set("<>@`*") & set(told)
    assert "](" not in told
    assert "://" not in told


def test_ten_thousand_features_are_a_short_text(site):
    """A32: capped and counted."""
    parts = tuple(affected(f"f{n}", message="x" * 9000) for n in range(10_000))
    channel().send(message(notification(incident(affected=parts))))
    (post,) = site.posts
    assert len(post["message"]) < 4000
    assert "+9,995 more" in post["message"]
