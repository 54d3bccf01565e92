"""What a performance report says of accuracy, and nothing else: read without the rest of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from driftboard.data.outcome_reports import OutcomeReport
from driftboard.monitors.service_level import Tally


@dataclass(frozen=True, slots=True)
class OutcomeFigures:
    """How many predictions of one batch were right, as was said at one time.

    Attributes
    ----------
    batch_key, batch_id, batch_at
        Which batch, and when it began.
    said_at
        When the report was stored.
    provisional
        Most of its labels were still to come.
    outcomes
        Right predictions among those with a label.
    """

    batch_key: int
    batch_id: str
    batch_at: datetime
    said_at: datetime
    provisional: bool
    outcomes: Tally

    @property
    def is_mature(self) -> bool:
        """Whether it counts: labels are there, and most of those that will come."""
        return not self.provisional and self.outcomes.total > 0


def figures_of(report: OutcomeReport) -> OutcomeFigures:
    """Return the figures of one stored report; of one without an accuracy (regression) there are no outcomes."""
    said = orjson.loads(report.payload)
    accuracy, labelled = said.get("accuracy"), int(said.get("n_labelled") or 0)
    return OutcomeFigures(
        batch_key=report.batch_key,
        batch_id=report.batch_id,
        batch_at=report.batch_at,
        said_at=report.created_at,
        provisional=bool(said.get("provisional", False)),
        outcomes=Tally() if accuracy is None else Tally(round(accuracy * labelled), labelled),
    )


def mature_outcomes(figures: Sequence[OutcomeFigures]) -> Tally:
    """Return the outcomes of all batches whose labels have arrived."""
    return sum((each.outcomes for each in figures if each.is_mature), Tally())
