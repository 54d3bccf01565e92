"""The calibrated policy: a page is evidence and magnitude, inside a false-page budget that the user sets."""

from dataclasses import dataclass, replace
from typing import Literal

from driftboard.monitors.decision import Decisions, Trials, decide
from driftboard.monitors.verdict import Verdict

Layer = Literal["performance", "parts", "inputs", "outputs", "relations", "quality"]
PageOn = Literal["all", "performance", "performance+outputs"]

SHARES: dict[Layer, float] = {
    "performance": 0.45,
    "parts": 0.15,
    "inputs": 0.20,
    "outputs": 0.10,
    "relations": 0.05,
    "quality": 0.05,
}
"""How the budget is split; `parts` are the classes and segments of performance, apart so that however many of them are
looked at, the figure as a whole keeps its power. What a layer without data does not use is not handed on."""


@dataclass(frozen=True, slots=True)
class CalibratedPolicy:
    """Evidence within a budget, and an effect worth waking somebody for.

    Attributes
    ----------
    alpha
        False pages a batch: the default is one in 2,000 batches.
    page_on
        Which layers may page; the others warn at most.
    min_labels
        Labels below which performance is not tested.
    """

    alpha: float = 5e-4
    page_on: PageOn = "all"
    min_labels: int = 30

    def level(self, layer: Layer) -> float:
        """Return the layer's share of the budget."""
        return self.alpha * SHARES[layer]

    def decide(self, layer: Layer, trials: Trials) -> Decisions:
        """Return what is decided of a layer's subjects."""
        decisions = decide(trials, self.level(layer))
        if self._may_page(layer):
            return decisions
        capped = (Verdict.WARNING if each is Verdict.CRITICAL else each for each in decisions.verdict)
        return replace(decisions, verdict=tuple(capped))

    def _may_page(self, layer: Layer) -> bool:
        return self.page_on == "all" or ("performance" if layer == "parts" else layer) in self.page_on.split("+")
