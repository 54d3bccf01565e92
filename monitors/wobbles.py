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
from driftboard.monitors.sample import Codes
from driftboard.monitors.shift import level_wobble, numeric_wobble
from driftboard.monitors.wobble import LEAST_BATCHES, Pieces, Wobble, measure_wobble, no_wobble


@dataclass(frozen=True, slots=True, eq=False)
class Wobbles:
    """One `Wobble` for each set of subjects: their order is the baseline's."""

    inputs: Wobble
    levels: Wobble
    outputs: Wobble
    predicted: Wobble
    relations: Wobble
    missing_inputs: Wobble
    missing_levels: Wobble
    errors: Wobble
    recalls: Wobble


def measure_wobbles(baseline: Baseline, own: Sequence[Profile]) -> Wobbles:
    """Return the wobbles of a reference from the profiles of its own batches; fewer than 8 tell nothing."""
    whole = baseline.reference
    if len(own) < LEAST_BATCHES:
        return _none(baseline)
    mean = float(np.mean([each.n for each in own]))
    pieces = Pieces(len(own), mean, whole.n - mean)
    inputs, levels = [each.inputs for each in own], [each.levels for each in own]
    return Wobbles(
        inputs=numeric_wobble(baseline.inputs, pieces, inputs),
        levels=level_wobble(baseline.levels, pieces, levels),
        outputs=numeric_wobble(baseline.outputs, pieces, [each.outputs for each in own]),
        predicted=level_wobble(baseline.predicted, pieces, [each.predicted for each in own]),
        relations=_relations(baseline, pieces, own),
        missing_inputs=_missing(pieces, inputs, whole.inputs),
        missing_levels=_missing(pieces, levels, whole.levels),
        errors=_errors(pieces, own, whole),
        recalls=_recalls(pieces, own, whole),
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


def _errors(pieces: Pieces, own: Sequence[Profile], whole: Profile) -> Wobble:
    errors, labels = error_counts(own)
    all_errors, all_labels = error_counts([whole])
    return rate_wobble(pieces, (errors, all_errors[0]), (labels, all_labels[0]))


def _recalls(pieces: Pieces, own: Sequence[Profile], whole: Profile) -> Wobble:
    classes = whole.outcomes.confusion.shape[0] - 1 if isinstance(whole.outcomes, ClassOutcomes) else 0
    misses, labels = recall_counts(own, classes)
    all_misses, all_labels = recall_counts([whole], classes)
    return rate_wobble(pieces, (misses, all_misses[0]), (labels, all_labels[0]))
