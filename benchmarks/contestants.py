"""The detectors that are run here: driftboard's, and the tutorial's page rule. A page is a critical verdict."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType

from benchmarks.outcomes import Outcome, outcome_of
from benchmarks.streams import N_BATCHES, Stream, draw_stream
from benchmarks.tutorial_rule import TutorialRule
from driftboard.monitors import CalibratedPolicy, Detector, Sample, Verdict
from driftboard.monitors.calibrated import SHARES, Layer
from driftboard.monitors.decision import Decisions, Trials, benjamini_hochberg

Pager = Callable[[Sample], bool]
"""Whether a batch pages; called with every batch, in order."""


@dataclass(frozen=True, slots=True)
class Task:
    """One detector on one stream, by name: what a worker process is told."""

    detector: str
    stream: str
    seed: int
    features: int = 5
    rows: int | None = None
    batches: int = N_BATCHES


def driftboard(reference: Sample) -> Pager:
    """Return driftboard's detector at its default budget."""
    detector = Detector(reference)
    return lambda batch: detector.update(batch).verdict is Verdict.CRITICAL


def tutorial(reference: Sample) -> Pager:
    """Return the tutorial's rule."""
    return TutorialRule(reference).pages


CONTESTANTS = MappingProxyType({"driftboard": driftboard, "tutorial": tutorial})


def perform(task: Task) -> Outcome:
    """Draw the stream and let the detector judge it."""
    stream = draw_stream(task.stream, task.seed, features=task.features, rows=task.rows, batches=task.batches)
    return judge(task.detector, stream, CONTESTANTS[task.detector](stream.reference))


def judge(name: str, stream: Stream, pages: Pager) -> Outcome:
    """Return the outcome of a stream, judged up to the first page after its change."""
    flags: list[bool] = []
    seconds = 0.0
    for number, batch in enumerate(stream):
        start = time.perf_counter()
        flags.append(pages(batch))
        seconds += time.perf_counter() - start
        if flags[-1] and stream.change_at is not None and number >= stream.change_at:
            break
    return outcome_of(stream, flags, detector=name, seconds=seconds)


@dataclass(frozen=True, slots=True)
class Watching(CalibratedPolicy):
    """The calibrated policy, noting how strong the evidence alone is.

    Attributes
    ----------
    smallest
        For each layer decided since it was last cleared: the budget at which its evidence alone would reject.
    """

    smallest: list[float] = field(default_factory=list)

    def decide(self, layer: Layer, trials: Trials) -> Decisions:
        """Decide as ever, and note the smallest corrected p-value as a multiple of the layer's share."""
        if trials.p_value.size:
            corrected = (trials.p_value * trials.p_value.shape[0]).min(axis=0).clip(max=1.0)
            self.smallest.append(float(benjamini_hochberg(corrected, 1.0)[0].min()) / SHARES[layer])
        return CalibratedPolicy.decide(self, layer, trials)


def rejection_budgets(task: Task) -> list[float]:
    """Return, for each batch of a stream, the smallest budget at which evidence alone (no effect asked) rejects."""
    stream = draw_stream(task.stream, task.seed, features=task.features, rows=task.rows, batches=task.batches)
    policy = Watching()
    detector = Detector(stream.reference, policy)
    budgets = []
    for batch in stream:
        policy.smallest.clear()
        detector.update(batch)
        budgets.append(min(policy.smallest, default=1.0))
    return budgets
