"""How the service levels of models stand, as samples; a month is added up for each, so they are kept for a minute."""

from collections.abc import Iterable

from driftboard.alerts.service_levels import ServiceLevel
from driftboard.exporter import families
from driftboard.exporter.samples import Samples

_MET = {"met": 1, "missed": 0}


def add_levels(samples: Samples, levels: Iterable[ServiceLevel]) -> None:
    """Add compliance, promise, budget and whether it is met, of each level."""
    for level in levels:
        samples.add(families.SLO_COMPLIANCE, level.compliance, level.name)
        samples.add(families.SLO_TARGET, level.target, level.name)
        samples.add(families.SLO_BUDGET, level.budget_left, level.name)
        samples.add(families.SLO_MET, _MET.get(level.status), level.name)
