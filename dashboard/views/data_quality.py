"""Data quality: what is missing, new, out of range, constant, gone or unexpected."""

import pandas as pd
import streamlit as st

from driftboard.dashboard import findings, page, palette, quality_frames, quality_table, queries, scope
from driftboard.dashboard.charts import rates
from driftboard.dashboard.status import of_verdict
from driftboard.dashboard.text import escaped, percent, plain, sentence
from driftboard.monitors.report import QualityReport, QualityResult

_MOST_NAMES = 10


def main() -> None:
    """Show what is wrong with the selected batch's data, the table of the features, and one of them over time."""
    chosen = scope.current()
    frame = queries.quality(chosen.source, chosen.model.key, chosen.window, scope.until(chosen))
    judged = list(dict.fromkeys(frame["batch"]))
    batch = page.header("Data quality", "values against the reference's", chosen, judged)
    found = None if batch is None else queries.report(chosen.source, chosen.model.key, "quality", batch)
    if batch is None or found is None or not isinstance(found[1], QualityReport):
        page.nothing_judged(chosen)
        return
    report = found[1]
    findings.summary(report, batch)
    st.caption(f"{report.n:,} rows against {report.n_reference:,} in the reference")
    _figures(report)
    _unexpected(report)
    results = quality_frames.ranked(report)
    quality_table.show(results)
    _feature(chosen, frame, results, batch)


def _figures(report: QualityReport) -> None:
    wrong, missing, duplicates, unknown = st.columns(4)
    loud = [each for each in report.features if each.verdict in {"warning", "critical", "invalid"}]
    page.figure(wrong, "Features to look at", f"{len(loud):,} of {len(report.features):,}", "warning or worse")
    worst = max(report.features, key=lambda each: each.missing_rate, default=None)
    named = "no feature" if worst is None or not worst.missing_rate else f"“{escaped(worst.feature, limit=30)}”"
    page.figure(missing, "Most missing", percent(worst.missing_rate if worst else None), named)
    before = f"{percent(report.reference_duplicate_rate)} in the reference"
    page.figure(duplicates, "Duplicate rows", percent(report.duplicate_rate), before)
    page.figure(unknown, "Unexpected features", f"{len(report.unexpected):,}", "the reference does not know them")


def _unexpected(report: QualityReport) -> None:
    if report.unexpected:
        names = ", ".join(escaped(name, limit=40) for name in report.unexpected[:_MOST_NAMES])
        more = len(report.unexpected) - _MOST_NAMES
        also = f" and {more:,} more" if more > 0 else ""
        st.caption(f":material/info: Features the reference does not know: {names}{also}")


def _feature(chosen: scope.Scope, frame: pd.DataFrame, results: list[QualityResult], batch: str) -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        name = scope.choose_feature(chosen, [each.feature for each in results])
    result = next((each for each in results if each.feature == name), None)
    if result is None:
        return
    with left:
        st.subheader(f"Feature {escaped(result.feature)}", anchor=False)
    page.said(of_verdict(result.verdict), sentence(result.message))
    mine = frame[frame["feature"] == result.feature]
    left, right = st.columns(2)
    with left:
        st.markdown("**Missing values over time**")
        drawn = rates.missing(mine, batch, palette.current())
        page.chart(
            drawn,
            f"Missing rate of {plain(result.feature)} beside the reference's; now {percent(result.missing_rate)}.",
        )
    with right:
        _strays(mine, result, batch)


def _strays(mine: pd.DataFrame, result: QualityResult, batch: str) -> None:
    numeric = result.kind == "numeric"
    st.markdown("**Out of range over time**" if numeric else "**New levels over time**")
    strays = quality_frames.strays(mine)
    if strays.empty:
        st.caption("Nothing to compare in these batches.")
        return
    what = "Shares below and above the reference's range, and infinite," if numeric else "Share of levels that are new"
    page.chart(rates.strays(strays, batch, palette.current()), f"{what} of {plain(result.feature)} over time.")


main()
