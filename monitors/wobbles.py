"""The wobble of every kind of test, measured once on the reference's own batches."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftboard.monitors.baseline import Baseline
from driftboard.monitors.chi_square import ChiSquare
from driftboard.monitors.outcomes import ClassOutcomes
from driftboard.monitors.profile import Profile
from driftboard.monitors.rates import rate_wobble
from driftboard.monitors.relations import RelationMoments, fisher_z
from driftboard.monitors.sample import Codes, Floats
from driftboard.monitors.shift import level_wobble, numeric_wobble
from driftboard.monitors.wobble import LEAST_BATCHES, Pieces, Wobble, measure_wobble, no_wobble


@dataclass(frozen=True, slots=True, eq=False)
class Wobbles:
    """What the reference's own batches teach; the order of subjects is the baseline's.

    Attributes
    ----------
    inputs ... segments
        One `Wobble` for each set of subjects.
    below, above
        Shape (d,): see `extreme_share`.
    constant
        Features that are constant in some batch of the reference.
    """

    inputs: Wobble
    levels: Wobble
    outputs: Wobble
    predicted: Wobble
    relations: Wobble
    missing_inputs: Wobble
    missing_levels: Wobble
    errors: Wobble
    recalls: Wobble
    segments: Wobble
    below: Floats
    above: Floats
    constant: frozenset[str]


def measure_wobbles(baseline: Baseline, own: Sequence[Profile], extremes: tuple[Floats, Floats]) -> Wobbles:
    """Return the wobbles of a reference from the profiles of its own batches; fewer than 8 tell nothing.

    Parameters
    ----------
    extremes
        From `extreme_share`, of these batches.
    """
    whole = baseline.reference
    if len(own) < LEAST_BATCHES:
        return _none(baseline)
    mean = float(np.mean([each.n for each in own]))
    pieces = Pieces(len(own), mean, whole.n - mean)
    inputs, levels = [each.inputs for each in own], [each.levels for each in own]
    errors = _errors(pieces, own, whole)
    return Wobbles(
        inputs=numeric_wobble(baseline.inputs, pieces, inputs),
        levels=level_wobble(baseline.levels, pieces, levels),
        outputs=numeric_wobble(baseline.outputs, pieces, [each.outputs for each in own]),
        predicted=level_wobble(baseline.predicted, pieces, [each.predicted for each in own]),
        relations=_relations(baseline, pieces, own),
        missing_inputs=_missing(pieces, inputs, whole.inputs),
        missing_levels=_missing(pieces, levels, whole.levels),
        errors=errors,
        recalls=_recalls(pieces, own, whole, errors),
        segments=_segments(pieces, own, whole, errors),
        below=extremes[0],
        above=extremes[1],
        constant=_constant(baseline, own),
    )


def _none(baseline: Baseline) -> Wobbles:
    return Wobbles(
        inputs=no_wobble(len(baseline.inputs)),
        levels=no_wobble(len(baseline.levels)),
        outputs=no_wobble(len(baseline.outputs)),
        predicted=no_wobble(len(baseline.predicted)),
        relations=no_wobble(baseline.relations.moments.rows.size),
        missing_inputs=no_wobble(len(baseline.inputs)),
        missing_levels=no_wobble(len(baseline.levels)),
        errors=no_wobble(1),
        recalls=no_wobble(len(baseline.classes)),
        segments=no_wobble(segment_counts([baseline.reference])[0].shape[1]),
        below=np.zeros(len(baseline.inputs)),
        above=np.zeros(len(baseline.inputs)),
        constant=frozenset(),
    )


def _relations(baseline: Baseline, pieces: Pieces, own: Sequence[Profile]) -> Wobble:
    whole, kurtosis = baseline.reference.relations, baseline.relations.kurtosis
    z = np.stack(
        [fisher_z(each.relations, RelationMoments(whole.sums - each.relations.sums), kurtosis) for each in own]
    )
    return measure_wobble(ChiSquare(z**2, np.ones(z.shape, dtype=np.int64)), pieces)


def _missing(pieces: Pieces, own: Sequence[object], whole: object) -> Wobble:
    def of(name: str) -> tuple[Codes, Codes]:
        return np.stack([getattr(each, name) for each in own]), getattr(whole, name)

    return rate_wobble(pieces, of("missing"), of("rows"))


def error_counts(profiles: Sequence[Profile]) -> tuple[Codes, Codes]:
    """Return errors and labels of each profile, shape (profiles, 1); none for regression."""
    found = [each.outcomes for each in profiles]
    pairs = [(each.n - each.hits, each.n) if isinstance(each, ClassOutcomes) else (0, 0) for each in found]
    counts = np.array(pairs, dtype=np.int64).reshape(len(profiles), 2)
    return counts[:, :1], counts[:, 1:]


def recall_counts(profiles: Sequence[Profile], classes: int) -> tuple[Codes, Codes]:
    """Return misses and labels of each class, shape (profiles, classes)."""
    confusion = np.stack(
        [
            each.outcomes.confusion[:classes]
            if isinstance(each.outcomes, ClassOutcomes)
            else np.zeros((classes, classes + 1), dtype=np.int64)
            for each in profiles
        ]
    )
    labels: Codes = confusion.sum(axis=2)
    return labels - confusion[:, np.arange(classes), np.arange(classes)], labels


def segment_counts(profiles: Sequence[Profile]) -> tuple[Codes, Codes]:
    """Return errors and labels of each level of each segment, shape (profiles, levels); none for regression."""
    whole = [each.segments if isinstance(each.outcomes, ClassOutcomes) else () for each in profiles]

    def of(what: str) -> Codes:
        rows = [np.concatenate([np.zeros(0), *(getattr(part, what) for part in parts)]) for parts in whole]
        return np.stack(rows).round().astype(np.int64)

    return of("errors"), of("n")


def _segments(pieces: Pieces, own: Sequence[Profile], whole: Profile, of_all: Wobble) -> Wobble:
    errors, labels = segment_counts(own)
    all_errors, all_labels = segment_counts([whole])
    found = rate_wobble(pieces, (errors, all_errors[0]), (labels, all_labels[0]))
    return found.at_least(of_all, all_labels[0] / max(1, whole.outcomes.n))


def _errors(pieces: Pieces, own: Sequence[Profile], whole: Profile) -> Wobble:
    errors, labels = error_counts(own)
    all_errors, all_labels = error_counts([whole])
    return rate_wobble(pieces, (errors, all_errors[0]), (labels, all_labels[0]))


def _recalls(pieces: Pieces, own: Sequence[Profile], whole: Profile, of_all: Wobble) -> Wobble:
    classes = whole.outcomes.confusion.shape[0] - 1 if isinstance(whole.outcomes, ClassOutcomes) else 0
    misses, labels = recall_counts(own, classes)
    all_misses, all_labels = recall_counts([whole], classes)
    found = rate_wobble(pieces, (misses, all_misses[0]), (labels, all_labels[0]))
    return found.at_least(of_all, all_labels[0] / max(1, whole.outcomes.n))


def _constant(baseline: Baseline, own: Sequence[Profile]) -> frozenset[str]:
    found: set[str] = set()
    for each in own:
        numeric = (each.inputs.lowest == each.inputs.highest) & (each.inputs.finite > 1)
        found |= {name for name, same in zip(baseline.inputs.names, numeric.tolist(), strict=True) if same}
        for place, name in enumerate(baseline.levels.names):
            if np.count_nonzero(baseline.levels.part(place, each.levels.cells)) == 1:
                found.add(name)
    return frozenset(found)
