"""Sixty bodies made to hurt, thrown at once from a process of its own: nobody else's times are measured in it."""

import gzip
import json
import sys
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import orjson

from tests.api.ingest_app import body, row

MIB = 2**20
Bomb = tuple[str, bytes, dict[str, str]]
"""Name, body, headers."""

ROUNDS = 6
HUNG_UP = 0
"""Instead of a status: it ended the connection before the body did, and what it answered could not be read."""


def nested(depth: int, opening: bytes, closing: bytes) -> bytes:
    """Return so many levels around nothing."""
    return opening * depth + b"0" + closing * depth


def bombs() -> list[Bomb]:
    """Return sixty different ones."""
    keys = b",".join(b'"k%d":0' % each for each in range(500_000))
    text = b'"' + b"x" * (7 * MIB) + b'"'
    plain = {
        "lists": b"[" + b"[]," * (2 * MIB) + b"0]",
        "objects": b"[" + b"{}," * (2 * MIB) + b"0]",
        "small objects": b"[" + b'{"a":0},' * 900_000 + b"0]",
        "numbers": b"[" + b"1," * (4 * MIB - 8) + b"0]",
        "keys": b"{" + keys + b"}",
        "keys in a row": b'{"model":"m","prediction":{"prediction_id":"1","predicted":1,"features":{' + keys + b"}}}",
        "few too many keys": b"{" + b",".join(b'"%d":0' % each for each in range(20_001)) + b"}",
        "a text": text,
        "wide texts": b"[" + b",".join([b'"\xf0\x9f\x98\x80' + b"a" * 60_000 + b'"'] * 130) + b"]",
        "a long key": b"{" + text + b":0}",
        "spaces": b" " * (8 * MIB - 1),
        "digits": b"1" * (8 * MIB - 1),
        "a digit more": b"[" + b"1" * 400 + b"]",
        "deep lists": nested(500_000, b"[", b"]"),
        "deep objects": nested(500_000, b'{"a":', b"}"),
        "a level too deep": nested(33, b"[", b"]"),
        "rows": orjson.dumps(body(*[{}] * 10_001)),
        "many rows": b'{"model":"m","predictions":[' + b"0," * 300_000 + b"0]}",
        "sparse rows": orjson.dumps(body(*[row(each, features={f"f{each}": 0}) for each in range(9000)])),
        "batches": orjson.dumps(body(*[row(each, batch_id=each) for each in range(10_000)])),
        "escapes": b'["' + b"\\u4e2d" * MIB + b'"]',
        "doubled keys": b"{" + b'"a":0,' * MIB + b'"a":0}',
        "big numbers": b"[" + b"123456789012345678901234567890," * 200_000 + b"0]",
        "open": b'{"a":[' * MIB,
        "quotes": b'"\\"' * MIB,
    }  # fmt: skip
    found: list[Bomb] = [(name, wire, {}) for name, wire in plain.items()]
    found += [(f"{name}, gzip", gzip.compress(wire, 1), {"Content-Encoding": "gzip"}) for name, wire in plain.items()]
    zeros = gzip.compress(bytes(32 * MIB), 9)
    found += [
        ("zeros", zeros, {"Content-Encoding": "gzip"}),
        ("zeros, deflate", zlib.compress(bytes(200 * MIB)), {"Content-Encoding": "deflate"}),
        ("zeros twice", gzip.compress(zeros), {"Content-Encoding": "gzip"}),
        ("members", zeros * 40, {"Content-Encoding": "gzip"}),
        ("32 MiB of spaces and noise", _loosely(32 * MIB), {"Content-Encoding": "gzip"}),
        ("33 MiB of spaces and noise", _loosely(33 * MIB), {"Content-Encoding": "gzip"}),
        ("too long", b" " * (8 * MIB + 1), {}),
        ("not gzip", b"x" * MIB, {"Content-Encoding": "gzip"}),
        ("other encoding", b"x" * MIB, {"Content-Encoding": "br"}),
        ("other type", b"x" * MIB, {"Content-Type": "application/xml"}),
    ]
    return found


def _loosely(size: int) -> bytes:
    """Return so many bytes that compress well, but not so well that their ratio gives them away."""
    return gzip.compress((b" " * 100 + b"%06d" % (size % 999_983)) * (size // 106), 1)


def main() -> None:
    """Throw all of them at the port that is named, again and again; print how often each status was answered."""
    port = int(sys.argv[1])
    all_of_them = bombs()
    print("ready", flush=True)  # noqa: T201 - read by the test
    sys.stdin.readline()
    with ThreadPoolExecutor(len(all_of_them)) as pool:
        statuses = [each for _ in range(ROUNDS) for each in pool.map(lambda bomb: _thrown(port, bomb), all_of_them)]
    print(json.dumps(Counter(statuses)))  # noqa: T201


def _thrown(port: int, bomb: Bomb) -> int:
    """Return the status of a request without a length, sent in pieces."""
    _, content, headers = bomb
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    pieces = (content[start : start + 100_000] for start in range(0, len(content), 100_000))
    try:
        connection.request(
            "POST", "/v1/predictions", pieces, {"Content-Type": "application/json"} | headers, encode_chunked=True
        )
        return connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        return HUNG_UP
    finally:
        connection.close()


if __name__ == "__main__":
    main()
