"""A limit on the whole of a call."""

import socket
import threading
import time

import pytest

from driftboard.alerts.channels.deadline import DEADLINE, Cord, within
from driftboard.errors import ChannelError


def test_ten_seconds_are_the_limit():
    """N1: the promise, and the dispatcher's lease counts on it."""
    assert DEADLINE == 10.0


def test_what_is_in_time_is_returned_or_raised():
    """In the caller's thread, as if it had been called there."""
    assert within(2.0, lambda: 7, cord=Cord()) == 7
    with pytest.raises(ZeroDivisionError):
        within(2.0, lambda: 1 // 0, cord=Cord())


@pytest.mark.parametrize("sent", [False, True])
def test_what_is_late_is_cut(sent):
    """The connection under a reader is ended, so that the thread ends; what had left is unknown."""
    ours, theirs = socket.socketpair()
    cord, ended = Cord(), threading.Event()
    cord.hold(ours)
    cord.sent = sent

    def read():
        ours.recv(1)
        ended.set()

    with ours, theirs:
        started = time.monotonic()
        with pytest.raises(ChannelError, match=r"no complete answer within 0\.2 s") as caught:
            within(0.2, read, cord=cord)
        assert time.monotonic() - started < 1.0
        assert ended.wait(2.0)
    assert (caught.value.permanent, caught.value.unknown) == (False, sent)


def test_a_connection_that_comes_too_late_is_refused():
    """A call that was given up opens nothing any more."""
    ours, theirs = socket.socketpair()
    cord = Cord()
    cord.cut()
    with ours, theirs, pytest.raises(TimeoutError):
        cord.hold(ours)


def test_the_other_side_sees_the_end_before_the_caller_goes_on():
    """Our second hold on a connection does not keep it open."""
    ours, theirs = socket.socketpair()
    cord = Cord()

    def call():
        with ours:
            cord.hold(ours)

    with theirs:
        within(2.0, call, cord=cord)
        theirs.setblocking(False)
        assert theirs.recv(1) == b""
