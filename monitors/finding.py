"""One thing a monitor has to say; a report's verdict and sentence are made of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from driftboard.monitors.verdict import Verdict, worst
from driftboard.monitors.wording import count

Kind = Literal[
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
    "multivariate",
    "sequential",
    "note",
]
"""What a finding is about: the name of the alert rule it falls under, or `note`, which is never an alert."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How sure, and how big: what the look-back windows say of one subject, from the window that says most.

    Attributes
    ----------
    batches, since
        The window: so many batches, the first of them by its id.
    n, n_reference
        Rows (or labels) in the window, and in the reference.
    p_value
        Chance of as much by luck, after every correction: windows looked at, and subjects of the layer
        (Benjamini-Hochberg). Compared with `level`.
    level
        The layer's share of the false-page budget.
    effect, measure
        How big, in the unit `measure` names: `PSI` (corrected), `KS`, `total variation`, `points` (0.03 is three),
        `correlation` or `growth` (of the mean absolute error, a share).
    warning_floor, page_floor
        Effects from which it is worth a warning, and a page.
    wobble
        How many times more the reference's own batches vary than independent rows would; 1 when they do not.
    visible
        The smallest effect that these rows would show half the time; None when it cannot be told.
    needed
        Rows still missing until an effect of this size would pass; None when it passes, or no number of rows would do.
    """

    batches: int
    since: str
    n: int
    n_reference: int
    p_value: float
    level: float
    effect: float
    measure: str
    warning_floor: float
    page_floor: float
    wobble: float = 1.0
    visible: float | None = None
    needed: int | None = None

    @property
    def passes(self) -> bool:
        """Whether luck is ruled out within the budget."""
        return self.p_value <= self.level


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, what it is about, and the clause that explains it.

    Attributes
    ----------
    verdict, text
        What is made of it, and a clause without a full stop that says so with its numbers.
    kind, subject
        The rule it falls under and the feature, class, pair or segment it is about; empty for the model as a whole.
    evidence
        The numbers behind the clause; None where a fact needs none (a column that is gone) or the policy is classic.
    """

    verdict: Verdict
    text: str
    kind: Kind = "note"
    subject: str = ""
    evidence: Evidence | None = None


def conclude(findings: Sequence[Finding]) -> tuple[Verdict, str]:
    """Return the worst verdict, and one sentence with the gravest clause first.

    >>> conclude([Finding(Verdict.OK, "the mix is steady"), Finding(Verdict.WARNING, "9 % of the requests failed")])
    (<Verdict.WARNING: 'warning'>, '9 % of the requests failed; the mix is steady.')
    """
    ordered = sorted(findings, key=lambda finding: -finding.verdict.rank)
    return worst([finding.verdict for finding in ordered]), "; ".join(finding.text for finding in ordered) + "."


def too_few(n: int, least: int, *, noun: str = "row", where: str = "") -> Finding:
    """Return the finding that n are too few to judge, with how many more it takes.

    >>> too_few(12, 50).text
    '12 rows are too few to judge: 38 more needed'
    """
    verb = "is" if n == 1 else "are"
    return Finding(Verdict.INSUFFICIENT, f"{count(n, noun)}{where} {verb} too few to judge: {least - n:,} more needed")
