"""The classes of one batch: the confusion matrix, and how well each was found beside the reference."""

import pandas as pd
import streamlit as st

from driftboard.dashboard import evidence as words
from driftboard.dashboard import page, palette, performance_frames
from driftboard.dashboard.charts import matrices
from driftboard.dashboard.status import VERDICTS, of_verdict
from driftboard.dashboard.text import plain
from driftboard.monitors.report import PerformanceReport

_MOST_ROWS = 11
_MEASURES = ("Recall before", "Precision", "F1")


def show(report: PerformanceReport, batch: str) -> None:
    """Show both, side by side; nothing without labels."""
    if not report.confusion:
        return
    left, right = st.columns(2)
    with left:
        st.subheader("Confusion matrix", anchor=False)
        text = f"Confusion matrix of batch {plain(batch)}, {report.n_labelled:,} labelled predictions."
        frame = performance_frames.confusion(report)
        page.chart(matrices.confusion(frame, list(report.classes), palette.current()), text)
        st.caption("Colour: share of the labelled class.")
    with right:
        st.subheader("Classes", anchor=False)
        _table(report)


def _table(report: PerformanceReport) -> None:
    table = _judged(report) if report.by_class else _counted(report)
    share = st.column_config.ProgressColumn(min_value=0.0, max_value=1.0, format="percent", color="primary")
    shown = table
    if "Verdict" in table:
        shown = table.assign(Verdict=table["Verdict"].map(lambda label: [label]))
    st.dataframe(
        shown,
        hide_index=True,
        height="content" if len(table) <= _MOST_ROWS else 424,
        column_config={
            "Verdict": page.status_column(VERDICTS),
            "Class": st.column_config.TextColumn(pinned=True),
            "Recall": share,
            **{name: st.column_config.NumberColumn(format="percent") for name in _MEASURES if name in table},
            "Labelled": st.column_config.NumberColumn(format="localized", help="Support"),
            "Predicted": st.column_config.NumberColumn(format="localized"),
            "Evidence": st.column_config.TextColumn(help="How often luck alone would lose as much recall"),
        },
        placeholder="-",
        alt="Recall, precision and support of each class in the selected batch.",
    )
    page.download(table, "classes")


def _judged(report: PerformanceReport) -> pd.DataFrame:
    results = report.by_class
    return pd.DataFrame(
        {
            "Verdict": [of_verdict(each.verdict).label for each in results],
            "Class": [plain(each.label) for each in results],
            "Recall": pd.Series([each.recall for each in results], dtype=float),
            "Recall before": pd.Series([each.reference_recall for each in results], dtype=float),
            "Precision": pd.Series([each.precision for each in results], dtype=float),
            "F1": pd.Series([each.f1 for each in results], dtype=float),
            "Labelled": [each.support for each in results],
            "Predicted": [each.predicted for each in results],
            "Evidence": [words.luck(each.evidence.p_value) if each.evidence else "-" for each in results],
            "Window": [plain(words.window(each.evidence, noun="label")) if each.evidence else "-" for each in results],
        }
    )


def _counted(report: PerformanceReport) -> pd.DataFrame:
    """From the confusion matrix, for reports that were stored before classes were judged."""
    names = {
        "class": "Class",
        "recall": "Recall",
        "precision": "Precision",
        "labelled": "Labelled",
        "predicted": "Predicted",
    }
    table = performance_frames.class_measures(report).rename(columns=names)
    return table.assign(Class=table["Class"].map(plain))
