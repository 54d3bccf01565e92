"""Two models on the same predictions in figures: each beside the other, overall and by segment."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from driftboard.dashboard import evidence as words
from driftboard.dashboard import page
from driftboard.dashboard.text import escaped, number, percent, plain, plural
from driftboard.monitors import wording
from driftboard.monitors.interval import Interval
from driftboard.monitors.paired_report import PairedF1, PairedFigures, PairedReport, PairedSegment, Side

_PER_ROW = 3
_MOST_ROWS = 11
_HEADER = 40
Figure = tuple[str, str, str | None]


def show(report: PairedReport) -> None:
    """Show the figures, three in a row, and a table of the segments; nothing where no label is known."""
    if report.figures is None:
        return
    found = list(_figures(report, report.figures))
    for start in range(0, len(found), _PER_ROW):
        for column, card in zip(st.columns(_PER_ROW), found[start : start + _PER_ROW], strict=False):
            page.figure(column, *card)
    first, second = (escaped(name) for name in report.names)
    what = "right on" if report.measure == "accuracy" else "closer on"
    one, two = report.figures.champion_better, report.figures.challenger_better
    st.caption(f"Only {first} was {what} {plural(one, 'prediction')}, only {second} on {two:,}. Intervals: 95 %.")
    _segments(report)


def _figures(report: PairedReport, figures: PairedFigures) -> Iterable[Figure]:
    right = report.measure == "accuracy"
    first, second = (escaped(name) for name in report.names)
    label = "Accuracy" if right else "Mean absolute error"
    yield f"{label}, {first}", _value(report, figures.champion), "the model of this page"
    yield f"{label}, {second}", _value(report, figures.challenger), "the challenger"
    yield "Difference", _gap(report, figures.difference), f"95 %: {_bounds(report, figures.interval)}"
    if report.macro_f1 is not None:
        yield _f1(report.names[1], report.macro_f1)
    yield "Labelled, of both", f"{figures.n:,}", f"of {plural(report.n, 'prediction')} that both made"
    yield "Chance of luck", words.odds(figures.p_value), "McNemar's exact test" if right else "paired t test"


def _f1(name: str, found: PairedF1) -> Figure:
    low, high = found.interval.low, found.interval.high
    against = f"against {number(found.champion)}: {found.difference:+.3f} ({low:+.3f} to {high:+.3f})"
    return f"Macro F1, {escaped(name)}", number(found.challenger), against


def _segments(report: PairedReport) -> None:
    if report.segments:
        table = _table(report)
        first, second = (st.column_config.TextColumn(label=plain(name, limit=_HEADER)) for name in report.names)
        st.dataframe(
            table,
            hide_index=True,
            height="content" if len(table) <= _MOST_ROWS else 424,
            column_config={
                "Champion": first,
                "Challenger": second,
                "Labelled": st.column_config.NumberColumn(format="localized"),
                "Evidence": st.column_config.TextColumn(help="Luck, corrected for the number of segments"),
            },
            alt="Both models in each segment: the measure of each, the difference, the better one, and luck.",
        )
        page.download(table, "compared-segments")
    if report.small_segments:
        st.caption(f"{plural(report.small_segments, 'segment')} too small to compare, or beyond the 50 largest.")


def _table(report: PairedReport) -> pd.DataFrame:
    return pd.DataFrame([_row(report, each) for each in report.segments])


def _row(report: PairedReport, segment: PairedSegment) -> dict[str, str | int]:
    figures = segment.figures
    return {
        "Segment": plain(segment.segment),
        "Level": plain(segment.level),
        "Champion": _value(report, figures.champion),
        "Challenger": _value(report, figures.challenger),
        "Difference": _gap(report, figures.difference),
        "95 %": _bounds(report, figures.interval),
        "Labelled": figures.n,
        "Better": _better(report, segment.better),
        "Evidence": words.luck(segment.adjusted_p),
    }


def _better(report: PairedReport, side: Side | None) -> str:
    return "-" if side is None else plain(report.names[("champion", "challenger").index(side)])


def _value(report: PairedReport, value: float) -> str:
    return percent(value) if report.measure == "accuracy" else wording.number(value)


def _gap(report: PairedReport, value: float) -> str:
    return f"{100 * value:+.1f} points" if report.measure == "accuracy" else _signed(value)


def _bounds(report: PairedReport, interval: Interval) -> str:
    if report.measure == "accuracy":
        return f"{100 * interval.low:+.1f} to {100 * interval.high:+.1f}"
    return f"{_signed(interval.low)} to {_signed(interval.high)}"


def _signed(value: float) -> str:
    return f"+{wording.number(value)}" if value > 0 else wording.number(value)
