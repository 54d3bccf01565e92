"""The reference, frozen once: cells, levels, relations, outcomes; and the profile of any sample against it."""

from collections.abc import Mapping

import numpy as np

from driftboard.monitors.cbpe import ClassEstimator
from driftboard.monitors.dle import ValueEstimator
from driftboard.monitors.duplicates import count_duplicates
from driftboard.monitors.labelled import labelled_classes, labelled_values
from driftboard.monitors.levels import LevelColumns
from driftboard.monitors.numeric import NumericColumns
from driftboard.monitors.outcomes import ClassOutcomes, ValueOutcomes, class_outcomes, value_outcomes
from driftboard.monitors.profile import MOST_UNEXPECTED, Profile
from driftboard.monitors.relations import Relations
from driftboard.monitors.sample import Categorical, Codes, Floats, Numeric, Sample
from driftboard.monitors.segment_outcomes import segment_levels, segment_outcomes

CONFIDENCE, VALUE, ERROR = "confidence", "value", "error"
_MOST_ERRORS = 1_000


class Baseline:
    """What a reference looks like, in the shape in which batches are compared with it.

    Parameters
    ----------
    reference
        Held-out data of the model, with labels where performance is to be watched.

    Attributes
    ----------
    inputs, levels, outputs, predicted, relations, segments
        The frozen parts; see `Profile` for what each holds.
    classes
        The fixed class list; empty for regression.
    estimator
        Estimates performance without labels; None where the reference does not allow it.
    features
        The names of all features, in the reference's order.
    reference
        The reference's own profile.
    """

    def __init__(self, reference: Sample) -> None:
        self.task = reference.task
        self.classes = reference.classes
        self.inputs = NumericColumns(numeric_columns(reference))
        self.levels = LevelColumns(_categorical(reference))
        self.outputs = NumericColumns(_outputs(reference))
        self.predicted = LevelColumns(_predicted(reference), first=reference.classes)
        self.relations = Relations(self.inputs, numeric_columns(reference))
        self.segments = segment_levels(reference)
        self._centre = _mean_label(reference)
        self.estimator = _fit_estimator(reference)
        self._known = frozenset(reference.features)
        self.features = tuple(reference.features)
        self.reference = self.profile(reference, "reference", exact=False)

    def profile(self, sample: Sample, name: str, *, exact: bool = True) -> Profile:
        """Return the counts of a sample; never raises for what it holds or lacks.

        Parameters
        ----------
        sample
            One batch, or a part of one.
        name
            The batch's id.
        exact
            Whether KS against the reference's own values is wanted beside the counts.
        """
        numbers, levels = numeric_columns(sample), _categorical(sample)
        same_task = sample.task == self.task
        judged = sample if same_task else Sample(0, task=self.task)  # errors of another task mean something else
        return Profile(
            names=(name,),
            n=sample.n,
            failed=_failed(sample),
            duplicates=count_duplicates(sample),
            inputs=self.inputs.count(numbers, exact=exact),
            levels=self.levels.count(levels),
            outputs=self.outputs.count(_outputs(sample) if same_task else {}, exact=exact),
            predicted=self.predicted.count(_predicted(sample) if same_task else {}),
            relations=self.relations.measure(numbers),
            outcomes=self._outcomes(sample),
            segments=tuple(segment_outcomes(judged, self.segments, self.classes).values()),
            expected=None if self.estimator is None else self.estimator.expect(sample),
            errors=(_errors(judged),),
            retyped=tuple(sorted({*numbers} & {*self.levels.names} | {*levels} & {*self.inputs.names})),
            unexpected=tuple(sorted(set(sample.features) - self._known)[:MOST_UNEXPECTED]),
        )

    def _outcomes(self, sample: Sample) -> ClassOutcomes | ValueOutcomes:
        if self.task == "classification":
            return class_outcomes(sample, self.classes)
        return value_outcomes(sample, centre=self._centre)


Estimator = ClassEstimator | ValueEstimator


def _fit_estimator(reference: Sample) -> Estimator | None:
    estimator = ValueEstimator(reference) if reference.task == "regression" else ClassEstimator(reference)
    return estimator if estimator.able else None


def numeric_columns(sample: Sample) -> dict[str, Floats]:
    """Return the numeric features, shape (n,) each."""
    return {name: column.values for name, column in sample.features.items() if isinstance(column, Numeric)}


def _categorical(sample: Sample) -> dict[str, Categorical]:
    return {name: column for name, column in sample.features.items() if isinstance(column, Categorical)}


def _outputs(sample: Sample) -> Mapping[str, Floats]:
    if sample.task == "classification":
        if sample.confidence.size == 0:
            return {CONFIDENCE: np.full(sample.n, np.nan)}
        usable = (sample.confidence >= 0) & (sample.confidence <= 1)
        return {CONFIDENCE: np.where(usable, sample.confidence, np.nan)}
    return {VALUE: sample.predicted, ERROR: _absolute_errors(sample)}


def _predicted(sample: Sample) -> dict[str, Categorical]:
    if sample.task == "regression":
        return {}
    codes = np.clip(np.nan_to_num(sample.predicted, nan=-1.0), -1, len(sample.classes))
    return {"class": Categorical(codes.astype(np.int64), sample.classes)}


def _absolute_errors(sample: Sample) -> Floats:
    rows = labelled_values(sample)
    with np.errstate(over="ignore"):
        errors: Floats = np.abs(sample.predicted[rows] - sample.labels[rows]) if rows.any() else np.empty(0)
    return errors


def _errors(sample: Sample) -> Floats:
    if sample.task == "classification":
        return (~labelled_classes(sample, sample.classes).right[:_MOST_ERRORS]).astype(np.float64)
    return _absolute_errors(sample)[:_MOST_ERRORS]


def _failed(sample: Sample) -> int:
    missing = np.isnan(sample.predicted)
    if sample.task == "classification":
        missing |= sample.predicted < 0
    return sample.n - sample.predicted.size + int(np.count_nonzero(missing))


def _mean_label(sample: Sample) -> float:
    rows = labelled_values(sample)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(sample.labels[rows].mean()) if rows.any() else 0.0
    return mean if np.isfinite(mean) else 0.0


def row_slice(sample: Sample, rows: Codes) -> Sample:
    """Return the sample's rows at those positions."""

    def cut(values: Floats) -> Floats:
        return values[rows] if values.shape[0] == sample.n else values

    def levels(column: Categorical) -> Categorical:
        return Categorical(column.codes[rows], column.levels)

    features = {
        name: levels(column) if isinstance(column, Categorical) else Numeric(column.values[rows])
        for name, column in sample.features.items()
    }
    return Sample(
        n=rows.size,
        features=features,
        task=sample.task,
        classes=sample.classes,
        predicted=cut(sample.predicted),
        confidence=cut(sample.confidence),
        labels=cut(sample.labels),
        scores=cut(sample.scores),
        segments={name: levels(column) for name, column in sample.segments.items()},
    )
