"""The segments of one batch: each level with labels, those that say most first."""

import pandas as pd
import streamlit as st

from driftboard.dashboard import evidence as words
from driftboard.dashboard import page
from driftboard.dashboard.status import VERDICTS, of_verdict
from driftboard.dashboard.text import number, percent, plain
from driftboard.monitors.interval import Interval
from driftboard.monitors.report import PerformanceReport, SegmentResult

_MOST_ROWS = 11


def show(report: PerformanceReport, task: str) -> None:
    """Show the table; nothing where no segment was given."""
    if not report.segments:
        return
    st.subheader("Segments", anchor=False)
    table = _table(report.segments, task)
    st.dataframe(
        table.assign(Verdict=table["Verdict"].map(lambda label: [label])),
        hide_index=True,
        height="content" if len(table) <= _MOST_ROWS else 424,
        column_config={
            "Verdict": page.status_column(VERDICTS),
            "Labelled": st.column_config.NumberColumn(format="localized"),
            "Evidence": st.column_config.TextColumn(help="How often luck alone would do as much"),
        },
        alt="Quality of each level of each segment beside the reference, with verdict and evidence.",
    )
    page.download(table, "segments")


def _table(results: tuple[SegmentResult, ...], task: str) -> pd.DataFrame:
    say = number if task == "regression" else percent
    name = "Mean absolute error" if task == "regression" else "Accuracy"
    return pd.DataFrame(
        {
            "Verdict": [of_verdict(each.verdict).label for each in results],
            "Segment": [plain(each.segment) for each in results],
            "Level": [plain(each.level) for each in results],
            name: [say(each.value) for each in results],
            "95 %": [_interval(each.interval, task) for each in results],
            "Before": [say(each.reference_value) for each in results],
            "Labelled": [each.n for each in results],
            "Evidence": [words.luck(each.evidence.p_value) if each.evidence else "-" for each in results],
            "Window": [plain(words.window(each.evidence, noun="label")) if each.evidence else "-" for each in results],
        }
    )


def _interval(interval: Interval | None, task: str) -> str:
    say = number if task == "regression" else percent
    return "-" if interval is None else f"{say(interval.low)} to {say(interval.high)}"
