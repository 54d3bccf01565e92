"""The decision: reports in, alerts and notifications out."""

from driftboard.alerts.dispatch import DispatchSummary, dispatch
from driftboard.alerts.fingerprint import fingerprint
from driftboard.alerts.gate import Alert, gate
from driftboard.alerts.record import record_alerts
from driftboard.alerts.rules import RULES, Rule
from driftboard.alerts.runbooks import runbook
from driftboard.alerts.severity import Severity

__all__ = [
    "RULES",
    "Alert",
    "DispatchSummary",
    "Rule",
    "Severity",
    "dispatch",
    "fingerprint",
    "gate",
    "record_alerts",
    "runbook",
]
