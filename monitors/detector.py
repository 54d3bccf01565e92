"""The detector: fitted on a reference, asked for every batch; needs no database."""

from collections import deque
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from math import log10

import numpy as np

from driftboard.monitors.baseline import Baseline, numeric_columns, row_slice
from driftboard.monitors.calibrated import CalibratedPolicy
from driftboard.monitors.calibrated_inputs import judge_inputs
from driftboard.monitors.calibrated_outcomes import judge_outcomes
from driftboard.monitors.calibrated_outputs import judge_outputs
from driftboard.monitors.calibrated_quality import judge_quality
from driftboard.monitors.calibrated_relations import judge_relations
from driftboard.monitors.classic_inputs import classic_inputs
from driftboard.monitors.classic_outcomes import classic_outcomes
from driftboard.monitors.classic_outputs import classic_outputs
from driftboard.monitors.classic_quality import classic_quality
from driftboard.monitors.consequence import with_consequence
from driftboard.monitors.extremes import extreme_share
from driftboard.monitors.policy import ClassicPolicy
from driftboard.monitors.profile import Profile
from driftboard.monitors.report import Monitor, RelationReport, Report
from driftboard.monitors.sample import Codes, Sample
from driftboard.monitors.verdict import Verdict, overall
from driftboard.monitors.windows import LONGEST, Windows, look_back
from driftboard.monitors.wobble import LEAST_BATCHES
from driftboard.monitors.wobbles import Wobbles, measure_wobbles

_MOST_PIECES = 64
_ROUND = np.array([1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8])


@dataclass(frozen=True, slots=True)
class Judgement:
    """What there is to say of one batch: the reports by monitor."""

    reports: Mapping[Monitor, Report]

    @property
    def verdict(self) -> Verdict:
        """The gravest of all reports that say something."""
        return overall(each.verdict for each in self.reports.values())


class Detector:
    """Compares batches with a frozen reference.

    A batch is counted once (`profile`), and judged together with the up to fifteen batches before it (`judge`). Both
    are pure; `update` does both and remembers the profiles, for a notebook or a test.

    Parameters
    ----------
    reference
        Held-out data in order of time, at least 500 rows, better 2,000 and thirty batches.
    policy
        What a page takes.
    groups
        Shape (reference.n,): which batch of its own each reference row belongs to. By default the reference is cut into
        pieces of the size of the batch being judged.

    >>> from driftboard.monitors.sample import Numeric
    >>> rng = np.random.default_rng(0)
    >>> detector = Detector(Sample(2000, {"temp": Numeric(rng.normal(size=2000))}))
    >>> detector.update(Sample(200, {"temp": Numeric(rng.normal(size=200))}), "monday").verdict
    <Verdict.OK: 'ok'>
    >>> judgement = detector.update(Sample(200, {"temp": Numeric(rng.normal(0.8, 1, size=200))}), "tuesday")
    >>> judgement.verdict, judgement.reports["feature"].message[:38]
    (<Verdict.CRITICAL: 'critical'>, '`temp` moved: corrected PSI 0.56 (seve')
    """

    def __init__(
        self, reference: Sample, policy: CalibratedPolicy | ClassicPolicy | None = None, *, groups: Codes | None = None
    ) -> None:
        self.policy = policy or CalibratedPolicy()
        self.baseline = Baseline(reference)
        self._reference = reference
        self._groups = groups
        self._recent: deque[Profile] = deque(maxlen=LONGEST)
        self._seen = 0
        self._wobbles = lru_cache(maxsize=8)(self._measure)

    def profile(self, batch: Sample, name: str = "") -> Profile:
        """Return a batch's counts; never raises for what the batch holds or lacks."""
        return self.baseline.profile(batch, name)

    def judge(self, profiles: Sequence[Profile]) -> Judgement:
        """Return the reports of the last of these profiles, which come oldest first; at most sixteen are looked at."""
        if isinstance(self.policy, ClassicPolicy):
            return self._classic(look_back(profiles, longest=1), self.policy)
        return self._calibrated(look_back(profiles), self.policy)

    def _calibrated(self, windows: Windows, policy: CalibratedPolicy) -> Judgement:
        wobbles = self._wobbles(0 if self._groups is not None else _round(windows.batch.n))
        outcomes = judge_outcomes(self.baseline, wobbles, windows, policy)
        judged: dict[Monitor, Report] = {
            "feature": with_consequence(judge_inputs(self.baseline, wobbles, windows, policy), outcomes),
            "relations": judge_relations(self.baseline, wobbles.relations, windows, policy),
            "quality": judge_quality(self.baseline, wobbles, windows, policy),
            "prediction": judge_outputs(self.baseline, wobbles, windows, policy),
            "performance": outcomes,
        }
        return Judgement(judged)

    def _classic(self, windows: Windows, policy: ClassicPolicy) -> Judgement:
        steady = "The classic policy does not look at relations."
        judged: dict[Monitor, Report] = {
            "feature": classic_inputs(self.baseline, windows.batch, policy),
            "relations": RelationReport(Verdict.NO_DATA, steady, windows.batch.n, self.baseline.reference.n, 0),
            "quality": classic_quality(self.baseline, windows.batch, policy),
            "prediction": classic_outputs(self.baseline, windows.batch, policy),
            "performance": classic_outcomes(self.baseline, windows, policy),
        }
        return Judgement(judged)

    def update(self, batch: Sample, name: str = "") -> Judgement:
        """Count a batch, remember it, and judge it with those remembered; without a name it has its number."""
        self._recent.append(self.profile(batch, name or str(self._seen)))
        self._seen += 1
        return self.judge(tuple(self._recent))

    def under(self, policy: CalibratedPolicy | ClassicPolicy) -> "Detector":
        """Return the same fitted detector with another policy; it has seen no batches yet."""
        other = copy(self)
        other.policy = policy
        other._recent, other._seen = deque(maxlen=LONGEST), 0  # noqa: SLF001 - its own kind
        return other

    def _measure(self, rows: int) -> Wobbles:
        pieces = self._pieces(rows)
        own = [self.baseline.profile(row_slice(self._reference, each), "", exact=False) for each in pieces]
        return measure_wobbles(self.baseline, own, extreme_share(numeric_columns(self._reference), pieces))

    def _pieces(self, rows: int) -> list[Codes]:
        """The rows of each of the reference's own batches; none when there are fewer than eight."""
        if self._groups is not None:
            order = np.argsort(self._groups, kind="stable")
            starts = np.flatnonzero(np.diff(self._groups[order])) + 1
            pieces = np.split(order, starts)
        else:
            known = self._reference.n
            pieces = np.array_split(np.arange(known), max(1, round(known / rows))) if rows else []
        if len(pieces) < LEAST_BATCHES:
            return []
        return [
            pieces[at] for at in np.linspace(0, len(pieces) - 1, min(len(pieces), _MOST_PIECES)).round().astype(int)
        ]


def _round(rows: int) -> int:
    """The nearest round number, so that batches of nearly the same size share their wobble.

    >>> [_round(rows) for rows in (0, 1, 213, 790)]
    [0, 1, 200, 800]
    """
    if rows == 0:
        return 0
    scale = 10 ** int(log10(rows))
    candidates = np.append(_ROUND, 10) * scale
    return int(candidates[np.argmin(np.abs(np.log(candidates / rows)))])
