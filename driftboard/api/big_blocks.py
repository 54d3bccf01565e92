"""Big blocks of memory: from the system and back to it, so that a big body costs its size while it is there."""

import ctypes
from collections.abc import Callable
from functools import cache

_M_MMAP_THRESHOLD = -3
_BIG = 2**20


def give_back_big_blocks() -> None:
    """Return free memory to the system, and have blocks of a mebibyte and more come from there one by one.

    By itself glibc stops mapping them once it has seen a big block freed: from then on they lie in its heap, where
    growing one means copying it (twice its size at that moment), and what is freed stays with the process.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    try:
        library = ctypes.CDLL(None)
        trim: Callable[[int], int] = library.malloc_trim
        return trim if library.mallopt(_M_MMAP_THRESHOLD, _BIG) else None
    except (OSError, AttributeError):  # another C library: it has its own ways
        return None
