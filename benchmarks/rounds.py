"""Fair rounds: contestants alternate, the median counts, ratios are taken within a run."""

import argparse
import json
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path

ROUNDS = 5


def alternate(contestants: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, float]:
    """Run every contestant once a round, in turn; return the median of what each measured."""
    measured: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            measured[name].append(run())
    return {name: statistics.median(values) for name, values in measured.items()}


def table(title: str, header: list[str], rows: list[list[str]]) -> str:
    """Return an aligned table of text."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in [header, *rows]]
    return "\n".join([f"\n{title}", *lines])


def publish(figures: Mapping[str, float], description: str | None) -> None:
    """Print the figures; with `--json FILE` on the command line write them there as one flat object."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    target: Path | None = parser.parse_args().json
    print(table("figures", ["name", "value"], [[name, f"{value:.3g}"] for name, value in figures.items()]))
    if target is not None:
        target.write_text(json.dumps(figures, indent=2) + "\n")
