"""Look-back windows: the last 1, 2, 4, 8 and 16 batches, each the sum of their profiles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftboard.monitors.profile import Profile
from driftboard.monitors.sample import Floats

LENGTHS = (1, 2, 4, 8, 16)
"""In batches. Small persistent drift is found by the long windows, sudden drift by the first."""
LONGEST = LENGTHS[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """The windows that end with one batch.

    Attributes
    ----------
    profiles
        One sum a window, the batch itself first.
    batches
        Shape (w, 1): how many batches each holds.
    """

    profiles: tuple[Profile, ...]
    batches: Floats

    @property
    def batch(self) -> Profile:
        """The batch itself."""
        return self.profiles[0]


def look_back(profiles: Sequence[Profile], *, longest: int = LONGEST) -> Windows:
    """Return the windows that end with the last of the profiles, which come oldest first; there is at least one.

    A window longer than the history there is would be the same as a shorter one, and is left out.
    """
    total, sums = profiles[-1], [profiles[-1]]
    for length, earlier in enumerate(reversed(profiles[:-1]), start=2):
        if length > longest:
            break
        total = earlier + total
        if length in LENGTHS:
            sums.append(total)
    return Windows(tuple(sums), np.array([[float(len(each.names))] for each in sums]))
