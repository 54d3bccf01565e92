"""The Slack channel, against a server that plays Slack over https."""

import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from driftboard.alerts.channels.slack import HEADER_LIMIT, SECTION_LIMIT, SlackChannel, escaped, slack_blocks
from driftboard.alerts.message import build
from driftboard.errors import ChannelError, ConfigError
from tests.alerts.fakes import CANARY, HOSTILE, fake_slack, record

BASE = "https://board.example"


def send(fake, *, deadline=10.0, records=None):
    """Send one message to the fake."""
    channel = SlackChannel(fake.url, allow_hosts=("localhost",), deadline=deadline)
    return channel.send(build(records or [record()], base_url=BASE))


def test_delivered_means_200_and_ok(slack):
    """A9: one POST, answered 200 ok, is a delivery; what arrived names model, batch, evidence and link."""
    assert send(slack) == ""
    (post,) = slack.posts
    texts = [block["text"]["text"] for block in post["blocks"]]
    assert texts[0] == "CRITICAL flights:2@production batch 2026-03-01: Feature drift: age"
    assert "Detected at 2026-03-01T12:00:00+00:00" in texts[1]
    assert texts[2] == "CRITICAL Feature drift: age\nPSI 0.3\nRunbook: feature_drift"
    link = "https://board.example/drift?model=flights%3A2%40production&amp;batch=2026-03-01&amp;feature=age"
    assert texts[3] == f"<{link}|Open in the dashboard>"


@pytest.mark.parametrize(
    ("answer", "permanent", "text"),
    [
        ((200, "invalid_token", {}), True, "Slack answered 200 invalid_token"),
        ((200, "<html>Sign in</html>", {}), False, "Slack answered 200"),
        ((302, "", {"Location": "/login"}), True, "Slack answered 302"),
        ((400, "invalid_payload", {}), True, "Slack answered 400 invalid_payload"),
        ((403, "invalid_token", {}), True, "Slack answered 403 invalid_token"),
        ((404, "no_service", {}), True, "Slack answered 404 no_service"),
        ((410, "channel_is_archived", {}), True, "Slack answered 410 channel_is_archived"),
        ((429, "rate_limited", {}), False, "Slack answered 429 rate_limited"),
        ((500, "", {}), False, "Slack answered 500"),
        ((503, "no", {}), False, "Slack answered 503 no"),
    ],
)
def test_each_answer_is_classified(slack, answer, permanent, text):
    """A8/A9: 429, 5xx and strangers' pages are worth a retry; Slack's own refusals are not."""
    slack.script = [answer]
    with pytest.raises(ChannelError) as caught:
        send(slack)
    assert (caught.value.permanent, str(caught.value)) == (permanent, text)


def test_a_redirect_is_not_followed(slack):
    """A10: the login page a redirect points to is never asked for."""
    slack.script = [(302, "", {"Location": slack.url.replace("services", "login")})]
    with pytest.raises(ChannelError):
        send(slack)
    assert [method for method, _ in slack.hits] == ["POST"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("30", 30),
        ("in a minute", 60),
        ("soon", None),
        ("-5", 0),
        ("9" * 400, None),
        ("", None),
    ],
)
def test_retry_after_is_read(slack, value, expected):
    """A8/N2: given as seconds or as a date; nonsense is ignored."""
    if value == "in a minute":
        value = format_datetime(datetime.now(UTC) + timedelta(seconds=60))
    slack.script = [(429, "", {"Retry-After": value})]
    with pytest.raises(ChannelError) as caught:
        send(slack)
    assert caught.value.retry_after == (expected if expected is None else pytest.approx(expected, abs=30))


def test_a_server_that_drips_bytes_is_left(slack):
    """A11: each byte comes in time, the whole does not: the caller waits for the deadline and no longer."""
    slack.script = ["drip"]
    started = time.monotonic()
    with pytest.raises(ChannelError, match=r"no complete answer within 0\.5 s") as caught:
        send(slack, deadline=0.5)
    assert time.monotonic() - started < 1.5
    assert not caught.value.permanent


@pytest.mark.usefixtures("trusted")
def test_a_certificate_nobody_vouches_for_is_refused(evil_authority):
    """The message never reaches a server that cannot show who it is."""
    with fake_slack(evil_authority) as fake, pytest.raises(ChannelError, match="CERTIFICATE_VERIFY_FAILED") as caught:
        send(fake)
    assert not caught.value.permanent
    assert fake.hits == []


def test_nobody_listens(slack):
    """A refused connection is worth a retry, and the text does not hold the address."""
    url = slack.url.replace(slack.url.split(":")[2].split("/")[0], "9")
    channel = SlackChannel(url, allow_hosts=("localhost",))
    with pytest.raises(ChannelError, match="Connection refused") as caught:
        channel.send(build([record()], base_url=BASE))
    assert not caught.value.permanent
    assert CANARY not in repr(caught.value)


def test_a_proxy_in_the_environment_is_not_used(slack, monkeypatch):
    """S4: what the shell happens to hold does not decide where a secret goes."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert send(slack) == ""


@pytest.mark.parametrize(
    "url",
    [
        f"http://hooks.slack.com/{CANARY}",
        f"hooks.slack.com/{CANARY}",
        f"file:///etc/{CANARY}",
        f"ftp://hooks.slack.com/{CANARY}",
        f"https://evil.example/{CANARY}",
        f"https://hooks.slack.com.evil.example/{CANARY}",
        f"https://hooks.slack.com@evil.example/{CANARY}",
        f"https://user:pass@hooks.slack.com/{CANARY}",
        f"https://hooks.slack.com:8443/{CANARY}",
        f"https://hooks.slack.com:x/{CANARY}",
        f"https://[hooks.slack.com/{CANARY}",
        f"https://127.0.0.1/{CANARY}",
        f"https://hooks.slack.com/{CANARY}\r\nHost: evil",
        f"https://hooks.slack.com/{CANARY} x",
        f"https://hooks.slack.com\\@evil.example/{CANARY}",
        CANARY,
        "",
    ],
)
def test_only_slack_is_written_to(url):
    """A24/A26: anything but https on hooks.slack.com is refused at once, in words that do not repeat it."""
    with pytest.raises(ConfigError) as caught:
        SlackChannel(url)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_only_text(slack, name):
    """A22/N8: whatever a feature or batch is called, no mention, link or image arrives live."""
    assert send(slack, records=[record(subject=name, message=name, batch_id=name)]) == ""
    (post,) = slack.posts
    *texts, link = [block["text"] for block in post["blocks"]]
    assert {text["type"] for text in texts} == {"plain_text"}
    for text in [post["text"], *(each["text"] for each in texts)]:
        assert not set("<>") & set(text)
        assert "://" not in text
        assert text.replace("\n", "").isprintable()
    assert link["text"].count("<") == link["text"].count(">") == link["text"].count("|") == 1
    assert link["text"].startswith("<https://board.example/drift?model=")


def test_sizes_stay_within_slacks_limits():
    """A32/N7: ten thousand features with long names of characters that grow when escaped."""
    records = [record(n, subject="<" * 5000, message="&" * 5000) for n in range(10_000)]
    blocks = slack_blocks(build(records, base_url=BASE))
    assert len(blocks) <= 50
    assert len(blocks[0]["text"]["text"]) <= HEADER_LIMIT
    assert all(len(block["text"]["text"]) <= SECTION_LIMIT for block in blocks)
    assert blocks[-2]["text"]["text"] == "+9,980 more"


def test_escaping_is_what_keeps_a_mention_dead():
    """The negative control: the raw name is a live mention, the escaped one is not."""
    assert "<!channel>" not in escaped("<!channel>", 100)
    assert escaped("a & b", 100) == "a &amp; b"


def test_the_address_is_in_no_log(slack, caplog):
    """A24/A25/N9: with every logger at DEBUG, in every outcome, the secret is in no log, text or repr."""
    caplog.set_level(logging.DEBUG)
    channel = SlackChannel(slack.url, allow_hosts=("localhost",), deadline=0.5)
    slack.script = [(200, "ok", {}), (500, f"at {slack.url}", {}), (200, CANARY, {}), "drip"]
    said = [repr(channel), str(vars(type(channel)))]
    for _ in range(4):
        try:
            said.append(channel.send(build([record()], base_url=BASE)))
        except ChannelError as error:
            said += [repr(error), str(error), str(error.__cause__)]
    assert len(slack.posts) == 4
    assert CANARY not in caplog.text
    assert CANARY not in "".join(said)
