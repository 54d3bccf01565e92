"""The data quality of one batch as a table: a row for each feature; a click picks it."""

import pandas as pd
import streamlit as st

from driftboard.dashboard import evidence as words
from driftboard.dashboard import page
from driftboard.dashboard.quality_frames import RATES
from driftboard.dashboard.status import VERDICTS, of_verdict
from driftboard.dashboard.text import plain
from driftboard.monitors.report import QualityResult

_TABLE = "quality_table"
_MOST_ROWS = 16


def show(results: list[QualityResult]) -> None:
    """Show the table; a selected row becomes the chosen feature."""
    table = _table(results)
    st.subheader("Features of this batch", anchor=False)

    def pick() -> None:
        rows = st.session_state[_TABLE]["selection"]["rows"]
        if rows:
            st.session_state["feature"] = results[rows[0]].feature

    share = {title: st.column_config.NumberColumn(format="percent") for title in RATES.values()}
    st.dataframe(
        table.assign(Verdict=table["Verdict"].map(lambda label: [label])),
        hide_index=True,
        key=_TABLE,
        on_select=pick,
        selection_mode="single-row",
        height="content" if len(table) <= _MOST_ROWS else 424,
        column_config={
            **share,
            "Verdict": page.status_column(VERDICTS),
            "Feature": st.column_config.TextColumn(pinned=True),
            "Missing before": st.column_config.NumberColumn(format="percent", help="In the reference"),
            "New levels": st.column_config.NumberColumn(format="percent", help="Levels the reference never had"),
            **{name: st.column_config.TextColumn(width=130) for name in ("Range", "Range before")},
            "Evidence": st.column_config.TextColumn(width=190, help="How often luck alone would do as much"),
            "Window": st.column_config.TextColumn(width=330, help="The look-back window that says most"),
        },
        placeholder="-",
        alt="State, missing, new, out-of-range, infinite and constant values of every feature in the selected batch.",
    )
    page.download(table, "data-quality")


def _table(results: list[QualityResult]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Verdict": [of_verdict(each.verdict).label for each in results],
            "Feature": [plain(each.feature) for each in results],
            "State": [_state(each) for each in results],
            "Missing": [each.missing_rate for each in results],
            "Missing before": [each.reference_missing_rate for each in results],
            **{title: [getattr(each, name) for each in results] for name, title in _OTHERS.items()},
            "Range": [_range(each.lowest, each.highest) for each in results],
            "Range before": [_range(each.reference_lowest, each.reference_highest) for each in results],
            "Evidence": [words.luck(each.evidence.p_value) if each.evidence else "-" for each in results],
            "Window": [plain(words.window(each.evidence)) if each.evidence else "-" for each in results],
        }
    )


_OTHERS = {name: title for name, title in RATES.items() if name != "missing_rate"}


def _state(each: QualityResult) -> str:
    return f"{each.state}, constant" if each.constant else each.state


def _range(low: float | None, high: float | None) -> str:
    return "-" if low is None or high is None else f"{low:,.4g} to {high:,.4g}"
