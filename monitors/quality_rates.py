"""The rates of data quality that should not rise, tested on all look-back windows."""

from collections.abc import Callable

import numpy as np

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.profile import Profile
from driftboard.monitors.rates import test_rates
from driftboard.monitors.sample import Codes, Floats
from driftboard.monitors.tested import Tested
from driftboard.monitors.windows import Windows
from driftboard.monitors.wobble import Wobble, no_wobble
from driftboard.monitors.wobbles import Wobbles

MISSING_FLOOR = 0.05
NEW_FLOOR = 0.02
DUPLICATE_FLOOR = 0.05
LEAST_ROWS = 20
_UNIQUE = 0.01

Hits = Callable[[Profile], tuple[Codes, Codes]]
"""Of a profile: hits and rows, shape (m,) each."""


def test_quality(baseline: Baseline, wobbles: Wobbles, windows: Windows) -> list[tuple[str, Tested]]:
    """Return every kind of rate with its tests: missing, below, above, missing (levels), new, duplicates.

    Values outside the reference's range must be more than any of the reference's own batches has outside the range of
    the others: extremes of dependent rows come together. New levels must be more than the reference has levels that it
    met once.
    """
    numeric, categorical = baseline.inputs.names, baseline.levels.names
    steady, unseen = no_wobble(len(numeric)), no_wobble(len(categorical))

    def tested(names: tuple[str, ...], hits: Hits, wobble: Wobble, floor: Floats | float) -> Tested:
        found, before = [hits(each) for each in windows.profiles], hits(baseline.reference)
        return test_rates(
            names,
            (np.stack([each[0] for each in found]), before[0]),
            (np.stack([each[1] for each in found]), before[1]),
            windows.batches,
            wobble,
            np.broadcast_to(floor, len(names)),
            least=LEAST_ROWS,
        )

    def new(profile: Profile) -> tuple[Codes, Codes]:
        levels = baseline.levels
        return levels.once if profile is baseline.reference else levels.new(profile.levels.cells), profile.levels.rows

    below, above = np.maximum(NEW_FLOOR, wobbles.below), np.maximum(NEW_FLOOR, wobbles.above)
    sets = [
        (
            "missing",
            tested(numeric, lambda p: (p.inputs.missing, p.inputs.rows), wobbles.missing_inputs, MISSING_FLOOR),
        ),
        ("below", tested(numeric, lambda p: (p.inputs.below, p.inputs.rows), steady, below)),
        ("above", tested(numeric, lambda p: (p.inputs.above, p.inputs.rows), steady, above)),
        (
            "missing",
            tested(categorical, lambda p: (p.levels.missing, p.levels.rows), wobbles.missing_levels, MISSING_FLOOR),
        ),
        ("new", tested(categorical, new, unseen, NEW_FLOOR)),
    ]
    if baseline.reference.duplicates < _UNIQUE * baseline.reference.n:  # elsewhere rows repeat by nature
        rows: Hits = lambda p: (np.array([p.duplicates]), np.array([p.n]))  # noqa: E731 - as short as those above
        sets.append(("duplicates", tested(("",), rows, no_wobble(1), DUPLICATE_FLOOR)))
    return sets
