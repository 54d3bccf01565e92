"""A real SMTP server with real certificates, that takes mail as its script says."""

import socket
import ssl
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Relay:
    """Takes mail as its script says; keeps envelopes and logins."""

    def __init__(self, *, recipients=None, data=()) -> None:
        self.recipients = recipients or {}
        self.data = list(data)
        self.mails = []
        self.logins = []
        self.greeted = []
        self.port = 9  # nobody listens there

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        del server, session, options
        answers = self.recipients.get(address, [])
        answer = answers.pop(0) if answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        del server
        self.greeted.append(session.host_name)
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
def serving(relay, authority, *, tls="starttls", names=("localhost",), not_after=None):
    """Run the relay on a free port, with a certificate of `authority`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, not_after=not_after).configure_cert(context)
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
