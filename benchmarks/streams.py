"""The streams that detectors are judged by: deterministic in (name, seed).

Four are the tutorial's (drawn by the demo). The others are of five features (or 50, or 500), a reference of 2,000 rows
and 50 batches of 200, with something changed from batch 10 on. `X_null` is stream X with nothing changed, and `plain`
the stable stream for other sizes.
"""

import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.population import Model, World, sample, train
from benchmarks.scored import draw_scored, draw_valued
from driftboard.demo import synthetic
from driftboard.monitors import Numeric, Sample

__all__ = ["CHANGING", "NULLS", "N_BATCHES", "Stream", "draw_scored", "draw_stream", "draw_valued", "world_at"]

CHANGE_AT = 10
N_BATCHES = 50
N_ROWS = 200
N_REFERENCE = 2_000
N_LARGE = 10_000
RAMP_BATCHES = 30
MISSING_BATCHES = 5
WEEK = 7
REFERENCE_WEEKS = 2
SEASON = 0.5

_TUTORIAL: dict[str, synthetic.Scenario] = {name: name for name in synthetic.SCENARIOS if name != "stable"}
_MIX = (0.5, 0.3, 0.15, 0.05)
_BEFORE = {
    "heavyscale": World(heavy=True),
    "newcat": World(mix=_MIX),
    "catshift": World(mix=_MIX),
    "missing": World(missing=0.01),
}
_AFTER = {
    "mean05": World(shift=(0.5,)),
    "var15": World(scale=(1.5,)),
    "corr": World(correlation=0.8),
    "ramp": World(shift=(1.0,)),
    "concept10": World(weight_1=0.13),
    "concept05": World(weight_1=-0.70),
    "labelshift2": World(positives=0.7),
    "heavyscale": World(heavy=True, scale=(2.0,)),
    "newcat": World(mix=(*(0.95 * share for share in _MIX), 0.05)),
    "catshift": World(mix=(0.35, 0.3, 0.2, 0.15)),
    "missing": World(missing=0.11),
    "season": World(shift=(1.0,)),
    "harmless": World(shift=(0.0, 0.0, 0.0, 0.0, 1.0)),
    "trivial": World(shift=(0.05,)),
}
CHANGING = (*_TUTORIAL, *_AFTER)
NULLS = ("stable", *(f"{name}_null" for name in CHANGING))


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """A reference and batches that are drawn when asked for.

    Attributes
    ----------
    name, seed
        What determines it.
    reference
        Labelled rows with the model's answers, in the order of time.
    rows, n_batches
        Rows in a batch, and how many batches there are.
    change_at
        The first batch that is unlike the reference; None for a stable stream.
    draw
        Batch number to labelled batch; the same number gives the same batch.
    """

    name: str
    seed: int
    reference: Sample
    rows: int
    n_batches: int
    change_at: int | None
    draw: Callable[[int], Sample]

    def __iter__(self) -> Iterator[Sample]:
        return map(self.draw, range(self.n_batches))


def draw_stream(
    name: str, seed: int, *, features: int = 5, rows: int | None = None, batches: int = N_BATCHES
) -> Stream:
    """Return one stream.

    Features, rows and batches are for all but the tutorial's four, which are of one size.

    >>> stream = draw_stream("mean05", 1)
    >>> stream.change_at, stream.reference.n, len(list(stream))
    (10, 2000, 50)
    >>> draw_stream("mean05_null", 1, features=50, rows=1000).change_at is None
    True

    Raises
    ------
    ValueError
        For a name that is neither `plain` nor in `CHANGING` nor in `NULLS`.
    """
    if name not in {"plain", *CHANGING, *NULLS}:
        raise ValueError(f"no stream is called {name}: choose plain, or one of {', '.join((*CHANGING, *NULLS))}")
    base = name.removesuffix("_null")
    if base == "stable" or base in _TUTORIAL:
        return _tutorial_stream(name, seed)
    usual = N_LARGE if base == "trivial" else N_ROWS
    size = usual if rows is None else rows
    own_name = f"plain_{size}x{features}" if name == "plain" else name
    model = train(_rng(own_name, seed, 0), _BEFORE.get(base, World()), features)
    change_at = CHANGE_AT if name in CHANGING else None

    def draw(batch: int) -> Sample:
        return sample(_rng(own_name, seed, 2 + batch), world_at(name, batch), model, size)

    reference = _reference(own_name, seed, model, N_LARGE if base == "trivial" else N_REFERENCE)
    return Stream(own_name, seed, reference, size, batches, change_at, draw)


def world_at(name: str, batch: int) -> World:
    """Return how a batch's rows come about; batches before 0 are the reference's.

    >>> world_at("ramp", 9).shift, world_at("ramp", 24).shift, world_at("ramp", 49).shift
    ((), (0.5,), (1.0,))
    >>> world_at("mean05_null", 20) == world_at("mean05", 3) == World()
    True
    """
    base = name.removesuffix("_null")
    before = _BEFORE.get(base, World())
    after = _AFTER.get(base, before)
    changed = base == name and batch >= CHANGE_AT
    if base == "season":
        wave = SEASON * math.sin(2 * math.pi * batch / WEEK)
        return World(shift=(wave + changed * after.shift[0], wave))
    if base == "ramp" and changed:
        return World(shift=(min(1.0, (batch - CHANGE_AT + 1) / RAMP_BATCHES),))
    if base == "missing" and batch >= CHANGE_AT + MISSING_BATCHES:
        return before
    return after if changed else before


def _reference(name: str, seed: int, model: Model, n: int) -> Sample:
    """Return the reference: for the season two weeks of batches in their order, otherwise n rows at once."""
    rng = _rng(name, seed, 1)
    if not name.startswith("season"):
        return sample(rng, world_at(name, -1), model, n)
    days = [sample(rng, world_at(name, day), model, N_ROWS) for day in range(-REFERENCE_WEEKS * WEEK, 0)]
    return _joined(days)


def _joined(parts: list[Sample]) -> Sample:
    def column(feature: str) -> Numeric:
        columns = [part.features[feature] for part in parts]
        return Numeric(np.concatenate([values.values for values in columns if isinstance(values, Numeric)]))

    return replace(
        parts[0],
        n=sum(part.n for part in parts),
        features={feature: column(feature) for feature in parts[0].features},
        predicted=np.concatenate([part.predicted for part in parts]),
        confidence=np.concatenate([part.confidence for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
    )


def _tutorial_stream(name: str, seed: int) -> Stream:
    """Return one of the tutorial's; stable ones of different names get different seeds, or they would be one stream."""
    scenario = _TUTORIAL.get(name, "stable")
    places = [*_TUTORIAL, "stable"]
    own_seed = seed if scenario != "stable" else 1_000 * (1 + places.index(name.removesuffix("_null"))) + seed
    reference, drawn = synthetic.draw_stream(scenario, seed=own_seed)
    change_at = None if scenario == "stable" else synthetic.CHANGE_AT
    batches = [_sample(draw) for draw in drawn]
    return Stream(name, seed, _sample(reference), synthetic.BATCH_SIZE, len(batches), change_at, batches.__getitem__)


def _sample(draw: synthetic.Draw) -> Sample:
    return Sample(
        n=draw.labels.size,
        features={name: Numeric(np.ascontiguousarray(values)) for name, values in draw.columns().items()},
        classes=tuple(map(str, synthetic.CLASSES)),
        predicted=draw.predicted.astype(float),
        confidence=draw.scores.max(axis=1),
        labels=draw.labels.astype(float),
        scores=draw.scores,
    )


def _rng(name: str, seed: int, part: int) -> np.random.Generator:
    return np.random.default_rng([zlib.crc32(name.encode()), seed, part])
