"""What a backtest found, as text and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson

from driftboard.alerts.backtest import Backtest, Told
from driftboard.alerts.plain import one_line
from driftboard.alerts.policy_difference import Difference, differences
from driftboard.commands.alerts.options import table, written
from driftboard.commands.options import counted

_MOST = 200
"""So many messages are printed; `--json` has them all."""

_WHICH = {
    "only first": "only at present",
    "only second": "only the candidate",
    "earlier": "candidate earlier",
    "later": "candidate later",
}


def as_text(first: Backtest, second: Backtest | None) -> str:
    """Return the pages, the counts, and how a second policy differs."""
    lines = [f"From {written(first.since)} to {written(first.until)} UTC, {counted(first.batches, 'judgement')}."]
    if second is None:
        lines += [_summary("This policy", first), *_section("Messages", _messages(first.told))]
        lines += _section("By model, rule and channel", _counts(first))
    else:
        found = differences(first, second)
        lines += [_summary("The present policy", first), _summary("The candidate", second)]
        lines += _section("By model, rule and channel: messages (pages)", _both(first, second))
        lines += _section("Differences", _differences(found)) if found else ["", "Both tell the same."]
    if first.unmatched or (second and second.unmatched):
        lines += ["", "Some acts of people found no open incident under the policy; they were left out."]
    return "\n".join(lines)


def as_json(first: Backtest, second: Backtest | None) -> str:
    """Return everything, for a machine."""
    found: dict[str, Any] = {"present": _plain(first)}
    if second is not None:
        found["candidate"] = _plain(second)
        found["differences"] = [asdict(each) for each in differences(first, second)]
    return orjson.dumps(found).decode()


def _plain(each: Backtest) -> dict[str, Any]:
    told = [{**asdict(one), "is_page": one.is_page} for one in each.told]
    period = {"since": each.since, "until": each.until, "batches": each.batches, "unmatched": each.unmatched}
    return {**period, "incidents": len(each.incidents), "pages": len(each.pages), "told": told}


def _summary(name: str, each: Backtest) -> str:
    opened, told, pages = len(each.incidents), len(each.told), len(each.pages)
    return (
        f"{name}: {counted(opened, 'incident')}, {counted(told, 'message')}, {counted(pages, 'page')} among them"
        f" (critical, and no reminder)."
    )


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def _messages(all_told: Sequence[Told]) -> list[str]:
    """Return what is news, a line each; reminders are counted."""
    told = [each for each in all_told if each.kind != "reminder"]
    if not told:
        return []
    rows = [("WHEN (UTC)", "SEVERITY", "KIND", "TO", "INCIDENT", "MODEL", "WHAT"), *map(_row, told[-_MOST:])]
    more = [f"... and {len(told) - _MOST:,} before: --json has them all"] if len(told) > _MOST else []
    n_reminders = len(all_told) - len(told)
    reminders = [f"and {counted(n_reminders, 'reminder')}, which --json has"] if n_reminders else []
    return [*more, *table(rows).splitlines(), *reminders]


def _row(each: Told) -> tuple[str, ...]:
    model = one_line(str(each.model or "driftboard"), limit=60)
    return written(each.at), each.severity, each.kind, _short(each.channel), str(each.incident), model, _what(each)


def _what(each: Told) -> str:
    parts = [each.subject] if each.subject else [part for part in each.parts if part]
    named = ", ".join(one_line(part, limit=30) for part in parts[:3])
    more = f" (+{each.n_parts - 3:,} more)" if each.n_parts > 3 and not each.subject else ""  # noqa: PLR2004 - three are shown
    return f"{_short(each.rule)}{f': {named}{more}' if named else ''}"


def _counts(each: Backtest) -> list[str]:
    rows = [("MODEL", "RULE", "CHANNEL", "MESSAGES", "PAGES")]
    for (model, rule, channel), (told, pages) in each.counts().items():
        rows.append((_short(model), _short(rule), _short(channel), f"{told:,}", f"{pages:,}"))
    return table(rows).splitlines() if each.told else []


def _both(first: Backtest, second: Backtest) -> list[str]:
    ones, others = first.counts(), second.counts()
    keys = list(dict.fromkeys((*ones, *others)))
    figures = [(*map(_short, key), _pair(ones.get(key, (0, 0))), _pair(others.get(key, (0, 0)))) for key in keys]
    return table([("MODEL", "RULE", "CHANNEL", "PRESENT", "CANDIDATE"), *figures]).splitlines() if keys else []


def _pair(counts: tuple[int, int]) -> str:
    return f"{counts[0]:,} ({counts[1]:,})"


def _differences(found: Sequence[Difference]) -> list[str]:
    rows = [("WHEN (UTC)", "WHICH", "SEVERITY", "KIND", "TO", "WHAT")]
    for each in found[:_MOST]:
        told = each.told
        which = _WHICH[each.which] + (f", {written(each.second.at)}" if each.first and each.second else "")
        rows.append((written(told.at), which, told.severity, told.kind, _short(told.channel), _what(told)))
    more = [f"... and {len(found) - _MOST:,} more: --json has them all"] if len(found) > _MOST else []
    return [*table(rows).splitlines(), *more]


def _short(text: str) -> str:
    return one_line(text, limit=60)
