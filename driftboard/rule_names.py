"""The names of the rules: what the configuration may say of them; `alerts.rules` says what each is."""

import difflib

RULE_NAMES = (
    "feature_drift",
    "feature_drift_unconfirmed",
    "relation_change",
    "missing_values",
    "new_category",
    "out_of_range",
    "constant",
    "duplicates",
    "schema",
    "label_shift",
    "confidence_shift",
    "failed_requests",
    "performance_decay",
    "recall_decay",
    "segment_decay",
    "estimated_decay",
    "label_bias",
    "no_data",
    "monitor_error",
    "channel_broken",
    "worker_stalled",
    "queue_stalled",
    "high_error_rate",
    "high_latency",
    "low_confidence",
    "low_accuracy",
    "slo_burn",
    "slo_missed",
)


def known_rule(name: str) -> str:
    """Return the name of a rule, once it is known to be one.

    Raises
    ------
    ValueError
        It is none: the text names the nearest.
    """
    if name in RULE_NAMES:
        return name
    near = difflib.get_close_matches(name, RULE_NAMES, n=1)
    raise ValueError(
        f"no rule is called {name!r}: " + (f"did you mean {near[0]!r}?" if near else "each rule has a runbook")
    )


def known_pattern(pattern: str) -> str:
    """Return a pattern of rule names: `*` and `?` are wild, and without them it is a name."""
    return pattern if "*" in pattern or "?" in pattern else known_rule(pattern)
