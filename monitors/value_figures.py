"""The figures that sums over predicted values make: MAE, RMSE, R², bias."""

from dataclasses import dataclass
from math import sqrt

from driftboard.monitors.mean import finite_or_none
from driftboard.monitors.outcomes import ValueOutcomes

_ROUNDING = 1e-12
"""A spread this small beside the labels' distance from the centre is rounding: the labels are constant."""


@dataclass(frozen=True, slots=True)
class ValueFigures:
    """All figures of a sample or a window; None without rows or where a sum overflowed.

    Attributes
    ----------
    n
        Rows behind the figures.
    mae, rmse, bias
        Mean of |e|, root of the mean of e², and mean of e = predicted - label, in units of the label.
    r2
        Share of the labels' variance explained; None for constant labels.
    """

    n: int
    mae: float | None
    rmse: float | None
    bias: float | None
    r2: float | None


def value_figures(outcomes: ValueOutcomes) -> ValueFigures:
    """Return the figures of the sums; R² = 1 - sum(e²) / (sum((y - c)²) - (sum(y - c))² / n).

    >>> value_figures(ValueOutcomes(n=2, absolute=3.0, signed=-3.0, squares=5.0, labels=0.0, label_squares=2.0))
    ValueFigures(n=2, mae=1.5, rmse=1.5811388300841898, bias=-1.5, r2=-1.5)
    """
    n = outcomes.n
    if n == 0:
        return ValueFigures(0, None, None, None, None)
    mean_square = finite_or_none(outcomes.squares / n)
    return ValueFigures(
        n=n,
        mae=finite_or_none(outcomes.absolute / n),
        rmse=None if mean_square is None else sqrt(mean_square),
        bias=finite_or_none(outcomes.signed / n),
        r2=_r_squared(outcomes),
    )


def _r_squared(outcomes: ValueOutcomes) -> float | None:
    total = outcomes.label_squares
    if finite_or_none(total) is None or finite_or_none(outcomes.labels) is None:
        return None
    spread = total - (outcomes.labels / outcomes.n) * outcomes.labels
    return finite_or_none(1 - outcomes.squares / spread) if spread > _ROUNDING * total else None
