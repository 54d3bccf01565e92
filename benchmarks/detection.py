"""How soon drift is paged, and how often nothing is: driftboard, the tutorial's rule, and other monitors.

A page is a critical verdict (for the others: a flagged batch). False pages are counted on stable streams and before the
changes; the delay is in batches from the change to the first page at or after it. The other monitors' figures are read
from `benchmarks/peers/results` (`python -m benchmarks.peers.verdicts NAME` makes them anew). The full figures are of
`--seeds 54 --stable 1000`.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from math import inf, isfinite
from pathlib import Path
from typing import TypeVar

from benchmarks.contestants import CONTESTANTS, Task, driftboard, perform, rejection_budgets
from benchmarks.outcomes import Outcome, false_rate, median_delay, missed
from benchmarks.peers import environments, verdicts
from benchmarks.real_tables import TABLES, stable_stretches
from benchmarks.rounds import table
from benchmarks.streams import CHANGING, N_BATCHES, NULLS

GOALS = {
    "abrupt": 0.0,
    "gradual": 1.0,
    "label_shift": 0.0,
    "mean05": 0.0,
    "var15": 0.0,
    "corr": 0.0,
    "ramp": 9.0,
    "concept10": 2.0,
    "concept05": 7.5,
    "labelshift2": 1.0,
    "heavyscale": 0.0,
    "newcat": 0.0,
    "catshift": 0.0,
    "missing": 0.0,
    "season": 0.0,
    "trivial": inf,
}
"""Median delays to reach; trivial must never page, and whether a harmless shift pages is a matter of policy."""

FALSE_PAGES_GOAL = 0.5
ROWS = (50, 200, 1_000, 10_000)
FEATURES = (5, 50, 500)
BUDGETS = (0.1, 0.01, 0.001)

Found = TypeVar("Found")


def main() -> None:
    """Measure, print, and write the figures where asked."""
    options = _options()
    outcomes = {name: _spread(options.jobs, perform, _tasks(name, options)) for name in CONTESTANTS}
    rates = _budget_rates(options) if options.budget else {}
    outcomes |= {peer: verdicts.read(peer) for peer in environments.NAMES}
    outcomes = {name: found for name, found in outcomes.items() if found}
    print(_delay_table(outcomes), _false_page_table(outcomes), sep="\n")
    figures: dict[str, object] = {name: _figures(found) for name, found in outcomes.items()}
    if rates:
        print(table("stable batches that evidence alone rejects", ["budget", "share"], _cells(rates)))
        figures["evidence_only"] = rates
    if options.real:
        figures["real"] = _real(options.shuffles)
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=4, help="of each stream (54 for the full figures)")
    parser.add_argument("--stable", type=int, default=50, help="batches of each size of the stable grid")
    parser.add_argument("--streams", nargs="+", default=[*CHANGING, *NULLS], metavar="NAME", help="only these")
    parser.add_argument("--budget", action="store_true", help="check how evidence alone scales with the budget")
    parser.add_argument("--real", action="store_true", help="count pages on stable stretches of real tables")
    parser.add_argument("--shuffles", type=int, default=10, help="of each real table")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    return parser.parse_args()


def _spread(jobs: int, work: Callable[[Task], Found], tasks: list[Task]) -> list[Found]:
    if jobs == 1:
        return [work(task) for task in tasks]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(work, tasks))


def _tasks(name: str, options: argparse.Namespace) -> list[Task]:
    seeds = range(options.seeds)
    streams = [Task(name, stream, seed) for stream in options.streams for seed in seeds]
    return [*streams, *_grid(name, options.stable)]


def _grid(name: str, wanted: int) -> Iterator[Task]:
    """Give plain stable streams of every size, of at most 50 batches each, a new reference for every one."""
    for features in FEATURES:
        for rows in ROWS:
            for seed, done in enumerate(range(0, wanted, N_BATCHES)):
                yield Task(name, "plain", seed, features, rows, min(N_BATCHES, wanted - done))


def _budget_rates(options: argparse.Namespace) -> dict[str, float]:
    """Return the share of stable batches that evidence alone rejects at each budget."""
    found = _spread(options.jobs, rejection_budgets, list(_grid("driftboard", options.stable)))
    smallest = [budget for budgets in found for budget in budgets]
    return {str(budget): sum(each <= budget for each in smallest) / max(1, len(smallest)) for budget in BUDGETS}


def _delay_table(outcomes: dict[str, list[Outcome]]) -> str:
    rows = []
    for stream in CHANGING:
        goal = GOALS.get(stream)
        cells = [_delay_cell([each for each in found if each.stream == stream]) for found in outcomes.values()]
        rows.append([stream, "any" if goal is None else "never" if goal == inf else f"{goal:g}", *cells])
    # beside the delays, because who flags a third of all stable batches is soon right by luck
    rates = [f"{1_000 * false_rate(found):.3g}" for found in outcomes.values()]
    rows.append(["false pages per 1,000", f"{FALSE_PAGES_GOAL}", *rates])
    seeds = {name: len({each.seed for each in found if each.change_at is not None}) for name, found in outcomes.items()}
    header = ["stream", "goal", *(f"{name} ({count})" for name, count in seeds.items())]
    return table("median delay in batches / % of runs that missed the change (in brackets: seeds)", header, rows)


def _delay_cell(outcomes: list[Outcome]) -> str:
    if not outcomes:
        return ""
    delay, share = median_delay(outcomes), missed(outcomes)
    return ("-" if delay == inf else f"{delay:g}") + (f"/{share:.0%}".rstrip("%") if share else "")


def _false_page_table(outcomes: dict[str, list[Outcome]]) -> str:
    plain = [f"plain_{rows}x{features}" for features in FEATURES for rows in ROWS]
    streams = [*NULLS, *plain, "all of these, and before the changes"]
    rows = [[stream, *(_rate_cell(found, stream, streams) for found in outcomes.values())] for stream in streams]
    return table(f"false pages per 1,000 stable batches (goal: {FALSE_PAGES_GOAL})", ["stream", *outcomes], rows)


def _rate_cell(outcomes: list[Outcome], stream: str, streams: list[str]) -> str:
    found = outcomes if stream == streams[-1] else [each for each in outcomes if each.stream == stream]
    batches = sum(each.n_before for each in found)
    return f"{1_000 * false_rate(found):.3g} of {batches:,}" if batches else ""


def _figures(outcomes: list[Outcome]) -> dict[str, object]:
    runs = {stream: [each for each in outcomes if each.stream == stream] for stream in CHANGING}
    runs = {stream: found for stream, found in runs.items() if found}
    delays = {stream: median_delay(found) for stream, found in runs.items()}
    return {
        "false_pages_per_1000": 1_000 * false_rate(outcomes),
        "stable_batches": sum(each.n_before for each in outcomes),
        "delay": {stream: delay if isfinite(delay) else None for stream, delay in delays.items()},
        "missed": {stream: missed(found) for stream, found in runs.items()},
    }


def _real(shuffles: int) -> dict[str, dict[str, int]]:
    """Count driftboard's pages on stable stretches of real tables, print and return them."""
    counts = {}
    for name in TABLES:
        judged: list[bool] = []
        for reference, batches in stable_stretches(name, shuffles=shuffles):
            judged += map(driftboard(reference), batches)
        counts[name] = {"pages": sum(judged), "batches": len(judged)}
    rows = [[name, f"{each['pages']}", f"{each['batches']:,}"] for name, each in counts.items()]
    print(table("pages on stable stretches of real tables (goal: 0)", ["table", "pages", "batches"], rows))
    return counts


def _cells(rates: dict[str, float]) -> list[list[str]]:
    return [[budget, f"{rate:.2g}"] for budget, rate in rates.items()]


if __name__ == "__main__":
    main()
