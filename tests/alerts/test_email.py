"""The e-mail channel, against real SMTP servers with real certificates."""

import socket
import ssl
import time
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default as modern
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from driftboard.alerts.channels.email import SUBJECT_LIMIT, EmailChannel
from driftboard.alerts.message import build
from driftboard.config import EmailSettings
from driftboard.errors import ChannelError, ConfigError
from tests.alerts.fakes import CANARY, HOSTILE, record

BASE = "https://board.example"
pytestmark = pytest.mark.usefixtures("trusted")


class Relay:
    """Takes mail as its script says; keeps envelopes and logins."""

    def __init__(self, *, recipients=None, data=()) -> None:
        self.recipients = recipients or {}
        self.data = list(data)
        self.mails = []
        self.logins = []
        self.port = 9  # nobody listens there

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        del server, session, options
        answers = self.recipients.get(address, [])
        answer = answers.pop(0) if answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        del server, session
        answer = self.data.pop(0) if self.data else "250 OK"
        if answer.startswith("250"):
            self.mails.append(envelope)
        return answer

    def authenticate(self, server, session, envelope, mechanism, data):
        del server, session, envelope, mechanism
        self.logins.append(data.password.decode())
        return AuthResult(success=True)


def say_hello(port):
    """Connect once, as the controller wants to see somebody do before it says that it has started."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port)) as raw, context.wrap_socket(raw) as connection:
        connection.recv(1024)


@contextmanager
def serving(relay, authority, *, tls="starttls"):
    """Run the relay on a free port, with a certificate of `authority`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        relay.port = free.getsockname()[1]
    options = {
        "starttls": {"tls_context": context, "authenticator": relay.authenticate},
        "implicit": {"ssl_context": context, "authenticator": relay.authenticate, "auth_require_tls": False},
        "none": {},
    }
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port, **options[tls])
    if tls == "implicit":
        controller._trigger_server = lambda: say_hello(relay.port)  # its own takes the server's context for a client's
    controller.start()
    try:
        yield relay
    finally:
        controller.stop()


def channel(relay, *, password=None, deadline=10.0, **changes: object):
    """Make a channel that writes to the relay."""
    values = {
        "host": "localhost",
        "port": relay.port,
        "sender": "Driftboard <board@example.com>",
        "recipients": ("one@example.com", "two@example.com"),
        "username": "board" if password else None,
    }
    return EmailChannel(EmailSettings(**values | changes), password=password, deadline=deadline)


def send(relay, *, records=None, **options: object):
    """Send one message to the relay."""
    return channel(relay, **options).send(build(records or [record()], base_url=BASE))


def parsed(envelope):
    """Parse what arrived."""
    return message_from_bytes(envelope.content, policy=modern)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_mail_arrives_over_tls(authority, tls):
    """A27/A28: both kinds of TLS, with a login; the mail has what it needs to be recognised."""
    with serving(Relay(), authority, tls=tls) as relay:
        assert send(relay, tls=tls, password=CANARY) == ""
    (envelope,) = relay.mails
    mail = parsed(envelope)
    assert relay.logins == [CANARY]
    assert envelope.rcpt_tos == ["one@example.com", "two@example.com"]
    assert mail["Subject"] == "[driftboard] CRITICAL flights:2@production batch 2026-03-01: Feature drift: age"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.tzinfo is not None
    assert mail["Message-ID"] == f"<1.{'0' * 32}.slack@example.com>"
    assert mail["References"] == f"<{'0' * 32}@example.com>"
    lines = mail.get_content().splitlines()
    assert "Detected at 2026-03-01T12:00:00+00:00" in lines
    link = "https://board.example/drift?model=flights%3A2%40production&batch=2026-03-01&feature=age"
    assert f"Evidence: {link}" in lines


def test_a_plain_relay_needs_no_tls_and_gets_no_password(authority):
    """A28: `none` is for a relay on this machine; with a username it is refused before anything is said."""
    with serving(Relay(), authority, tls="none") as relay:
        assert send(relay, tls="none") == ""
        with pytest.raises(ConfigError, match="tls"):
            send(relay, tls="none", password=CANARY)
    assert len(relay.mails) == 1


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_no_password_for_a_relay_nobody_vouches_for(evil_authority, tls):
    """A27: with an evil authority's certificate no login is seen, and no mail."""
    untrusted = pytest.raises(ChannelError, match="certificate is not trusted")
    with serving(Relay(), evil_authority, tls=tls) as relay, untrusted as caught:
        send(relay, tls=tls, password=CANARY)
    assert (relay.logins, relay.mails, caught.value.permanent) == ([], [], False)


def test_no_mail_without_the_tls_that_was_asked_for(authority):
    """A27: a relay (or somebody in between) that offers no STARTTLS gets neither password nor mail."""
    with serving(Relay(), authority, tls="none") as relay, pytest.raises(ChannelError, match="does not offer"):
        send(relay, password=CANARY)
    assert (relay.logins, relay.mails) == ([], [])


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("451 greylisted", False), ("421 busy", False), ("550 no", True), ("552 too large", True)],
)
def test_the_relays_answer_is_classified(authority, answer, permanent):
    """A30/N5: 4xx is worth a retry, 5xx is not."""
    with serving(Relay(data=[answer]), authority) as relay, pytest.raises(ChannelError) as caught:
        send(relay)
    assert (caught.value.permanent, str(caught.value)) == (permanent, f"the mail relay answered {answer[:3]}")


def test_greylisted_twice_then_taken(authority):
    """A30: 451, 451, 250: the third attempt delivers."""
    grey = ["451 later", "451 later"]
    both = {"one@example.com": grey, "two@example.com": list(grey)}
    with serving(Relay(recipients=both), authority) as relay:
        for _ in range(2):
            with pytest.raises(ChannelError, match=r"one@example.com \(451\)") as caught:
                send(relay)
            assert not caught.value.permanent
        assert send(relay) == ""
    assert len(relay.mails) == 1


def test_one_recipient_refused_for_good_is_reported(authority):
    """A30: the other got it; the remark names who did not."""
    with serving(Relay(recipients={"two@example.com": ["550 no such user"]}), authority) as relay:
        assert send(relay) == "refused for good: two@example.com (550)"
    assert relay.mails[0].rcpt_tos == ["one@example.com"]


def test_one_recipient_put_off_is_tried_again(authority):
    """A30: rather twice to one, under one Message-ID, than never to the other."""
    with serving(Relay(recipients={"two@example.com": ["451 later"]}), authority) as relay:
        with pytest.raises(ChannelError, match=r"put off two@example\.com") as caught:
            send(relay)
        assert not caught.value.permanent
        assert send(relay) == ""
    first, second = relay.mails
    assert second.rcpt_tos == ["one@example.com", "two@example.com"]
    assert parsed(first)["Message-ID"] == parsed(second)["Message-ID"]


def test_every_recipient_refused_for_good(authority):
    """Nobody can be reached: a retry is no use."""
    refuse = {name: ["550 no"] for name in ("one@example.com", "two@example.com")}
    with serving(Relay(recipients=refuse), authority) as relay, pytest.raises(ChannelError) as caught:
        send(relay)
    assert caught.value.permanent


def test_a_relay_that_says_nothing_is_left():
    """A11: the deadline is for the whole session, and silence is worth a retry."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        relay = Relay()
        relay.port = mute.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(ChannelError) as caught:
            send(relay, deadline=0.3)
    assert time.monotonic() - started < 1.5
    assert not caught.value.permanent


def test_a_relay_that_drips_is_left():
    """A11: a byte now and then does not keep the caller."""

    def drip(server):
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"220 hello\r\n")
            for _ in range(30):
                time.sleep(0.05)
                try:
                    connection.sendall(b"2")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=drip, args=(server,))
        thread.start()
        relay = Relay()
        relay.port = server.getsockname()[1]
        with pytest.raises(ChannelError, match="no complete answer within"):
            send(relay, deadline=0.4)
        thread.join(timeout=5)
    assert not thread.is_alive()


def test_nobody_listens():
    """A refused connection is worth a retry."""
    with pytest.raises(ChannelError, match="Connection refused") as caught:
        send(Relay())
    assert not caught.value.permanent


@pytest.mark.parametrize("recipient", ["a@example.com\r\nBcc: b@example.com", "a@example.com\nX: y"])
def test_a_recipient_with_a_line_break_is_refused(recipient):
    """Header injection through the configuration is an error, not a header."""
    with pytest.raises(ChannelError, match="not mail addresses") as caught:
        send(Relay(), recipients=(recipient,))
    assert caught.value.permanent


def test_half_a_login_is_refused():
    """A username without a password is a mistake worth a word."""
    with pytest.raises(ConfigError, match="username and password"):
        channel(Relay(), username="board")


@pytest.fixture(scope="module")
def plain_relay(authority):
    """Serve one relay for the whole corpus."""
    with serving(Relay(), authority, tls="none") as relay:
        yield relay


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_adds_no_header_recipient_or_link(plain_relay, name):
    """A23/N8: whatever a feature or batch is called, the mail has our headers and recipients, and our link only."""
    plain_relay.mails.clear()
    send(plain_relay, tls="none", records=[record(subject=name, message=name, batch_id=name)])
    (envelope,) = plain_relay.mails
    mail = parsed(envelope)
    assert envelope.rcpt_tos == ["one@example.com", "two@example.com"]
    ours = {"From", "To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted"}
    assert set(mail.keys()) - {"X-Peer", "X-MailFrom", "X-RcptTo"} == ours | {
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    }
    assert len(mail["Subject"]) <= SUBJECT_LIMIT
    assert mail.get_content_type() == "text/plain"
    links = [line for line in mail.get_content().splitlines() if "://" in line]
    assert all(line.startswith("Evidence: https://board.example/drift?") for line in links)
    assert len(links) == 1


def test_ten_thousand_features_make_a_short_mail(plain_relay):
    """A32: capped and counted."""
    plain_relay.mails.clear()
    send(plain_relay, tls="none", records=[record(n, subject=f"f{n}", message="x" * 9000) for n in range(10_000)])
    (envelope,) = plain_relay.mails
    assert len(envelope.content) < 64 * 1024
    assert "+9,980 more" in parsed(envelope).get_content()


def test_the_password_is_in_no_text(authority, caplog):
    """A25/N9: with every logger at DEBUG the password is in no log, error or repr."""
    caplog.set_level("DEBUG", logger="driftboard")
    with serving(Relay(data=[f"550 {CANARY}"]), authority) as relay:
        sender = channel(relay, password=CANARY)
        with pytest.raises(ChannelError) as caught:
            sender.send(build([record()], base_url=BASE))
    assert CANARY not in caplog.text + repr(sender) + repr(caught.value) + str(caught.value.__cause__)
