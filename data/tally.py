"""A counter that many threads may increment without a lock, and no increment is lost."""

import threading
from itertools import count


class Tally:
    """Counts calls of `add`.

    `next` on an `itertools.count` is one step that no other thread can divide. Reading takes a number too, so the
    readings are counted and subtracted.

    >>> drops = Tally()
    >>> drops.add(), drops.add()
    (0, 1)
    >>> drops.value, drops.value
    (2, 2)
    """

    def __init__(self) -> None:
        self._numbers = count()
        self._readings = 0
        self._reading = threading.Lock()  # held by readers only
        self.add = self._numbers.__next__

    @property
    def value(self) -> int:
        """How often `add` was called."""
        with self._reading:
            self._readings += 1
            return next(self._numbers) - self._readings + 1
