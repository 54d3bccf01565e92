"""One panel of a Grafana dashboard: what it asks, in which unit, from where on it is coloured."""

from dataclasses import dataclass
from typing import Literal

from driftboard.exporter.families import MODEL

CHOSEN = tuple(f'{label}=~"${label}"' for label in MODEL)
"""Matchers of what the dashboard's variables say."""

OF_MODEL = "{{model}} {{version}} {{environment}}"
"""Legend of a series by model."""

Kind = Literal["stat", "timeseries", "bars"]
Colour = Literal["green", "yellow", "red", "blue"]
Step = tuple[float | None, Colour]


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel.

    Attributes
    ----------
    title, description
        What it shows, and how it is to be read.
    queries
        PromQL and the legend of its series.
    kind
        Newest values large; lines over time; newest values as bars.
    unit
        Grafana's name of it: s, percentunit, bytes, reqps, short.
    steps
        Colours by value, the first from below everything (None).
    low, high
        The axis' ends, where they are known.
    width
        In 24ths of the page.
    """

    title: str
    description: str
    queries: tuple[tuple[str, str], ...]
    kind: Kind = "timeseries"
    unit: str = "short"
    steps: tuple[Step, ...] = ()
    low: float | None = None
    high: float | None = None
    width: int = 12


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard: rows of panels, each row with a heading.

    Attributes
    ----------
    uid, title, description
        As Grafana knows it; links between dashboards go by the uid.
    rows
        Heading and panels.
    """

    uid: str
    title: str
    description: str
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]


def rising(warning: float, critical: float | None = None) -> tuple[Step, ...]:
    """Return colours of what is bad when it is large."""
    worse: tuple[Step, ...] = () if critical is None else ((critical, "red"),)
    return ((None, "green"), (warning, "yellow"), *worse)


def falling(critical: float, warning: float | None = None) -> tuple[Step, ...]:
    """Return colours of what is bad when it is small."""
    if warning is None:
        return ((None, "red"), (critical, "green"))
    return ((None, "red"), (critical, "yellow"), (warning, "green"))
