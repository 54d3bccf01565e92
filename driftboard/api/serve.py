"""Serves the API in this process until it is told to stop; then writes what waits, and ends."""

import errno
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

import uvicorn

from driftboard.api.app import create_app
from driftboard.config import Settings
from driftboard.data import Store
from driftboard.data.api_keys import any_active, read_keys
from driftboard.errors import ConfigError
from driftboard.web_address import is_loopback

_REQUESTS_SECONDS = 3
"""What is under way may take so long after SIGTERM; with the writer and the last sign of life that is below ten."""

_BACKLOG = 512

_TURN = 0.001
"""Seconds after which a thread that parses a big body lets the others go on; Python's five are paid at each turn."""

_YOUNG = 10_000
"""New objects after which the garbage collector looks for cycles among them: a request of 200 rows holds 1,100 until it
is answered, and Python's 700 have it look at them while they are in use."""


def serve(store: Store, settings: Settings, *, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serve the API over an open log until SIGINT or SIGTERM.

    Parameters
    ----------
    store
        Open for writing; it stays the caller's.
    host, port
        Where to listen; port 0 takes a free one.
    say
        Told where the API is once it listens.

    Raises
    ------
    ConfigError
        The address cannot be had, or is not this machine's own and there is no key that could be asked for.
    """
    check_keys(store, host)
    listening = bound(host, port)
    try:
        _quieten()
        said = f"The API is at {_url(listening)} (stop it with Ctrl-C)"
        server = _Server(_config(store, settings), lambda: say(said))
        _spare_the_collector()
        sys.setswitchinterval(_TURN)
        with _told_to_stop(server):
            server.run(sockets=[listening])
    finally:
        listening.close()


def check_keys(store: Store, host: str) -> None:
    """Refuse to listen to other machines while there is no key to ask them for.

    Raises
    ------
    ConfigError
        There is none.
    """
    if is_loopback(host):
        return
    with store.read() as connection:
        keys = read_keys(connection)
    if not any_active(keys, datetime.now(UTC)):
        raise ConfigError(
            f"--host {host}: other machines are served with keys only, and none is active: make one with "
            "`driftboard keys create --name NAME --scope ingest`"
        )


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to an address; nobody else can take it before the server listens.

    Raises
    ------
    ConfigError
        It cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise ConfigError(f"--host {host}: no such address on this machine") from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise ConfigError(_why_not(error, host, port)) from None
    return listening


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use: choose another with --port"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port {port} needs more rights than you have: choose another with --port"
    return f"port {port} on {host} cannot be used ({error.strerror}): choose another with --host or --port"


def _spare_the_collector() -> None:
    """Take what is loaded by now, and stays, out of the garbage collector's sight.

    Walking through its 150,000 objects stops every request for about as long as 25 of them take, with 200 rows each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])


def _config(store: Store, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(store, settings),
        log_config=None,
        access_log=False,  # it would write what is asked for, and that names models and ids
        server_header=False,
        lifespan="on",
        ws="none",
        backlog=_BACKLOG,
        timeout_graceful_shutdown=_REQUESTS_SECONDS,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 * 2**10,
    )


class _Server(uvicorn.Server):
    """Says so once it listens."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets=sockets)
        if self.started:
            self._on_listening()


@contextmanager
def _told_to_stop(server: uvicorn.Server) -> Iterator[None]:
    """Have SIGINT and SIGTERM stop the server; it raises them again at its end, and then they do nothing."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, was in before.items():
            signal.signal(number, was)


def _quieten() -> None:
    """Let the server's own log tell what happened, never where in the code: a traceback may hold values."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi"):
        found = logging.getLogger(name)
        found.setLevel(logging.WARNING)
        found.addFilter(_without_traceback)


def _without_traceback(record: logging.LogRecord) -> bool:
    record.exc_info, record.exc_text = None, None
    return True


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
