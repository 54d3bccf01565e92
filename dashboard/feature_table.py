"""The inputs of one batch as a table: a row for each feature; a click picks it."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from driftboard.dashboard import evidence as words
from driftboard.dashboard import page
from driftboard.dashboard.feature_frames import is_calibrated, moved
from driftboard.dashboard.status import VERDICTS, of_verdict
from driftboard.dashboard.text import chance, plain
from driftboard.monitors.finding import Evidence
from driftboard.monitors.report import FeatureReport, FeatureResult

_TABLE = "feature_table"
_MOST_ROWS = 16


def ranked(report: FeatureReport) -> list[FeatureResult]:
    """Return the features, the most notable first."""
    calibrated = is_calibrated(report)
    return sorted(
        report.features,
        key=lambda each: (-each.verdict.rank, -(moved(each, calibrated=calibrated) or 0.0), each.feature),
    )


def show(report: FeatureReport) -> None:
    """Show the table; a selected row becomes the chosen feature."""
    results = ranked(report)
    calibrated = is_calibrated(report)
    table = _calibrated(results) if calibrated else _classic(results)
    st.subheader("Features of this batch", anchor=False)

    def pick() -> None:
        rows = st.session_state[_TABLE]["selection"]["rows"]
        if rows:
            st.session_state["feature"] = results[rows[0]].feature

    st.dataframe(
        table.assign(Verdict=table["Verdict"].map(lambda label: [label])),
        hide_index=True,
        key=_TABLE,
        on_select=pick,
        selection_mode="single-row",
        height="content" if len(table) <= _MOST_ROWS else 424,
        column_config=_COLUMNS | {"Verdict": page.status_column(VERDICTS)},
        placeholder="-",
        alt="Verdict, PSI, distance and evidence of every feature in the selected batch.",
    )
    page.download(table, "features")


def _calibrated(results: list[FeatureResult]) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "Verdict": [of_verdict(each.verdict).label for each in results],
            "Feature": [plain(each.feature) for each in results],
            "Corrected PSI": [each.corrected_psi for each in results],
            "Evidence": [_said(each.evidence, lambda found: words.luck(found.p_value)) for each in results],
            "Effect": [_said(each.evidence, words.effect) for each in results],
            "Wobble": [each.evidence.wobble if each.evidence else None for each in results],
            "Window": [_said(each.evidence, words.window) for each in results],
            "Smallest visible": [_said(each.evidence, words.visible) for each in results],
            "Distance": [_distance(each) for each in results],
            "By luck": [each.psi_noise for each in results],
            "Values": [each.n for each in results],
        }
    )
    return table if (table["Wobble"] > 1).any() else table.drop(columns="Wobble")


def _classic(results: list[FeatureResult]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Verdict": [of_verdict(each.verdict).label for each in results],
            "Feature": [plain(each.feature) for each in results],
            "Kind": [each.kind for each in results],
            "PSI": [each.psi for each in results],
            "By luck": [each.psi_noise for each in results],
            "Distance": [_distance(each) for each in results],
            "p": [chance(found.p_value if (found := each.ks or each.chi_square) else None) for each in results],
            "Values": [each.n for each in results],
        }
    )


def _distance(each: FeatureResult) -> str:
    """The test's statistic with the usual word for it."""
    if each.ks is not None:
        word = words.strength(each.ks.statistic, "KS")
        return f"KS {each.ks.statistic:.3f}" + (f" ({word})" if word else "")
    return "-" if each.chi_square is None else f"chi-square {each.chi_square.statistic:,.1f}"


def _said(found: Evidence | None, say: Callable[[Evidence], str]) -> str:
    return "-" if found is None else plain(say(found))


_COLUMNS = {
    "Feature": st.column_config.TextColumn(pinned=True),
    "Corrected PSI": st.column_config.NumberColumn(
        format="%.3f", help="Population stability index less what these rows show with nothing drifting"
    ),
    "PSI": st.column_config.NumberColumn(format="%.3f", help="Population stability index"),
    "By luck": st.column_config.NumberColumn(
        format="%.3f", help="What the PSI would be on average with nothing drifting"
    ),
    "Distance": st.column_config.TextColumn(help="KS: 0.1 slight, 0.15 moderate, 0.25 severe"),
    "Evidence": st.column_config.TextColumn(help="How often luck alone would do as much, after every correction"),
    "Effect": st.column_config.TextColumn(help="PSI: 0.1 slight, 0.2 moderate, 0.25 severe; corrected, in the window"),
    "Window": st.column_config.TextColumn(help="The look-back window that says most"),
    "Smallest visible": st.column_config.TextColumn(help="A shift of this size would show half the time"),
    "Wobble": st.column_config.NumberColumn(
        format="%.1f", help="How many times more the reference's own batches vary than independent rows would"
    ),
    "Values": st.column_config.NumberColumn(format="localized", help="Not missing, in this batch"),
}
