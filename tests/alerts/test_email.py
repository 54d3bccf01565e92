"""The e-mail channel, against real SMTP servers with real certificates."""

import socket
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as modern
from html.parser import HTMLParser
from threading import Thread

import pytest
from pydantic import ValidationError

from driftboard.alerts.channels.email import EmailChannel
from driftboard.alerts.channels.mail import SUBJECT_LIMIT, mail_of
from driftboard.alerts.message import build
from driftboard.channel_settings import EmailSettings
from driftboard.errors import ChannelError
from tests.alerts.fakes import CANARY
from tests.alerts.incidents import NOW, affected, incident, notification
from tests.alerts.mail_relay import Relay, serving
from tests.alerts.names import HOSTILE

BASE = "https://board.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 2000
pytestmark = pytest.mark.usefixtures("trusted")


@pytest.fixture(autouse=True)
def password(monkeypatch):
    """Put the password where the settings say it is."""
    monkeypatch.setenv("MAIL_PASSWORD", CANARY)


def settings(port=9, **changes: object):
    """Settings of a relay on this machine."""
    values = {
        "type": "email",
        "host": "localhost",
        "port": port,
        "sender": "board@example.com",
        "recipients": ("one@example.com", "two@example.com"),
    }
    return EmailSettings.model_validate(values | changes)


LOGIN = {"username": "board", "password": "env:MAIL_PASSWORD"}


def message(*notifications: object, **changes: object):
    """One message to the mail channel."""
    return build(notifications or [notification()], base_url=BASE, now=NOW, **({"repeated": False} | changes))


def send(relay, told=None, *, deadline=5.0, **changes: object):
    """Send one message to the relay."""
    return EmailChannel("mail", settings(relay.port, **changes), deadline=deadline).send(told or message())


def parsed(envelope):
    """Parse what arrived."""
    return message_from_bytes(envelope.content, policy=modern)


def text_of(mail):
    """Return the plain text."""
    return mail.get_body(("plain",)).get_content()


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_mail_arrives_over_tls(authority, tls):
    """A27/A28: both kinds of TLS, with a login; the mail has what it needs to be recognised and threaded."""
    with serving(Relay(), authority, tls=tls) as relay:
        receipt = send(relay, tls=tls, **LOGIN)
    (envelope,) = relay.mails
    mail = parsed(envelope)
    assert relay.logins == [CANARY]
    assert envelope.rcpt_tos == ["one@example.com", "two@example.com"]
    assert mail["Subject"] == "[driftboard] CRITICAL Feature drift: age in flights:2@production"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW
    assert (receipt.remark, receipt.reference) == ("", mail["Message-ID"])
    assert mail["Message-ID"] == f"<{message().key}@example.com>"
    assert mail["References"] == mail["In-Reply-To"] == f"<{message().thread}@example.com>"
    lines = text_of(mail).splitlines()
    assert "Detected at 2026-03-01T12:00:00Z" in lines
    assert f"Incident: {BASE}/alerts?incident=1" in lines
    assert f"What to do: {BASE}/alerts?runbook=feature_drift" in lines


def test_we_go_by_the_senders_domain(authority):
    """No name server is asked what this machine is called, so none that is silent holds a mail up."""
    with serving(Relay(), authority, tls="none") as relay:
        send(relay, tls="none")
    assert relay.greeted == ["example.com"]


def test_the_chart_is_inside(authority):
    """A PNG travels with the HTML, which shows it by its Content-ID; nothing is fetched from elsewhere."""
    with serving(Relay(), authority) as relay:
        send(relay, message(chart=PNG))
    mail = parsed(relay.mails[0])
    (image,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    page = mail.get_body(("html",)).get_content()
    assert image.get_content() == PNG
    assert f'src="cid:{image["Content-ID"].strip("<>")}"' in page
    assert "src=" not in page.replace('src="cid:', "")


def test_a_plain_relay_needs_no_tls(authority):
    """A28: `none` is for a relay on this machine."""
    with serving(Relay(), authority, tls="none") as relay:
        assert send(relay, tls="none").remark == ""
    assert (len(relay.mails), relay.logins) == (1, [])


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_no_password_for_a_relay_nobody_vouches_for(evil_authority, tls):
    """A27/N5: with an evil authority's certificate no login is seen, and no mail."""
    untrusted = pytest.raises(ChannelError, match="certificate is not trusted")
    with serving(Relay(), evil_authority, tls=tls) as relay, untrusted as caught:
        send(relay, tls=tls, **LOGIN)
    assert (relay.logins, relay.mails, caught.value.permanent, caught.value.unknown) == ([], [], False, False)


@pytest.mark.parametrize(
    "issued",
    [{"not_after": datetime.now(UTC) - timedelta(days=1)}, {"names": ("relay.example",)}],
    ids=["expired", "another's"],
)
def test_no_password_for_an_expired_or_another_relay(authority, issued):
    """N5: a certificate that has run out, or is another host's, is as good as none."""
    untrusted = pytest.raises(ChannelError, match="certificate is not trusted")
    with serving(Relay(), authority, **issued) as relay, untrusted:
        send(relay, **LOGIN)
    assert (relay.logins, relay.mails) == ([], [])


def test_no_mail_without_the_tls_that_was_asked_for(authority):
    """A27: a relay (or somebody in between) that offers no STARTTLS gets neither password nor mail."""
    with serving(Relay(), authority, tls="none") as relay, pytest.raises(ChannelError, match="does not offer"):
        send(relay, **LOGIN)
    assert (relay.logins, relay.mails) == ([], [])


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("451 greylisted", False), ("421 busy", False), ("550 no", True), ("552 too large", True)],
)
def test_the_relays_answer_is_classified(authority, answer, permanent):
    """A30/N5: 4xx is worth a retry, 5xx is not; the code is kept for who decides when."""
    with serving(Relay(data=[answer]), authority) as relay, pytest.raises(ChannelError) as caught:
        send(relay)
    assert (caught.value.permanent, str(caught.value)) == (permanent, f"the mail relay answered {answer[:3]}")
    assert caught.value.status == int(answer[:3])


def test_greylisted_twice_then_taken(authority):
    """A30/N5: 451, 451, 250: the third attempt delivers."""
    grey = ["451 later", "451 later"]
    both = {"one@example.com": grey, "two@example.com": list(grey)}
    with serving(Relay(recipients=both), authority) as relay:
        for _ in range(2):
            with pytest.raises(ChannelError, match=r"one@example.com \(451\)") as caught:
                send(relay)
            assert (caught.value.permanent, caught.value.status, caught.value.unknown) == (False, 451, False)
        assert send(relay).remark == ""
    assert len(relay.mails) == 1


def test_one_recipient_refused_for_good_is_reported(authority):
    """A30: the other got it; the remark names who did not."""
    with serving(Relay(recipients={"two@example.com": ["550 no such user"]}), authority) as relay:
        assert send(relay).remark == "refused for good: two@example.com (550)"
    assert relay.mails[0].rcpt_tos == ["one@example.com"]


def test_one_recipient_put_off_is_tried_again(authority):
    """A30: rather twice to one, under one Message-ID, than never to the other."""
    with serving(Relay(recipients={"two@example.com": ["451 later"]}), authority) as relay:
        with pytest.raises(ChannelError, match=r"put off two@example\.com") as caught:
            send(relay)
        assert (caught.value.permanent, caught.value.status) == (False, 451)
        assert send(relay).remark == ""
    first, second = relay.mails
    assert second.rcpt_tos == ["one@example.com", "two@example.com"]
    assert parsed(first)["Message-ID"] == parsed(second)["Message-ID"]


def test_every_recipient_refused_for_good(authority):
    """Nobody can be reached: a retry is no use."""
    refuse = {name: ["550 no"] for name in ("one@example.com", "two@example.com")}
    with serving(Relay(recipients=refuse), authority) as relay, pytest.raises(ChannelError) as caught:
        send(relay)
    assert (caught.value.permanent, caught.value.status) == (True, 550)


def test_a_relay_that_says_nothing_is_left():
    """A11: the deadline is for the whole session, and silence is worth a retry."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        relay = Relay()
        relay.port = mute.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(ChannelError) as caught:
            send(relay, deadline=0.3)
    assert time.monotonic() - started < 1.0
    assert (caught.value.permanent, caught.value.unknown) == (False, False)


def drip(server, until):
    """Say hello, then a byte now and then; once `until` was heard, nothing else."""
    connection, _ = server.accept()
    with connection:
        connection.sendall(b"220 hello\r\n" if until else b"2")
        for _ in range(100):
            try:
                if until and until in connection.recv(4096):
                    connection.sendall(b"354 go on\r\n")
                    until = b""
                connection.sendall(b"250 ok\r\n" if until else b"2")
            except OSError:
                return
            time.sleep(0 if until else 0.05)


@pytest.mark.parametrize(("until", "unknown"), [(b"", False), (b"data", True)])
def test_a_relay_that_drips_is_left(until, unknown):
    """A11: a byte now and then does not keep the caller; after the text has left, the outcome is unknown."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=drip, args=(server, until))
        thread.start()
        relay = Relay()
        relay.port = server.getsockname()[1]
        with pytest.raises(ChannelError, match="no complete answer within") as caught:
            send(relay, deadline=0.5, tls="none")
        thread.join(timeout=2)
    assert not thread.is_alive()
    assert caught.value.unknown is unknown


def test_nobody_listens():
    """A refused connection is worth a retry."""
    with pytest.raises(ChannelError, match="Connection refused") as caught:
        send(Relay())
    assert not caught.value.permanent


def test_an_address_that_no_relay_takes_is_refused(authority):
    """What is not of ASCII is an error of one line, and worth no retry."""
    with serving(Relay(), authority) as relay, pytest.raises(ChannelError, match="not mail addresses") as caught:
        send(relay, recipients=("jürgen@example.com",))
    assert caught.value.permanent


@pytest.mark.parametrize(
    "changes",
    [
        {"recipients": ("a@example.com\r\nBcc: b@example.com",)},
        {"recipients": ("a@example.com\nX: y",)},
        {"sender": "a@example.com\nX: y"},
        {"username": "board"},
        {"tls": "none", **LOGIN},
    ],
)
def test_settings_that_would_do_harm_are_refused(changes):
    """A23/A28: header injection, half a login and a password without TLS are errors before anything is opened."""
    with pytest.raises(ValidationError):
        settings(**changes)


class Markup(HTMLParser):
    """Collects the tags and addresses of a page."""

    def __init__(self, page) -> None:
        super().__init__()
        self.tags = set()
        self.addresses = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in {"href", "src"}]
        assert not [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_adds_no_header_tag_or_link(name):
    """A23/N8: whatever a feature or batch is called, the mail has our headers, tags and links only."""
    of = incident(affected=(affected(name, message=name), affected("b", message=name)), batch_id=name, subject=name)
    mail = message_from_bytes(mail_of(message(notification(of)), settings()).as_bytes(), policy=modern)
    ours = {"From", "To", "Subject", "Date", "Message-ID", "References", "In-Reply-To", "Auto-Submitted"}
    assert set(mail.keys()) == ours | {"Content-Type", "MIME-Version"}
    assert len(mail["Subject"]) <= SUBJECT_LIMIT
    links = [line for line in text_of(mail).splitlines() if "://" in line]
    assert links == [f"Incident: {BASE}/alerts?incident=1", f"What to do: {BASE}/alerts?runbook=feature_drift"]
    markup = Markup(mail.get_body(("html",)).get_content())
    assert markup.tags <= {"html", "body", "h3", "p", "b", "br", "ul", "li", "a"}
    assert markup.addresses == [f"{BASE}/alerts?incident=1", f"{BASE}/alerts?runbook=feature_drift"]


def test_hostile_names_arrive_as_they_were_made(authority):
    """N8: nothing is added on the way: the recipients are ours, and so are the headers."""
    with serving(Relay(), authority, tls="none") as relay:
        for name in HOSTILE[::20]:
            send(relay, message(notification(incident(affected=(affected(name, message=name),)))), tls="none")
    assert {tuple(envelope.rcpt_tos) for envelope in relay.mails} == {("one@example.com", "two@example.com")}
    assert len(relay.mails) == 10
    assert not [mail for mail in map(parsed, relay.mails) if "Bcc" in mail or "X-Evil" in mail]


def test_ten_thousand_features_make_a_short_mail(authority):
    """A32/N7: capped and counted."""
    parts = tuple(affected(f"f{n}", message="x" * 9000) for n in range(10_000))
    with serving(Relay(), authority, tls="none") as relay:
        send(relay, message(notification(incident(affected=parts))), tls="none")
    (envelope,) = relay.mails
    assert len(envelope.content) < 64 * 1024
    assert "+9,980 more" in text_of(parsed(envelope))


def test_the_password_is_in_no_text(authority, caplog):
    """A25/N9: with every logger at DEBUG the password is in no log, error or repr."""
    caplog.set_level("DEBUG", logger="driftboard")
    with serving(Relay(data=[f"550 {CANARY}"]), authority) as relay:
        sender = EmailChannel("mail", settings(relay.port, **LOGIN))
        with pytest.raises(ChannelError) as caught:
            sender.send(message())
    assert CANARY not in caplog.text + repr(sender) + repr(caught.value) + str(caught.value.__cause__)
