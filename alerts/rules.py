"""The rules an incident can come from: what each is called, which monitor tells it, which page explains it."""

from dataclasses import dataclass
from typing import Literal

from driftboard.alerts.severity import Severity
from driftboard.monitors.report import Monitor

Page = Literal["drift", "predictions", "performance", "data_quality", "alerts", "service"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: it takes the findings of the kind that it is named after.

    Attributes
    ----------
    name, title
        Its identity, part of the fingerprint; and what people read.
    monitor
        Whose reports tell it; None when driftboard itself does, of its own working.
    page
        The dashboard page that shows the evidence.
    about_feature
        True when the subject is a feature.
    at_most
        It is never graver than this.
    """

    name: str
    title: str
    monitor: Monitor | None
    page: Page
    about_feature: bool = False
    at_most: Severity = Severity.CRITICAL

    @property
    def runbook(self) -> str:
        """Slug of the page that says what to do."""
        return self.name


def _feature(name: str, title: str, monitor: Monitor, page: Page, at_most: Severity = Severity.CRITICAL) -> Rule:
    return Rule(name, title, monitor, page, about_feature=True, at_most=at_most)


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        _feature("feature_drift", "Feature drift", "feature", "drift"),
        _feature("feature_drift_unconfirmed", "Feature drift, unconfirmed", "feature", "drift", Severity.INFO),
        Rule("relation_change", "Relation of two features changed", "relations", "drift"),
        _feature("missing_values", "Missing values", "quality", "data_quality"),
        _feature("new_category", "New categories", "quality", "data_quality"),
        _feature("out_of_range", "Values out of range", "quality", "data_quality"),
        _feature("constant", "Constant feature", "quality", "data_quality"),
        Rule("duplicates", "Duplicate rows", "quality", "data_quality"),
        _feature("schema", "Schema change", "quality", "data_quality"),
        Rule("label_shift", "Predictions shifted", "prediction", "predictions"),
        Rule("confidence_shift", "Confidence shifted", "prediction", "predictions"),
        Rule("failed_requests", "Failed requests", "prediction", "predictions"),
        Rule("performance_decay", "Performance decay", "performance", "performance"),
        Rule("recall_decay", "Recall of a class fell", "performance", "performance"),
        Rule("segment_decay", "Performance decay in a segment", "performance", "performance"),
        Rule("estimated_decay", "Performance estimated to decay", "performance", "performance"),
        Rule("label_bias", "Labelled rows are not like the others", "performance", "performance"),
        Rule("no_data", "No data", None, "predictions", at_most=Severity.WARNING),
        Rule("monitor_error", "A monitor failed", None, "alerts", at_most=Severity.WARNING),
        Rule("channel_broken", "A channel is broken", None, "alerts"),
        Rule("worker_stalled", "Nothing is being judged", None, "alerts"),
        Rule("queue_stalled", "Messages are not going out", None, "alerts"),
        Rule("high_error_rate", "Many requests fail", None, "service"),
        Rule("high_latency", "Requests take long", None, "service"),
        Rule("low_confidence", "Many unsure predictions", None, "predictions", at_most=Severity.WARNING),
        Rule("low_accuracy", "Accuracy below its floor", None, "performance"),
        Rule("slo_burn", "An error budget is burning", None, "service"),
        Rule("slo_missed", "A service level is missed", None, "service", at_most=Severity.WARNING),
    )
}


def rule_named(name: str) -> Rule:
    """Return the rule; for a name that is no longer known (an old row), one that shows the name.

    >>> rule_named("label_shift").page
    'predictions'
    """
    return RULES.get(name) or Rule(name, name, None, "alerts")
