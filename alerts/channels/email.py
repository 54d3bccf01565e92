"""E-mail: one SMTP relay, whose certificate is checked before a password is said."""

import smtplib
from collections.abc import Mapping

from driftboard.alerts.channels import Receipt, kinds
from driftboard.alerts.channels.deadline import DEADLINE, Cord, within
from driftboard.alerts.channels.mail import mail_of
from driftboard.alerts.channels.relay import Refusals, deliver
from driftboard.alerts.channels.wire import cause
from driftboard.alerts.facts import Kind
from driftboard.alerts.message import Message
from driftboard.alerts.plain import one_line
from driftboard.channel_settings import EmailSettings
from driftboard.config import resolve_secret
from driftboard.errors import ChannelError

_FOR_GOOD = 500


class EmailChannel:
    """Writes to every recipient, one mail.

    Parameters
    ----------
    name
        What the configuration calls it.
    settings
        Relay, sender and recipients; the password is read now and never shown in an error or a log.
    deadline
        Seconds the whole exchange may take.

    Raises
    ------
    ConfigError
        The password is not where the settings say.
    """

    def __init__(self, name: str, settings: EmailSettings, *, deadline: float = DEADLINE) -> None:
        self.name = name
        self.merges = kinds.merges(settings)
        self._settings = settings
        self._password = None if settings.password is None else resolve_secret(settings.password)
        self._deadline = deadline

    def takes(self, kind: Kind) -> bool:
        """See `Channel.takes`."""
        return kinds.takes(self._settings, kind)

    def send(self, message: Message) -> Receipt:
        """Send the message; see `Channel.send`.

        A recipient refused for good is named in the remark. If one is refused for now, everything is sent again,
        under the same Message-ID: rather twice to one than never to the other.
        """
        cord = Cord()
        try:
            mail = mail_of(message, self._settings)
            call = lambda: deliver(mail, self._settings, self._password, timeout=self._deadline, cord=cord)  # noqa: E731
            refused = within(self._deadline, call, cord=cord)
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal(error.recipients) from None
        except smtplib.SMTPNotSupportedError:
            raise ChannelError("the mail relay does not offer what tls or login needs", permanent=True) from None
        except smtplib.SMTPResponseException as error:
            code = error.smtp_code
            raise ChannelError(f"the mail relay answered {code}", permanent=code >= _FOR_GOOD, status=code) from None
        except (OSError, smtplib.SMTPException) as error:
            text = f"the mail relay cannot be used: {cause(error)}"
            raise ChannelError(text, permanent=False, unknown=cord.sent) from None
        except ValueError:  # of the e-mail package, or of smtplib: an address that is not of ASCII, for instance
            raise ChannelError(
                "sender or recipients are not mail addresses the relay could take", permanent=True
            ) from None
        return Receipt(remark=_remark(refused), reference=mail["Message-ID"])


def _refusal(refused: Mapping[str, tuple[int, bytes]]) -> ChannelError:
    """Say that nobody got it: worth a retry when one of them was only put off."""
    code = min(code for code, _ in refused.values())
    return ChannelError(f"the mail relay refused {_names(refused)}", permanent=code >= _FOR_GOOD, status=code)


def _remark(refused: Refusals) -> str:
    later = [code for code, _ in refused.values() if code < _FOR_GOOD]
    if later:
        raise ChannelError(f"the mail relay put off {_names(refused)}", permanent=False, status=later[0])
    return f"refused for good: {_names(refused)}" if refused else ""


def _names(refused: Refusals) -> str:
    """List recipients and codes; the relay's own words are left out, they may repeat what we said to it."""
    return one_line(", ".join(f"{name} ({code})" for name, (code, _) in refused.items()), limit=300)
