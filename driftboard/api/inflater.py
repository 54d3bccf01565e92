"""Decompression piece by piece: no bomb goes off between two looks at what has become of a body."""

import zlib

from driftboard.api.refusal import Refusal
from driftboard.api_settings import ApiSettings

ENCODINGS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
"""Names of Content-Encoding, and what zlib calls them."""

MAX_RATIO = 100
"""Bytes that one compressed byte may become, once there are more than `_FREE` of them."""

_FREE = 64 * 2**10
_PIECE = 64 * 2**10


class Inflater:
    """Collects a body and decompresses it, within the limits of the settings.

    Attributes
    ----------
    body
        What there is of it so far.
    """

    def __init__(self, encoding: str, api: ApiSettings) -> None:
        self.body = bytearray()
        self._api = api
        self._wire = 0
        self._waiting = b""
        self._more = False
        self._stream = None if encoding == "identity" else zlib.decompressobj(ENCODINGS[encoding])

    def feed(self, chunk: bytes) -> None:
        """Take bytes off the wire."""
        self._wire += len(chunk)
        if self._wire > self._api.max_body:
            raise too_long(self._api)
        self._waiting = self._waiting + chunk if self._waiting else chunk

    def step(self) -> bool:
        """Decompress one piece of what waits; return whether there was any."""
        if not self._waiting and not self._more:
            return False
        if self._stream is None:
            self.body += self._waiting
            self._waiting = b""
        else:
            self._decompress(self._stream)
        return True

    def finished(self) -> bytearray:
        """Return the whole body."""
        while self.step():
            pass
        if self._stream is not None and not self._stream.eof:
            raise Refusal(400, "bad_encoding", "the compressed body ends before its end")
        return self.body

    def _decompress(self, stream: "zlib._Decompress") -> None:
        if stream.eof:
            raise Refusal(400, "bad_encoding", "the compressed body goes on after its end: send one gzip member")
        try:
            piece = stream.decompress(self._waiting, _PIECE)
        except zlib.error:
            raise Refusal(400, "bad_encoding", "the body does not decompress: it is not what it says it is") from None
        self.body += piece
        self._waiting = stream.unused_data if stream.eof else stream.unconsumed_tail
        self._more = len(piece) == _PIECE and not stream.eof  # zlib may hold back output of input that it has taken
        self._check()

    def _check(self) -> None:
        size = len(self.body)
        if size > self._api.max_inflated:
            limit = self._api.max_inflated
            raise Refusal(413, "too_long", f"the body becomes more than {limit:,} bytes: send fewer rows in a request")
        if size > _FREE and size > MAX_RATIO * self._wire:
            raise Refusal(413, "bomb", f"one byte of the body becomes more than {MAX_RATIO}: send it less compressed")


def too_long(api: ApiSettings) -> Refusal:
    """Return the refusal of a body with too many bytes on the wire."""
    return Refusal(413, "too_long", f"the body is longer than {api.max_body:,} bytes: send fewer rows in a request")
