"""What a service answered, and what that means for the message: taken, worth a retry, or refused for good."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from driftboard.errors import ChannelError

_LATER = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_WAITS = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; its body may repeat what it was sent, so it is in no repr."""

    service: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: str = field(repr=False)

    def refusal(self, code: str = "", *, permanent: bool | None = None) -> ChannelError:
        """Return the error that says the message was not taken.

        Parameters
        ----------
        code
            The service's word for the reason, when it is known to be harmless.
        permanent
            Whether a retry is no use; by default that is so of everything but 408, 425, 429 and server errors.
        """
        later = self.status in _LATER or self.status >= _SERVER_ERROR
        return ChannelError(
            f"{self.service} answered {self.status} {code}".rstrip(),
            permanent=not later if permanent is None else permanent,
            retry_after=self._retry_after() if self.status in _WAITS else None,
            status=self.status,
        )

    def _retry_after(self) -> float | None:
        """Return the seconds we were asked to wait: given as such, or as a date by the service's own clock."""
        given = {name.lower(): value for name, value in self.headers.items()}
        value = given.get("retry-after", "")
        with suppress(ValueError, OverflowError):
            return max(0.0, float(int(value)))
        at, now = _date(value), _date(given.get("date", "")) or datetime.now(UTC)
        return None if at is None else max(0.0, (at - now).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
