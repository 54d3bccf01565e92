"""What backtests told, as tables: messages, counts, differences, and pages as they add up over time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd

from driftboard.alerts.backtest import Backtest, Told
from driftboard.alerts.policy_difference import Difference
from driftboard.alerts.rules import rule_named
from driftboard.dashboard.message_kinds import KINDS
from driftboard.dashboard.status import of_verdict
from driftboard.dashboard.text import plain

PRESENT, CANDIDATE = "Present policy", "Candidate"
WHICH = {
    "only first": "only now",
    "only second": "only candidate",
    "earlier": "candidate earlier",
    "later": "candidate later",
}
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_PARTS = 3


def pages_per_week(found: Backtest) -> float | None:
    """Return how often somebody is called in a week; None of less than a day, which tells nothing of a week."""
    weeks = (found.until - found.since) / _WEEK
    return None if weeks < _DAY / _WEEK else len(found.pages) / weeks


def told(messages: Sequence[Told]) -> pd.DataFrame:
    """Return one row for each message."""
    return pd.DataFrame([{"Time (UTC)": _wall(each.at), **_about(each)} for each in messages])


def differing(differences: Sequence[Difference]) -> pd.DataFrame:
    """Return one row for each message that only one policy told, or one of them sooner."""
    return pd.DataFrame(
        [
            {
                "Differs": WHICH[each.which],
                "Present (UTC)": _wall(each.first.at) if each.first else pd.NaT,
                "Candidate (UTC)": _wall(each.second.at) if each.second else pd.NaT,
                **_about(each.told),
            }
            for each in differences
        ]
    )


def counts(present: Backtest, candidate: Backtest) -> pd.DataFrame:
    """Return messages and pages of both policies by model, rule and channel, the most pages first."""
    ones, others = present.counts(), candidate.counts()
    nothing = (0, 0)
    keys = sorted({*ones, *others}, key=lambda key: (-max(ones.get(key, nothing)[1], others.get(key, nothing)[1]), key))
    return pd.DataFrame(
        [
            {
                "Model": plain(model),
                "Rule": plain(rule_named(rule).title),
                "Channel": plain(channel),
                "Pages now": ones.get((model, rule, channel), nothing)[1],
                "Pages, candidate": others.get((model, rule, channel), nothing)[1],
                "Messages now": ones.get((model, rule, channel), nothing)[0],
                "Messages, candidate": others.get((model, rule, channel), nothing)[0],
            }
            for model, rule, channel in keys
        ]
    )


def pages_over_time(present: Backtest, candidate: Backtest) -> pd.DataFrame:
    """Return at, policy, pages so far: one row for each page, and one at each end of the period."""
    rows = []
    for policy, found in ((PRESENT, present), (CANDIDATE, candidate)):
        at = [found.since, *(each.at for each in found.pages), found.until]
        so_far = [0, *range(1, len(found.pages) + 1), len(found.pages)]
        rows += [{"at": _wall(when), "policy": policy, "pages": n} for when, n in zip(at, so_far, strict=True)]
    return pd.DataFrame(rows)


def _about(each: Told) -> dict[str, object]:
    names = ", ".join(plain(part, limit=40) for part in each.parts[:_PARTS] if part)
    more = f" +{each.n_parts - _PARTS}" if each.n_parts > _PARTS else ""
    return {
        "Severity": of_verdict(each.severity).label,
        "What": KINDS.get(each.kind, each.kind),
        "Rule": plain(rule_named(each.rule).title),
        "Parts": f"{names}{more}" or plain(each.subject) or "-",
        "Model": plain(str(each.model or "driftboard itself")),
        "To": plain(each.channel),
        "Incident": f"{each.incident}",
        "Batch": plain(each.batch),
        "Evidence": plain(each.message),
    }


def _wall(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
