"""A refusal: a request that is not served, and why, in one line that says what to do."""

from driftboard.errors import DriftboardError


class Refusal(DriftboardError):  # noqa: N818 - reads as what it is
    """A request that is not served; nothing of it was stored.

    Attributes
    ----------
    status
        Of the answer. 429 and 503 are worth a retry of the whole request, the others never are.
    code
        One word for programs.
    message
        One line for people.
    retry_after
        Seconds after which a retry is worth it; None when it never is.
    """

    def __init__(self, status: int, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
