"""One feature in full: its numbers, what the windows say, PSI and evidence over time, its distribution."""

import pandas as pd
import streamlit as st

from driftboard.dashboard import evidence as words
from driftboard.dashboard import feature_table, page, palette, scope
from driftboard.dashboard.charts import distributions, history
from driftboard.dashboard.charts.psi import psi as psi_chart
from driftboard.dashboard.feature_frames import is_calibrated, most_moved, moved
from driftboard.dashboard.status import of_verdict
from driftboard.dashboard.text import chance, escaped, number, plain, sentence
from driftboard.monitors.report import FeatureReport, FeatureResult
from driftboard.monitors.verdict import Verdict

_MOST_OTHERS = 12


def show(chosen: scope.Scope, frame: pd.DataFrame, report: FeatureReport, batch: str) -> None:
    """Show the selector and the chosen feature."""
    results = feature_table.ranked(report)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        name = scope.choose_feature(chosen, [each.feature for each in results])
    result = next((each for each in results if each.feature == name), None)
    if result is None:
        return
    with left:
        st.subheader(f"Feature {escaped(result.feature)}", anchor=False)
    page.said(of_verdict(result.verdict), sentence(result.message))
    _evidence(result)
    _numbers(result, report)
    _charts(frame, result, batch)


def _evidence(result: FeatureResult) -> None:
    parts = []
    if result.psi is not None and result.psi_noise is not None:
        parts.append(words.expected(result.psi, result.psi_noise, result.n))
    if result.evidence is not None:
        if result.verdict.rank < Verdict.INFO.rank:  # otherwise the sentence above says it
            parts.append(words.clause(result.evidence))
        if result.evidence.visible is not None:
            parts.append(f"smallest shift visible now: {words.visible(result.evidence)}")
    if parts:
        st.caption(escaped(" · ".join(parts), limit=600))


def _numbers(result: FeatureResult, report: FeatureReport) -> None:
    calibrated = is_calibrated(report)
    psi, test, luck, rows, *more = st.columns(4 if result.mean is None else 5)
    limits = f"limits {report.psi_warning:g} and {report.psi_critical:g}"
    page.figure(psi, "Corrected PSI" if calibrated else "PSI", number(moved(result, calibrated=calibrated)), limits)
    found = result.ks or result.chi_square
    page.figure(
        test, "KS distance" if result.ks else "Chi-square", number(found.statistic if found else None), _word(result)
    )
    if result.evidence is not None:
        page.figure(
            luck,
            "Chance of luck",
            words.odds(result.evidence.p_value),
            f"needed: {words.odds(result.evidence.level)}",
        )
    else:
        said = None if found is None else f"{'rejects' if found.rejects else 'does not reject'} at {found.alpha:g}"
        page.figure(luck, "Test, p", chance(found.p_value if found else None), said)
    page.figure(rows, "Values", f"{result.n:,}", f"{result.n_reference:,} in the reference")
    if result.mean is not None:
        page.figure(more[0], "Mean", number(result.mean), f"{number(result.reference_mean)} in the reference")


def _word(result: FeatureResult) -> str | None:
    if result.ks is None:
        return None
    return words.strength(result.ks.statistic, "KS") or "less than slight"


def _charts(frame: pd.DataFrame, result: FeatureResult, batch: str) -> None:
    mine = frame[frame["feature"] == result.feature]
    left, right = st.columns(2)
    with left:
        _psi(frame, mine, result, batch)
    with right:
        _distribution(result, batch)
    with left:
        _luck(mine, result, batch)


def _psi(frame: pd.DataFrame, mine: pd.DataFrame, result: FeatureResult, batch: str) -> None:
    st.markdown("**PSI over time**")
    if mine["moved"].isna().all():
        st.caption("PSI could not be computed in these batches.")
        return
    others = frame[frame["feature"].isin(most_moved(frame, most=_MOST_OTHERS))]
    about = f"PSI of {plain(result.feature)} over {len(mine)} batches"
    text = f"{about}, with what luck gives and both limits; now {number(result.psi)}."
    page.chart(psi_chart(mine, others, batch, palette.current()), text)
    corrected = "Line: corrected PSI; thin: as computed. " if mine["limit"].notna().any() else ""
    st.caption(f"{corrected}Shaded: where the PSI as computed lies by luck alone. Grey: the features that moved most.")


def _distribution(result: FeatureResult, batch: str) -> None:
    st.markdown("**Distribution of this batch**")
    if result.verdict is Verdict.INVALID or not result.share or not result.reference_share:
        st.caption("There is no distribution to show.")
        return
    text = f"Share of each cell of {plain(result.feature)} in batch {plain(batch)} and in the reference."
    page.chart(distributions.feature_cells(distributions.cells(result), palette.current()), text)
    st.caption(f"Cells are frozen in the reference. {result.n:,} values against {result.n_reference:,}.")


def _luck(mine: pd.DataFrame, result: FeatureResult, batch: str) -> None:
    st.markdown("**Chance of luck over time**")
    if mine["p_value"].isna().all():
        st.caption("No test in these batches.")
        return
    name = "after all corrections" if result.evidence else "KS" if result.kind == "numeric" else "chi-square"
    drawn = history.p_values(mine, batch, palette.current(), name=name)
    page.chart(drawn, f"p-value ({name}) of {plain(result.feature)} over time with the level it is compared with.")
