r"""Records of a spool file: magic, length, CRC-32, payload; found again after a torn one.

The payload is UTF-8 (JSON), in which the byte 0xFF of the magic cannot occur: whatever stands between two records, the
next true record is found, and none is found that was not written.
"""

import struct
import zlib
from dataclasses import dataclass

MAGIC = b"\xffdrf"
MAX_PAYLOAD = 16 * 2**20
_HEAD = struct.Struct("<4sII")
HEAD_SIZE = _HEAD.size


@dataclass(frozen=True, slots=True)
class Scan:
    """What a stretch of a spool file holds.

    Attributes
    ----------
    payloads
        Of the whole records, in their order.
    end
        Position behind the last of them; what follows is torn, or still being written.
    torn
        Bytes before `end` that belong to no whole record.
    """

    payloads: list[bytes]
    end: int
    torn: int


def encode_record(payload: bytes) -> bytes:
    """Return the record of a payload.

    >>> scan(encode_record(b"a") + encode_record(b"b")[:-1] + encode_record(b"c")).payloads
    [b'a', b'c']
    """
    return _HEAD.pack(MAGIC, len(payload), zlib.crc32(payload)) + payload


def scan(data: bytes) -> Scan:
    """Return the whole records in `data`; where one is torn, go on at the next magic."""
    payloads: list[bytes] = []
    position = end = torn = 0
    while (start := data.find(MAGIC, position)) >= 0:
        payload = _payload_at(data, start)
        if payload is None:
            position = start + 1
            continue
        payloads.append(payload)
        torn += start - end
        position = end = start + HEAD_SIZE + len(payload)
    return Scan(payloads, end, torn)


def _payload_at(data: bytes, start: int) -> bytes | None:
    if len(data) < start + HEAD_SIZE:
        return None
    _, length, checksum = _HEAD.unpack_from(data, start)
    body = start + HEAD_SIZE
    if length > MAX_PAYLOAD or len(data) < body + length:
        return None
    payload = data[body : body + length]
    return payload if zlib.crc32(payload) == checksum else None
