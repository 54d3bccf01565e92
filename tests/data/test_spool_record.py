"""Records of a spool: found whatever lies between them, and never one that was not written."""

import random

from hypothesis import given
from hypothesis import strategies as st

from driftboard.data.spool_record import HEAD_SIZE, MAGIC, Scan, encode_record, scan

PAYLOADS = st.lists(st.text(max_size=40).map(str.encode), max_size=8)


def stop_at_torn(data: bytes) -> Scan:
    """The negative control: a reader that ends at the first record it does not understand."""
    payloads: list[bytes] = []
    end = 0
    while data.startswith(MAGIC, end) and len(found := scan(data[end : end + HEAD_SIZE + _length(data, end)]).payloads):
        payloads += found
        end += HEAD_SIZE + len(found[0])
    return Scan(payloads, end, 0)


def _length(data: bytes, start: int) -> int:
    return int.from_bytes(data[start + 4 : start + 8], "little")


@given(PAYLOADS)
def test_what_was_written_is_read(payloads: list[bytes]) -> None:
    """In its order, to the last byte."""
    data = b"".join(map(encode_record, payloads))
    assert scan(data) == Scan(payloads, len(data), 0)
    assert stop_at_torn(data).payloads == payloads


@given(PAYLOADS, PAYLOADS, st.text(min_size=1, max_size=40), st.floats(0, 1, exclude_max=True))
def test_a_torn_record_costs_itself_only(before: list[bytes], after: list[bytes], torn: str, share: float) -> None:
    """Those behind it are read, and the bytes of the torn one are counted."""
    whole = encode_record(torn.encode())
    piece = whole[: int(share * len(whole))]
    first, last = b"".join(map(encode_record, before)), b"".join(map(encode_record, after))
    found = scan(first + piece + last)
    assert found.payloads == before + after
    assert found.torn == (len(piece) if after else 0)
    assert found.end == len(first) + (len(piece) + len(last) if after else 0)


@given(st.binary(max_size=200), PAYLOADS)
def test_garbage_makes_no_record(garbage: bytes, payloads: list[bytes]) -> None:
    """Bytes that hold no whole record add none, and hide none that begin behind them."""
    data = garbage + b"".join(map(encode_record, payloads))
    assert scan(data).payloads[-len(payloads) :] == payloads or not payloads


def test_a_flipped_bit_costs_one_record() -> None:
    """Wherever it is: in the magic, the length, the checksum or the payload."""
    payloads = [b"%d" % number * 10 for number in range(50)]
    data = b"".join(map(encode_record, payloads))
    rng = random.Random(7)  # noqa: S311 - which bits is of no secret
    for _ in range(300):
        broken = bytearray(data)
        broken[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        assert len(set(payloads) - set(scan(bytes(broken)).payloads)) == 1


def test_the_control_that_stops_at_a_torn_record_loses_what_follows() -> None:
    """The search for the next magic is for them."""
    records = [encode_record(b"%d" % number) for number in range(100)]
    data = b"".join([*records[:40], records[40][:-1], *records[41:]])
    assert len(scan(data).payloads) == 99
    assert len(stop_at_torn(data).payloads) == 40
