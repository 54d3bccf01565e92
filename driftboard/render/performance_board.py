"""The dashboard of what is predicted, and how right it is once labels are in."""

from driftboard.config import Settings
from driftboard.exporter import families
from driftboard.render.panel import CHOSEN, OF_MODEL, Board, Panel, Step, falling, rising
from driftboard.render.promql import rate, select

_SPAN = "$__rate_interval"
_HOUR = "1h"


def performance_board(settings: Settings) -> Board:
    """Return the dashboard of predictions and performance."""
    return Board(
        uid="driftboard-performance",
        title="driftboard: performance",
        description="What is predicted, and how right it is.",
        rows=(("With labels", _labelled(settings)), ("Predictions", _predicted(settings))),
    )


def _labelled(settings: Settings) -> tuple[Panel, ...]:
    floor, promised = settings.service.accuracy_floor, settings.slo.accuracy
    steps: tuple[Step, ...] = falling(floor, promised if promised is not None and promised > floor else None)
    accuracy = (
        (select(families.ACCURACY, *CHOSEN), OF_MODEL),
        (select(families.ACCURACY_LOWER, *CHOSEN), OF_MODEL + " at least"),
        (select(families.ACCURACY_UPPER, *CHOSEN), OF_MODEL + " at most"),
    )
    by_segment = f"bottomk(20, {select(families.SEGMENT_ACCURACY, *CHOSEN)})"
    return (
        Panel(
            "Accuracy",
            "Of the newest batch whose labels had the time to arrive, with its 95 % interval.",
            accuracy,
            unit="percentunit",
            steps=steps,
            high=1,
        ),
        Panel("Macro-F1", "The mean over the classes.", ((select(families.MACRO_F1, *CHOSEN), OF_MODEL),), high=1),
        Panel(
            "Errors of regression",
            "Mean absolute and root mean squared, in the target's unit.",
            (
                (select(families.MEAN_ABSOLUTE_ERROR, *CHOSEN), OF_MODEL + " mean absolute"),
                (select(families.ROOT_MEAN_SQUARED_ERROR, *CHOSEN), OF_MODEL + " root mean squared"),
            ),
            low=0,
        ),
        Panel(
            "Labels that are in",
            "Share of the predictions of that batch; few labels say little.",
            ((select(families.COVERAGE, *CHOSEN), OF_MODEL),),
            unit="percentunit",
            low=0,
            high=1,
        ),
        Panel(
            "Labels",
            "How many of them the accuracy, or the error, rests on.",
            ((select(families.ACCURACY_LABELS, *CHOSEN), OF_MODEL),),
            kind="stat",
            width=24,
        ),
        Panel(
            "Accuracy by segment",
            "The 20 lowest: a mean hides who pays for it.",
            ((by_segment, OF_MODEL + " {{segment}}={{level}}"),),
            kind="bars",
            unit="percentunit",
            steps=steps,
            low=0,
            high=1,
            width=24,
        ),
    )


def _predicted(settings: Settings) -> tuple[Panel, ...]:
    predicted = select(families.PREDICTIONS, *CHOSEN)
    classes = f"sum by (model, version, environment, predicted_class) (rate({predicted}[{_HOUR}]))"
    unsure = select(families.LOW_CONFIDENCE, *CHOSEN)
    buckets = select(families.CONFIDENCE, *CHOSEN, suffix="_bucket")
    counted = select(families.CONFIDENCE, *CHOSEN, suffix="_count")
    medians = f"histogram_quantile(0.5, sum by (model, version, environment, le) (rate({buckets}[{_HOUR}])))"
    limit = settings.service
    return (
        Panel("Predictions a second", "Over five minutes.", ((select(families.THROUGHPUT, *CHOSEN), OF_MODEL),), low=0),
        Panel(
            "By class",
            "Share of each in the predictions of an hour.",
            ((f"{classes} / {_ON_CLASSES} {rate(predicted, _HOUR)}", OF_MODEL + " {{predicted_class}}"),),
            unit="percentunit",
            low=0,
            high=1,
        ),
        Panel(
            "Unsure predictions",
            f"Share of those at most {limit.low_confidence * 100:g} % sure, in an hour.",
            ((f"{rate(unsure, _HOUR)} / {rate(counted, _HOUR)}", OF_MODEL),),
            unit="percentunit",
            steps=rising(limit.low_confidence_share),
            low=0,
        ),
        Panel("Median confidence", "In an hour.", ((medians, OF_MODEL),), unit="percentunit", low=0, high=1),
    )


_ON_CLASSES = "on (model, version, environment) group_left ()"
