"""Tests of some subjects on all look-back windows, and the evidence that a decision makes of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from driftboard.monitors.chi_square import Mask
from driftboard.monitors.decision import Decisions, Trials
from driftboard.monitors.finding import Evidence
from driftboard.monitors.sample import Floats
from driftboard.monitors.verdict import Verdict
from driftboard.monitors.windows import Windows

Texts = NDArray[np.str_]
_APART = frozenset({"names", "visible"})


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """Tests of m subjects on w windows; arrays of shape (w, m).

    Attributes
    ----------
    names
        The m subjects.
    p_value, tested
        Of each test alone, and whether there were enough rows for it.
    effect, measure
        How big, and in which unit; the one of two effects that lies further beyond its floor.
    warning_floor, page_floor
        Of that effect.
    noise
        The effect to expect, on average, with nothing changing.
    n, n_reference
        Rows on both sides.
    inflation
        Of the reference's wobble.
    visible
        Returns the effect that would give a test of these rows that p-value; NaN where it cannot be told.
    """

    names: tuple[str, ...]
    p_value: Floats
    tested: Mask
    effect: Floats
    measure: Texts
    warning_floor: Floats
    page_floor: Floats
    noise: Floats
    n: Floats
    n_reference: Floats
    inflation: Floats
    visible: Callable[[float], Floats]

    @property
    def trials(self) -> Trials:
        """The tests as a decision wants them."""
        return Trials(
            p_value=np.where(self.tested, self.p_value, 1.0),
            size=self.effect / self.page_floor,
            warning_share=self.warning_floor / self.page_floor,
            noise=self.noise / self.page_floor,
            tested=self.tested,
        )

    @property
    def rows(self) -> Floats:
        """Rows that a one-sample test of the same power would have: n·N/(n + N)."""
        rows: Floats = self.n * self.n_reference / np.maximum(1, self.n + self.n_reference)
        return rows

    def only(self, places: Sequence[int]) -> "Tested":
        """Return the tests of the subjects at those places."""
        kept = list(places)
        arrays = {each.name: getattr(self, each.name)[:, kept] for each in fields(self) if each.name not in _APART}
        return Tested(
            names=tuple(self.names[place] for place in kept),
            visible=lambda bar: self.visible(bar)[:, kept],
            **arrays,
        )

    def evidence(
        self, decisions: Decisions, windows: Windows, *, first: int = 0, places: Iterable[int] | None = None
    ) -> list[Evidence | None]:
        """Return the evidence of each subject, None where nothing was tested.

        Parameters
        ----------
        decisions
            Of the layer the subjects belong to; theirs begin at place `first`.
        windows
            What was tested.
        places
            The subjects wanted, where not all of them in their order.
        """
        visible = self.visible(decisions.bar)
        needed = self._needed(visible)
        tested: list[bool] = np.any(self.tested, axis=0).tolist()
        return [
            self._one(decisions, windows, place, first + place, visible, needed) if tested[place] else None
            for place in (range(len(self.names)) if places is None else places)
        ]

    def _one(
        self, decisions: Decisions, windows: Windows, place: int, at: int, visible: Floats, needed: Floats
    ) -> Evidence:
        window = int(decisions.window[at])
        seen, more = float(visible[window, place]), float(needed[window, place])
        wanting = decisions.verdict[at] is Verdict.INSUFFICIENT and np.isfinite(more)
        return Evidence(
            batches=int(windows.batches[window, 0]),
            since=windows.profiles[window].names[0],
            n=int(self.n[window, place]),
            n_reference=int(self.n_reference[window, place]),
            p_value=float(decisions.p_value[at]),
            level=decisions.level,
            effect=float(self.effect[window, place]),
            measure=str(self.measure[window, place]),
            warning_floor=float(self.warning_floor[window, place]),
            page_floor=float(self.page_floor[window, place]),
            wobble=float(self.inflation[window, place]),
            visible=seen if np.isfinite(seen) else None,
            needed=int(np.ceil(more)) if wanting else None,
        )

    def _needed(self, visible: Floats) -> Floats:
        """Rows that are still missing until the effect would show; NaN where the reference is too small for any."""
        power = np.where(self.measure == "PSI", 1.0, 2.0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            rows = self.rows * (visible / np.maximum(self.effect, 1e-9)) ** power
            more = 1 / (1 / rows - 1 / self.n_reference) - self.n
        return np.where((rows < self.n_reference) & (more > 0), more, np.nan)


def layer(parts: Sequence[Tested]) -> Trials:
    """Return the tests of several sets of subjects as one layer."""
    first, *rest = (part.trials for part in parts)
    return first.beside(*rest)


def combine(parts: Sequence[Tested], decisions: Decisions, windows: Windows) -> list[list[Evidence | None]]:
    """Return the evidence of each set of subjects of a layer."""
    starts = np.cumsum([0, *(len(part.names) for part in parts)]).tolist()
    return [part.evidence(decisions, windows, first=start) for part, start in zip(parts, starts, strict=False)]
