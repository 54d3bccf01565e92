"""A limit on the whole of a call: socket timeouts start anew with every byte."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

from driftboard.errors import ChannelError

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T], *, cut: Callable[[], None]) -> T:
    """Return what `call` returns, or raise what it raises, within so many seconds.

    Parameters
    ----------
    call
        Runs in a thread of its own, so that nothing it does can hold the caller up.
    cut
        Ends the call's connection, so that its thread ends too.

    Raises
    ------
    ChannelError
        Time is up: worth a retry. What was sent may still arrive.
    """
    answers: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            answers.put((call(), None))
        except BaseException as error:  # noqa: BLE001 - it is raised again, in the caller's thread
            answers.put((None, error))

    threading.Thread(target=run, name="driftboard-send", daemon=True).start()
    try:
        answer, error = answers.get(timeout=seconds)
    except Empty:
        cut()
        raise ChannelError(f"no complete answer within {seconds:g} s", permanent=False) from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]  # None only if call returned it
