"""What is told for information only: all features together, and the sequential detectors. Never a page."""

import pandas as pd
import streamlit as st

from driftboard.dashboard import page, palette, queries, scope
from driftboard.dashboard.charts import history
from driftboard.dashboard.status import of_verdict
from driftboard.dashboard.text import chance, number, plain, sentence
from driftboard.monitors.multivariate import MultivariateReport
from driftboard.monitors.sequential import SequentialReport, SequentialResult
from driftboard.monitors.verdict import Verdict

_LABEL = ":material/info: Information, never a page."


def multivariate(chosen: scope.Scope, batch: str) -> None:
    """Show whether the features moved together: reconstruction error over time with its band, and the MMD test."""
    found = queries.report(chosen.source, chosen.model.key, "multivariate", batch)
    if found is None or not isinstance(found[1], MultivariateReport):
        return
    report = found[1]
    st.subheader("All features together", anchor=False)
    _said(report.verdict, report.message)
    left, right = st.columns([2, 1])
    with left:
        _reconstruction(chosen, batch)
    with right:
        band = report.reconstruction_interval
        within = "no band" if band is None else f"by luck {number(band.low)} to {number(band.high)}"
        page.figure(st.container(), "Reconstruction error", number(report.reconstruction_error), within)
        compared = f"{report.rows_compared:,} rows compared"
        page.figure(st.container(), "Maximum mean discrepancy, p", chance(report.mmd_p), compared)


def _reconstruction(chosen: scope.Scope, batch: str) -> None:
    frame: pd.DataFrame = queries.multivariate(chosen.source, chosen.model.key, chosen.window, scope.until(chosen))
    if frame.empty or frame["error"].isna().all():
        st.caption("No reconstruction error in these batches.")
        return
    drawn = history.reconstruction(frame, batch, palette.current())
    page.chart(drawn, f"Reconstruction error of all features together over {len(frame)} batches, with its band.")
    st.caption("How far rows lie from the components that carry most of the reference's variance. Shaded: by luck.")


def sequential(chosen: scope.Scope, batch: str) -> None:
    """Show what the detectors that read the errors one after the other say."""
    found = queries.report(chosen.source, chosen.model.key, "sequential", batch)
    if found is None or not isinstance(found[1], SequentialReport):
        return
    report = found[1]
    st.subheader("Sequential detectors", anchor=False)
    _said(report.verdict, report.message)
    if report.results:
        st.dataframe(
            _alarms(report.results),
            hide_index=True,
            placeholder="-",
            alt="Each sequential detector: whether it alarmed, in which batch, after how many labelled rows.",
        )


def _alarms(results: tuple[SequentialResult, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Detector": [each.detector for each in results],
            "Alarm": ["in batch " + plain(str(each.batch_id)) if each.fired else "none" for each in results],
            "After": [f"{each.rows:,} rows of the window" if each.rows is not None else "-" for each in results],
        }
    )


def _said(verdict: Verdict, message: str) -> None:
    page.said(of_verdict(verdict), sentence(message))
    st.caption(_LABEL)
