"""One alert as Prometheus evaluates it: an expression, how long it has to hold, and what people read."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from driftboard.alerts.severity import Severity
from driftboard.render.promql import written

Owner = Literal["driftboard", "prometheus"]
AT_ONCE = timedelta(0)
OF_MODEL = "{{ $labels.model }} ({{ $labels.version }}, {{ $labels.environment }})"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A rule of one group.

    Attributes
    ----------
    alert
        Its name.
    expr
        PromQL that yields a series for each thing that is wrong.
    severity
        How much attention it asks for.
    threshold
        The number that the expression compares with, for people and for tests.
    summary, description
        What people read: templates of Prometheus.
    rule
        Which of driftboard's own rules says the same, and whose runbook explains it.
    judged
        True where driftboard itself judges the same: one of the two tells people, see `owners`.
    hold, keep
        For how long it is pending; for how long it fires on once it is over, so that one good minute ends nothing.
    labels
        Labels besides `severity`, `owner` and `rule`.
    page
        The dashboard page that shows more.
    """

    alert: str
    expr: str
    severity: Severity
    threshold: float
    summary: str
    description: str
    rule: str
    judged: bool = True
    hold: timedelta = AT_ONCE
    keep: timedelta = AT_ONCE
    labels: tuple[tuple[str, str], ...] = ()
    page: str = "health"

    def as_yaml(self, owner: Owner, base_url: str) -> dict[str, Any]:
        """Return the rule as a file of rules has it, in the order that people read."""
        body: dict[str, Any] = {"alert": self.alert, "expr": self.expr}
        if self.hold:
            body["for"] = written(self.hold)
        if self.keep:
            body["keep_firing_for"] = written(self.keep)
        labels = {"severity": str(self.severity), "owner": owner, "rule": self.rule, **dict(self.labels)}
        return body | {"labels": labels, "annotations": self._annotations(base_url)}

    def _annotations(self, base_url: str) -> dict[str, str]:
        return {
            "summary": self.summary,
            "description": self.description,
            "dashboard": _page(base_url, self.page, of_model="$labels.model" in self.summary),
            "runbook_url": f"{base_url}/alerts?runbook={self.rule}",
        }


def _page(base_url: str, page: str, *, of_model: bool) -> str:
    """The address of a page, of the model that the alert is about; Prometheus encodes the names."""
    path = base_url if page == "health" else f"{base_url}/{page}"
    if not of_model:
        return path
    key = '{{ printf "%s:%s@%s" $labels.model $labels.version $labels.environment | urlquery }}'
    return f"{path}?model={key}"
