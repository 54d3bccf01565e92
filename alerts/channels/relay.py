"""One session with a mail relay, recipient by recipient; what is under way can be cut."""

import smtplib
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP

from driftboard.alerts.channels.deadline import Cord
from driftboard.alerts.channels.tls import secured
from driftboard.channel_settings import EmailSettings

Refusals = Mapping[str, tuple[int, bytes]]
_TAKEN = (250, 251)
_GONE = 421
_ON_THE_WIRE = SMTP.clone(cte_type="7bit")


def deliver(
    mail: EmailMessage, settings: EmailSettings, password: str | None, *, timeout: float, cord: Cord
) -> Refusals:
    """Hand the mail to the relay; return the recipients it refused while it took others.

    Raises
    ------
    smtplib.SMTPException, OSError
        The relay did not take it: for nobody, or not at all.
    """
    relay = _Relay(settings, timeout, cord)
    try:
        if settings.tls == "starttls":
            relay.starttls(context=ssl.create_default_context())
        if settings.username and password:
            relay.login(settings.username, password)
        refused = _hand_over(relay, mail, settings, cord)
        with suppress(OSError, smtplib.SMTPException):  # it has been taken: how we part does not matter
            relay.quit()
        return refused
    finally:
        relay.close()


def _hand_over(relay: "_Relay", mail: EmailMessage, settings: EmailSettings, cord: Cord) -> Refusals:
    """Say sender, recipients and text; from the text on, the mail may arrive whatever we hear."""
    relay.ehlo_or_helo_if_needed()
    code, answer = relay.mail(settings.sender)
    if code not in _TAKEN:
        raise smtplib.SMTPSenderRefused(code, answer, settings.sender)
    refused: dict[str, tuple[int, bytes]] = {}
    for recipient in settings.recipients:
        code, answer = relay.rcpt(recipient)
        if code == _GONE:
            raise smtplib.SMTPResponseException(code, answer)
        if code not in _TAKEN:
            refused[recipient] = (code, answer)
    if len(refused) == len(settings.recipients):
        raise smtplib.SMTPRecipientsRefused(refused)
    cord.sent = True
    code, answer = relay.data(mail.as_bytes(policy=_ON_THE_WIRE))
    if code not in _TAKEN:
        raise smtplib.SMTPDataError(code, answer)
    return refused


class _Relay(smtplib.SMTP):
    """smtplib's client, with a connection that can be cut, and that speaks TLS from the start where it should."""

    def __init__(self, settings: EmailSettings, timeout: float, cord: Cord) -> None:
        self._implicit = settings.tls == "implicit"
        self._cord = cord
        # By the sender's domain we introduce ourselves: smtplib would ask the name server who we are, and wait for it.
        ourselves = settings.sender.rpartition("@")[2]
        super().__init__(settings.host, settings.port, local_hostname=ourselves, timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect: smtplib calls this, and SMTP_SSL differs from SMTP in nothing else."""
        raw = socket.create_connection((host, port), timeout)
        try:
            self._cord.hold(raw)
            return secured(raw, host) if self._implicit else raw
        except BaseException:
            raw.close()
            raise
