"""The rules an alert can come from: what each is called, and which page and runbook explain it."""

from dataclasses import dataclass
from typing import Literal

Page = Literal["drift", "predictions", "performance", "data_quality"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the gate: it takes the findings of the kind that it is named after.

    Attributes
    ----------
    name, title
        Its identity, part of the fingerprint; and what people read.
    page
        The dashboard page that shows the evidence.
    about_feature
        True when the alert's subject is a feature.
    logged_only
        True when nobody is told: the alert is for those who come looking.
    """

    name: str
    title: str
    page: Page
    about_feature: bool = False
    logged_only: bool = False

    @property
    def runbook(self) -> str:
        """Slug of the page that says what to do."""
        return self.name


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("feature_drift", "Feature drift", "drift", about_feature=True),
        Rule("feature_drift_unconfirmed", "Feature drift, unconfirmed", "drift", about_feature=True, logged_only=True),
        Rule("relation_change", "Relation of two features changed", "drift"),
        Rule("missing_values", "Missing values", "data_quality", about_feature=True),
        Rule("new_category", "New categories", "data_quality", about_feature=True),
        Rule("out_of_range", "Values out of range", "data_quality", about_feature=True),
        Rule("constant", "Constant feature", "data_quality", about_feature=True),
        Rule("duplicates", "Duplicate rows", "data_quality"),
        Rule("schema", "Schema change", "data_quality", about_feature=True),
        Rule("label_shift", "Predictions shifted", "predictions"),
        Rule("confidence_shift", "Confidence shifted", "predictions"),
        Rule("failed_requests", "Failed requests", "predictions"),
        Rule("performance_decay", "Performance decay", "performance"),
        Rule("recall_decay", "Recall of a class fell", "performance"),
        Rule("segment_decay", "Performance decay in a segment", "performance"),
        Rule("estimated_decay", "Performance estimated to decay", "performance"),
        Rule("label_bias", "Labelled rows are not like the others", "performance"),
    )
}


def rule_named(name: str) -> Rule:
    """Return the rule; for a name that is no longer known (an old row), one that shows the name.

    >>> rule_named("label_shift").page
    'predictions'
    """
    return RULES.get(name) or Rule(name, name, "drift")
