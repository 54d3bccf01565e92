"""The dashboard of drift: which features moved, predictions, confidence."""

from driftboard.config import Settings
from driftboard.exporter import families
from driftboard.monitors.shift import Floors
from driftboard.render.drift_alerts import floors
from driftboard.render.panel import CHOSEN, OF_MODEL, Board, Panel, rising
from driftboard.render.promql import select

_OF_FEATURE = OF_MODEL + " {{feature}}"


def drift_board(settings: Settings) -> Board:
    """Return the dashboard of drift."""
    least = floors(settings)
    return Board(
        uid="driftboard-drift",
        title="driftboard: drift",
        description="How far the newest batch lies from the reference; what moved did so by evidence and effect.",
        rows=(("Features", _features(least)), ("Predictions and confidence", _outputs(least))),
    )


def _features(least: Floors) -> tuple[Panel, ...]:
    scores, indices = select(families.FEATURE_DRIFT, *CHOSEN), select(families.FEATURE_PSI, *CHOSEN)
    return (
        Panel(
            "Features that moved",
            "By evidence and effect: verdict warning or critical.",
            ((select(families.FEATURES_MOVED, *CHOSEN), OF_MODEL),),
            kind="stat",
            steps=rising(1),
            width=8,
        ),
        Panel(
            "Which moved",
            "1: it moved.",
            ((f"topk(20, {select(families.FEATURE_MOVED, *CHOSEN)})", _OF_FEATURE),),
            kind="bars",
            steps=rising(1),
            low=0,
            high=1,
            width=16,
        ),
        Panel(
            "Distance",
            "Kolmogorov-Smirnov, or total variation of categories: the 10 largest. Small batches are far by luck.",
            ((f"topk(10, {scores})", _OF_FEATURE),),
            steps=rising(least.warning_gap, least.page_gap),
            low=0,
        ),
        Panel(
            "Population stability index",
            "Less what luck gives on average: the 10 largest.",
            ((f"topk(10, {indices})", _OF_FEATURE),),
            steps=rising(least.warning_psi, least.page_psi),
            low=0,
        ),
    )


def _outputs(least: Floors) -> tuple[Panel, ...]:
    moved = (families.PREDICTION_MOVED, "predictions"), (families.CONFIDENCE_MOVED, "confidence")
    distances = (families.PREDICTION_DRIFT, "predictions"), (families.CONFIDENCE_DRIFT, "confidence")
    return (
        Panel(
            "Moved",
            "1: the predictions, or how sure they are, moved by evidence and effect.",
            tuple((select(family, *CHOSEN), f"{OF_MODEL} {what}") for family, what in moved),
            kind="stat",
            steps=rising(1),
            width=24,
        ),
        Panel(
            "Distance of predictions and confidence",
            "Total variation of the classes, Kolmogorov-Smirnov of values and confidence.",
            tuple((select(family, *CHOSEN), f"{OF_MODEL} {what}") for family, what in distances),
            steps=rising(least.warning_gap, least.page_gap),
            low=0,
        ),
        Panel(
            "Population stability index of predictions and confidence",
            "Less what luck gives on average; of confidence where that is its measure.",
            (
                (select(families.PREDICTION_PSI, *CHOSEN), OF_MODEL + " predictions"),
                (f"{select(families.CONFIDENCE_PSI, *CHOSEN)} or vector(0)", OF_MODEL + " confidence"),
            ),
            steps=rising(least.warning_psi, least.page_psi),
            low=0,
        ),
    )
