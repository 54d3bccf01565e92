"""E-mail: one SMTP relay, whose certificate is checked before a password is said."""

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from socket import SHUT_RDWR

from driftboard.alerts.channels.deadline import within
from driftboard.alerts.message import Finding, Notification
from driftboard.alerts.plain import one_line
from driftboard.config import EmailSettings
from driftboard.errors import ChannelError, ConfigError

DEADLINE = 30.0
SUBJECT_LIMIT = 200
_FOR_GOOD = 500

Refusals = Mapping[str, tuple[int, bytes]]


class EmailChannel:
    """Writes to every recipient, one message.

    Parameters
    ----------
    settings
        Relay, sender and recipients.
    password
        The secret itself: never shown in an error or a log.
    deadline
        Seconds the whole exchange may take.

    Raises
    ------
    ConfigError
        A password would be said without TLS.
    """

    name = "email"

    def __init__(self, settings: EmailSettings, *, password: str | None, deadline: float = DEADLINE) -> None:
        if settings.tls == "none" and (settings.username or password):
            raise ConfigError('alerts.email: a username needs tls = "starttls" or "implicit"')
        if bool(settings.username) != bool(password):
            raise ConfigError("alerts.email: give username and password, or neither")
        self._settings = settings
        self._password = password
        self._deadline = deadline

    def send(self, notification: Notification) -> str:
        """Send the notification; see `Channel.send`.

        A recipient refused for good is named in the remark. If one is refused for now, everything is sent again,
        under the same Message-ID: rather twice to one than never to the other.
        """
        wire = _Wire(self._settings, self._password, self._deadline)
        try:
            message = mail_message(notification, self._settings)
            refused = within(self._deadline, lambda: wire.send(message), cut=wire.cut)
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal(error.recipients) from None
        except smtplib.SMTPNotSupportedError:
            raise ChannelError("the mail relay does not offer what tls or login needs", permanent=True) from None
        except smtplib.SMTPResponseException as error:
            permanent = error.smtp_code >= _FOR_GOOD
            raise ChannelError(f"the mail relay answered {error.smtp_code}", permanent=permanent) from None
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelError(f"the mail relay cannot be used: {_cause(error)}", permanent=False) from None
        except ValueError:  # of the e-mail package: an address with a line break in it
            raise ChannelError("sender or recipients are not mail addresses", permanent=True) from None
        return _remark(refused)


def mail_message(notification: Notification, settings: EmailSettings) -> EmailMessage:
    """Return the mail: plain text, dated, threaded with earlier ones on the same problem, marked as automatic."""
    domain = parseaddr(settings.sender)[1].rpartition("@")[2] or "driftboard.invalid"
    message = EmailMessage()
    message["From"] = settings.sender
    message["To"] = ", ".join(settings.recipients)
    message["Subject"] = one_line(f"[driftboard] {notification.headline}", limit=SUBJECT_LIMIT)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{notification.key}@{domain}>"
    message["References"] = f"<{notification.thread}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_body(notification))
    return message


def _body(notification: Notification) -> str:
    paragraphs = ["\n".join(notification.facts), *map(_paragraph, notification.findings)]
    if notification.more:
        paragraphs.append(f"+{notification.more:,} more")
    return "\n\n".join(paragraphs)


def _paragraph(finding: Finding) -> str:
    return f"{finding.headline}\n{finding.evidence}\nEvidence: {finding.url}\nRunbook: {finding.runbook}"


def _refusal(refused: Refusals) -> ChannelError:
    permanent = all(code >= _FOR_GOOD for code, _ in refused.values())
    return ChannelError(f"the mail relay refused {_names(refused)}", permanent=permanent)


def _remark(refused: Refusals) -> str:
    if any(code < _FOR_GOOD for code, _ in refused.values()):
        raise ChannelError(f"the mail relay put off {_names(refused)}", permanent=False)
    return f"refused for good: {_names(refused)}" if refused else ""


def _names(refused: Refusals) -> str:
    """List recipients and codes; the relay's own words are left out, they may repeat what we said to it."""
    return one_line(", ".join(f"{name} ({code})" for name, (code, _) in refused.items()), limit=300)


def _cause(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not trusted"
    return one_line(getattr(error, "strerror", None) or type(error).__name__, limit=120)


class _Wire:
    """One session with the relay; `cut` ends what is under way."""

    def __init__(self, settings: EmailSettings, password: str | None, timeout: float) -> None:
        self._settings = settings
        self._password = password
        self._timeout = timeout
        self._relay: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> Refusals:
        """Deliver to the relay; return the recipients it refused while it took others."""
        settings = self._settings
        self._relay = relay = self._connect()
        try:
            if settings.tls == "starttls":
                relay.starttls(context=ssl.create_default_context())
            if settings.username and self._password:
                relay.login(settings.username, self._password)
            refused = relay.send_message(message)
            with suppress(OSError, smtplib.SMTPException):  # it has been taken: how we part does not matter
                relay.quit()
            return refused
        finally:
            relay.close()

    def cut(self) -> None:
        """Close the connection under the feet of whoever reads from it."""
        sock = self._relay.sock if self._relay else None
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)

    def _connect(self) -> smtplib.SMTP:
        """Open the session; with implicit TLS the certificate is checked before anything is said."""
        host, port = self._settings.host, self._settings.port
        if self._settings.tls == "implicit":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, timeout=self._timeout, context=context)
        return smtplib.SMTP(host, port, timeout=self._timeout)
