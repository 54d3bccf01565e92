"""Profiles as bytes: a JSON header that names every array, and the arrays behind it, compressed."""

import zlib
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import orjson

from driftboard.monitors.calibration import ReliabilityCounts
from driftboard.monitors.cbpe import ExpectedClasses
from driftboard.monitors.dle import ExpectedValues
from driftboard.monitors.levels import LevelCounts
from driftboard.monitors.numeric import NumericCounts
from driftboard.monitors.outcomes import ClassOutcomes, ValueOutcomes
from driftboard.monitors.profile import Profile
from driftboard.monitors.relations import RelationMoments
from driftboard.monitors.segment_outcomes import SegmentOutcomes

FORMAT = 1
_LENGTH = 4
_PARTS: dict[str, type] = {
    part.__name__: part
    for part in (
        ClassOutcomes,
        ExpectedClasses,
        ExpectedValues,
        LevelCounts,
        NumericCounts,
        Profile,
        RelationMoments,
        ReliabilityCounts,
        SegmentOutcomes,
        ValueOutcomes,
    )
}


def profile_to_bytes(profile: Profile) -> bytes:
    """Return the profile as bytes: what the store keeps."""
    arrays: list[np.ndarray[Any, Any]] = []
    header = orjson.dumps({"format": FORMAT, "profile": _describe(profile, arrays)})
    body = b"".join(np.ascontiguousarray(each).tobytes() for each in arrays)
    return len(header).to_bytes(_LENGTH, "little") + header + zlib.compress(body, level=1)


def profile_from_bytes(payload: bytes) -> Profile | None:
    """Return the profile that `profile_to_bytes` wrote; None when another version of driftboard wrote it."""
    end = _LENGTH + int.from_bytes(payload[:_LENGTH], "little")
    header = orjson.loads(payload[_LENGTH:end])
    if header["format"] != FORMAT:
        return None
    profile = _build(header["profile"], _Body(zlib.decompress(payload[end:])))
    return profile if isinstance(profile, Profile) else None


def _describe(value: Any, arrays: list[np.ndarray[Any, Any]]) -> Any:
    """What the header says of a value; its arrays go to the list, in the order they are met."""
    if is_dataclass(value):
        held = {each.name: _describe(getattr(value, each.name), arrays) for each in fields(value)}
        return {"part": type(value).__name__, "held": held}
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"dtype": value.dtype.str, "shape": value.shape}
    if isinstance(value, tuple):
        return {"items": [_describe(each, arrays) for each in value]}
    if isinstance(value, float):
        arrays.append(np.array([value]))  # JSON has no infinity
        return {"number": True}
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()  # half a surrogate pair is not UTF-8
    return value


class _Body:
    """The arrays, taken off one after the other."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def take(self, dtype: str, shape: list[int]) -> np.ndarray[Any, Any]:
        taken = np.frombuffer(self._body, dtype=dtype, count=int(np.prod(shape)), offset=self._at).reshape(shape)
        self._at += taken.nbytes
        return taken


def _build(described: Any, body: _Body) -> Any:
    if isinstance(described, dict):
        if "part" in described:
            held = {name: _build(each, body) for name, each in described["held"].items()}
            return _PARTS[described["part"]](**held)
        if "dtype" in described:
            return body.take(described["dtype"], described["shape"])
        if "items" in described:
            return tuple(_build(each, body) for each in described["items"])
        return float(body.take("<f8", [1])[0])
    return described
