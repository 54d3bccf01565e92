"""What has become of what an instrument counted."""

from dataclasses import dataclass

from driftboard.data.client import LoggerStats


@dataclass(frozen=True, slots=True)
class InstrumentStats:
    """Of one process.

    Attributes
    ----------
    in_progress
        Requests under way now.
    counted
        Requests whose counts are in the store.
    waiting
        Requests that have ended and are not yet.
    dropped
        Requests that were not counted: the store was away for longer than there is room for.
    unread
        Requests whose bodies were not read for predictions: too many were waiting.
    problems
        Calls whose predictions could not be made out; `last_problem` says why the latest could not.
    last_error
        Why the latest write of counts failed; None when it did not.
    log
        What has become of the predictions; None where none are logged.
    """

    in_progress: int
    counted: int
    waiting: int
    dropped: int
    unread: int
    problems: int
    last_problem: str | None
    last_error: str | None
    log: LoggerStats | None
