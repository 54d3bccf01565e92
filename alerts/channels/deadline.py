"""A limit on the whole of a call: socket timeouts start anew with every byte."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

from driftboard.errors import ChannelError

T = TypeVar("T")

DEADLINE = 10.0
"""Seconds that sending one message may take, from the look-up of the name to the last byte of the answer."""


class Cord:
    """What is under way: its connection, to be cut from another thread, and whether the message has left.

    The connection is held by a descriptor of our own: TLS takes the socket's away while it shakes hands.
    """

    def __init__(self) -> None:
        self.sent = False
        self._lock = threading.Lock()
        self._cut = False
        self._held: socket.socket | None = None

    def hold(self, connection: socket.socket) -> None:
        """Remember the connection.

        Raises
        ------
        TimeoutError
            It has been cut already: it came too late.
        """
        with self._lock:
            if self._cut:
                raise TimeoutError
            self._let_go()
            self._held = connection.dup()

    def cut(self) -> None:
        """End the connection under the feet of whoever reads from it."""
        with self._lock:
            self._cut = True
            if self._held is not None:
                with suppress(OSError):
                    self._held.shutdown(socket.SHUT_RDWR)
            self._let_go()

    def release(self) -> None:
        """Forget the connection: it is closed by whoever opened it."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None


def within(seconds: float, call: Callable[[], T], *, cord: Cord) -> T:
    """Return what `call` returns, or raise what it raises, within so many seconds.

    Parameters
    ----------
    call
        Runs in a thread of its own, so that nothing it does can hold the caller up.
    cord
        What the call is to hold its connection by; it is cut when time is up, so that the thread ends too.

    Raises
    ------
    ChannelError
        Time is up: worth a retry; `unknown` when the message had left.
    """
    answers: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            answer: tuple[T | None, BaseException | None] = call(), None
        except BaseException as error:  # noqa: BLE001 - it is raised again, in the caller's thread
            answer = None, error
        cord.release()  # before the caller goes on: the other side is to see the end of it
        answers.put(answer)

    threading.Thread(target=run, name="driftboard-send", daemon=True).start()
    try:
        answer, error = answers.get(timeout=seconds)
    except Empty:
        cord.cut()
        raise ChannelError(f"no complete answer within {seconds:g} s", permanent=False, unknown=cord.sent) from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]  # None only if call returned it
