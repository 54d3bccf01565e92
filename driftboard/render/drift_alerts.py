"""Alerts on drift: what the monitors found moved, by evidence and by effect, as far as it pages there too."""

from datetime import timedelta

from driftboard.alerts.severity import Severity
from driftboard.config import Settings
from driftboard.exporter.families import (
    CONFIDENCE_DRIFT,
    CONFIDENCE_MOVED,
    CONFIDENCE_PSI,
    FEATURE_DRIFT,
    FEATURE_MOVED,
    FEATURE_PSI,
    MODEL,
    PREDICTION_DRIFT,
    PREDICTION_MOVED,
    PREDICTION_PSI,
)
from driftboard.exporter.family import Family
from driftboard.monitors.shift import Floors
from driftboard.render.alert_rule import OF_MODEL, AlertRule
from driftboard.render.promql import lines, number, select

HOLD = timedelta(minutes=10)
"""The score changes with a batch, not with a scrape: it has to outlive a restart of the exporter, and no more."""
KEEP = timedelta(minutes=15)


def floors(settings: Settings) -> Floors:
    """Return the effects from which the monitors page: those of the policy in force."""
    classic = settings.monitors.classic
    if settings.monitors.policy == "classic":
        return Floors(warning_psi=classic.psi_warning, page_psi=classic.psi_critical)
    return Floors()


def drift_alerts(settings: Settings) -> tuple[AlertRule, ...]:
    """Return the alerts on features, predictions, and confidence (concept drift that shows before any label)."""
    return (
        _alert(
            "DataDrift",
            settings,
            rule="feature_drift",
            page="drift",
            families=(FEATURE_DRIFT, FEATURE_PSI, FEATURE_MOVED),
            labels=(*MODEL, "feature"),
            summary=f"{{{{ $labels.feature }}}} of {OF_MODEL} moved",
            what="The feature's distribution",
        ),
        _alert(
            "PredictionDrift",
            settings,
            rule="label_shift",
            page="predictions",
            families=(PREDICTION_DRIFT, PREDICTION_PSI, PREDICTION_MOVED),
            labels=MODEL,
            summary=f"Predictions of {OF_MODEL} moved",
            what="The distribution of the predictions",
        ),
        _alert(
            "ConceptDrift",
            settings,
            rule="confidence_shift",
            page="predictions",
            families=(CONFIDENCE_DRIFT, CONFIDENCE_PSI, CONFIDENCE_MOVED),
            labels=MODEL,
            summary=f"Confidence of {OF_MODEL} moved",
            what="The distribution of the confidence, which tells of a changed concept before labels arrive,",
        ),
    )


def _alert(
    alert: str,
    settings: Settings,
    *,
    rule: str,
    page: str,
    families: tuple[Family, Family, Family],
    labels: tuple[str, ...],
    summary: str,
    what: str,
) -> AlertRule:
    least = floors(settings)
    description = (
        f"{what} lies {{{{ $value | humanize }}}} from the reference, by evidence and effect. "
        f"It counts from a distance of {number(least.page_gap)}, or an index (PSI) of {number(least.page_psi)}."
    )
    return AlertRule(
        alert=alert,
        expr=_expression(families, labels, least),
        severity=Severity.WARNING,
        threshold=least.page_gap,
        summary=summary,
        description=description,
        rule=rule,
        hold=HOLD,
        keep=KEEP,
        page=page,
    )


def _expression(families: tuple[Family, Family, Family], labels: tuple[str, ...], least: Floors) -> str:
    score, index, moved = families
    return lines(
        f"({select(score)} >= {number(least.page_gap)} or {select(index)} >= {number(least.page_psi)})",
        f"and on ({', '.join(labels)}) {select(moved)} == 1",
    )
