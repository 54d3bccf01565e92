"""Big blocks of memory: from the system and back to it, so that a big body costs its size while it is there."""

import ctypes
from functools import cache

_M_MMAP_THRESHOLD = -3
_BIG = 2**20


@cache
def give_back_big_blocks() -> bool:
    """Have the C library map blocks of a mebibyte and more one by one; return whether it does.

    By itself glibc stops doing so once it has seen a big block freed: from then on they lie in its heap, where growing
    one means copying it (twice its size at that moment), and what is freed stays with the process.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _BIG))
    except (OSError, AttributeError):  # another C library: it has its own ways
        return False
