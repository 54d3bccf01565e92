"""The rules an alert can come from: what each is called, and which page and runbook explain it."""

from dataclasses import dataclass
from typing import Literal

Page = Literal["drift", "predictions", "performance"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the gate.

    Attributes
    ----------
    name, title
        Its identity, part of the fingerprint; and what people read.
    page
        The dashboard page that shows the evidence.
    runbook
        Slug of the page that says what to do.
    about_feature
        True when the alert's subject is a feature.
    logged_only
        True when nobody is told: the alert is for those who come looking.
    """

    name: str
    title: str
    page: Page
    runbook: str
    about_feature: bool = False
    logged_only: bool = False


FEATURE_DRIFT = Rule("feature_drift", "Feature drift", "drift", "feature_drift", about_feature=True)
FEATURE_DRIFT_UNCONFIRMED = Rule(
    "feature_drift_unconfirmed",
    "Feature drift, unconfirmed",
    "drift",
    "feature_drift_unconfirmed",
    about_feature=True,
    logged_only=True,
)
MISSING_VALUES = Rule("missing_values", "Missing values", "drift", "missing_values", about_feature=True)
SCHEMA = Rule("schema", "Schema change", "drift", "schema", about_feature=True)
LABEL_SHIFT = Rule("label_shift", "Predictions shifted", "predictions", "label_shift")
CONFIDENCE_SHIFT = Rule("confidence_shift", "Confidence shifted", "predictions", "confidence_shift")
PERFORMANCE_DECAY = Rule("performance_decay", "Performance decay", "performance", "performance_decay")

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        FEATURE_DRIFT,
        FEATURE_DRIFT_UNCONFIRMED,
        MISSING_VALUES,
        SCHEMA,
        LABEL_SHIFT,
        CONFIDENCE_SHIFT,
        PERFORMANCE_DECAY,
    )
}


def rule_named(name: str) -> Rule:
    """Return the rule; for a name that is no longer known (an old row), one that shows the name.

    >>> rule_named("label_shift").page
    'predictions'
    """
    return RULES.get(name) or Rule(name, name, "drift", name)
