"""The body of a request: read, decompressed and parsed within limits that hold before memory is spent.

A big body needs the one place there is for big bodies; the others wait a moment and are then told to come again. So a
hundred of them at once need the memory of one.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from starlette.requests import ClientDisconnect, Request

from driftboard.api.big_blocks import give_back_big_blocks
from driftboard.api.inflater import ENCODINGS, Inflater, too_long
from driftboard.api.refusal import Refusal
from driftboard.api.strict_json import parse
from driftboard.api_settings import ApiSettings

BIG = 256 * 2**10
"""Bytes from which on a body is big."""

SECONDS = 30.0
BIG_SECONDS = 10.0
PATIENCE = 0.5
"""Seconds that a body may take, that a big one may, and that one waits for the place of the big ones."""

JSON = ("application/json",)
MOST_WAITING = 8
"""Big bodies that may wait for their place."""


async def read_json(request: Request, api: ApiSettings, *, media: Sequence[str] = JSON) -> Any:
    """Return what the body of a request holds; for bodies that are small, or done with once they are parsed.

    Raises
    ------
    Refusal
        As `json_body` does.
    """
    async with json_body(request, api, media=media) as value:
        return value


@asynccontextmanager
async def json_body(request: Request, api: ApiSettings, *, media: Sequence[str] = JSON) -> AsyncIterator[Any]:
    """Yield what the body of a request holds; no other big body is read before the block ends.

    Raises
    ------
    Refusal
        415: the type or encoding is none of ours; 413: too long, or it becomes too much; 400: no JSON; 408: it came too
        slowly; 429: other big bodies are being read.
    """
    inflater = Inflater(_encoding(request), api)
    _check_type(request, media)
    _check_length(request, api)
    async with AsyncExitStack() as stack:
        body = await _read(request, inflater, stack)
        if len(body) > BIG:
            value = await asyncio.to_thread(parse, body)
        else:
            value = parse(body)
        del body, inflater
        yield value


def _encoding(request: Request) -> str:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity" and encoding not in ENCODINGS:
        raise Refusal(415, "unknown_encoding", "Content-Encoding: send gzip, deflate, or none")
    return encoding


def _check_type(request: Request, media: Sequence[str]) -> None:
    given, _, parameters = request.headers.get("content-type", "").partition(";")
    if given.strip().lower() not in media:
        raise Refusal(415, "unknown_type", f"Content-Type: send {' or '.join(media)}")
    charset = parameters.lower().replace('"', "").replace(" ", "")
    if "charset=" in charset and "charset=utf-8" not in charset:
        raise Refusal(415, "unknown_charset", "Content-Type: JSON is sent as UTF-8")


def _check_length(request: Request, api: ApiSettings) -> None:
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > api.max_body:
        raise too_long(api)


async def _read(request: Request, inflater: Inflater, stack: AsyncExitStack) -> bytearray:
    """Return the whole body, decompressed; from `BIG` bytes on with the place of the big ones held."""
    length = request.headers.get("content-length", "0")
    alone = False
    try:
        async with asyncio.timeout(SECONDS) as limit:
            if length.isdecimal() and int(length[:20]) > BIG:
                alone = await _alone(stack, limit)
            async for chunk in request.stream():
                inflater.feed(chunk)
                while inflater.step():
                    if len(inflater.body) > BIG and not alone:
                        alone = await _alone(stack, limit)
                    await asyncio.sleep(0)  # few bytes may become many: others get their turn in between
    except TimeoutError:
        raise Refusal(408, "too_slow", "the body did not arrive in time: send fewer rows in a request") from None
    except ClientDisconnect:
        raise Refusal(400, "disconnected", "the connection ended before the body did") from None
    return inflater.finished()


async def _alone(stack: AsyncExitStack, limit: asyncio.Timeout) -> bool:
    """Hold the place of the big bodies until the stack is left; from now on there is less time."""
    loop = asyncio.get_running_loop()
    place = _PLACES.setdefault(loop, _Place())
    if not await place.taken():
        message = "other big requests are being read: send it again, or send fewer rows in a request"
        raise Refusal(429, "busy", message, retry_after=1)
    stack.callback(place.release)
    give_back_big_blocks()
    limit.reschedule(loop.time() + BIG_SECONDS)
    return True


class _Place:
    """The one place for big bodies, and the few that wait for it."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._waiting = 0

    async def taken(self) -> bool:
        """Take the place; return False when too many wait for it, or it was not free in time."""
        if self._waiting == MOST_WAITING:
            return False
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._lock.acquire()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1

    def release(self) -> None:
        """Leave the place to the next one."""
        self._lock.release()


_PLACES: WeakKeyDictionary[asyncio.AbstractEventLoop, _Place] = WeakKeyDictionary()
