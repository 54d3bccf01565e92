"""Whether the absolute error of a regression model grew, by the means of two samples."""

from math import inf, isfinite, sqrt

from driftboard.monitors.outcomes import ValueOutcomes


def growth_z(outcomes: ValueOutcomes, reference: ValueOutcomes) -> float:
    """Return Welch's z for the growth of the mean absolute error.

    (m - M) / sqrt(s²/n + S²/N) over the absolute errors of the batch and of the reference. Both samples' noise is in
    it, and the two spreads may differ. With no spread at all any growth is certain: +inf; without rows, or with errors
    too large to be squared, there is no telling: 0.

    Source: B. L. Welch, Biometrika 34 (1947), 28.

    >>> batch = ValueOutcomes(2, 6.0, 0.0, 20.0, 0.0, 0.0)  # |e| of 2 and 4
    >>> round(growth_z(batch, ValueOutcomes(4, 6.0, 0.0, 10.0, 0.0, 0.0)), 3)  # 1, 1, 2 and 2
    1.441
    """
    if outcomes.n == 0 or reference.n == 0:
        return 0.0
    grown = outcomes.absolute / outcomes.n - reference.absolute / reference.n
    noise = sqrt(_squared_error_of_mean(outcomes) + _squared_error_of_mean(reference))
    if not (isfinite(grown) and isfinite(noise)):
        return 0.0
    if noise > 0:
        return grown / noise
    return inf if grown > 0 else 0.0


def _squared_error_of_mean(outcomes: ValueOutcomes) -> float:
    n = outcomes.n
    spread = outcomes.squares - outcomes.absolute * outcomes.absolute / n
    return max(0.0, spread) / (n - 1) / n if n > 1 and isfinite(spread) else (0.0 if isfinite(spread) else inf)
