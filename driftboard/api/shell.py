"""What surrounds every route: who this machine is called, headers that make answers safe, and the last defence."""

import logging
import os
from collections.abc import Sequence

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from driftboard.api.error_answers import answer
from driftboard.api.state import parts
from driftboard.errors import SHOW_TRACEBACK
from driftboard.web_address import is_loopback

log = logging.getLogger(__name__)

_SHOWN = 200

SAFE_HEADERS: Sequence[tuple[bytes, bytes]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)


class Shell:
    """A middleware around the whole app.

    Parameters
    ----------
    app
        What is inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; whatever happens inside, it has an answer without a traceback."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def safely(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), *SAFE_HEADERS]
            await send(message)

        try:
            inside = self._app if _is_meant(scope) else _MISDIRECTED
            await inside(scope, receive, safely)
        except Exception as error:
            name = type(error).__name__
            log.error("unexpected %s in %r (set %s=1 to see where)", name, scope["path"][:_SHOWN], SHOW_TRACEBACK)  # noqa: TRY400
            if os.environ.get(SHOW_TRACEBACK):
                raise
            if started:  # too late to say so: the server ends the connection, and notes that the answer broke off
                raise RuntimeError("an answer broke off") from None
            await answer(500, "unexpected", f"unexpected {name}: it was noted in the log")(scope, receive, safely)


_MISDIRECTED = answer(421, "misdirected", "without keys this API answers to the names of this machine only: localhost")


def _is_meant(scope: Scope) -> bool:
    """Whether the request names this machine, as far as that is asked.

    Without keys whoever reaches us may do everything. A page in a browser here reaches us, too, once its own name is
    made to lead to 127.0.0.1 (DNS rebinding); but then its requests bear that name.
    """
    connection = HTTPConnection(scope)
    if not parts(connection).keyring.is_empty:
        return True
    host = connection.headers.get("host", "")
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return is_loopback(name)
