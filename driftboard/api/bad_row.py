"""Why a row cannot be one."""

from typing import Literal

Code = Literal["bad_row", "unknown_field", "missing_id", "conflict", "quarantined"]


class BadRow(ValueError):  # noqa: N818 - reads as what it is
    """A row that cannot be one; its neighbours are none the worse.

    Attributes
    ----------
    code
        One word for programs.
    reason
        One line for people.
    """

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code: Code = code
        self.reason = reason
