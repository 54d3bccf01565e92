"""Drift: which inputs moved, how sure that is, when, and how their distribution looks now."""

import pandas as pd
import streamlit as st

from driftboard.dashboard import feature_detail, feature_table, findings, information, page, palette, queries, scope
from driftboard.dashboard import relations as relations_section
from driftboard.dashboard.charts import matrices
from driftboard.dashboard.text import plain
from driftboard.monitors.report import FeatureReport, RelationReport

_HEATMAP = "psi_heatmap"


def main() -> None:
    """Show all features over time, the selected batch's table, one feature in full, and what moved between them."""
    chosen = scope.current()
    frame = queries.features(chosen.source, chosen.model.key, chosen.window, scope.until(chosen))
    judged = list(dict.fromkeys(frame["batch"]))
    batch = page.header("Drift", "inputs against the reference", chosen, judged)
    if frame.empty or batch is None:
        page.nothing_judged(chosen)
        return
    found = queries.report(chosen.source, chosen.model.key, "feature", batch)
    if found is None or not isinstance(found[1], FeatureReport):
        page.nothing_judged(chosen)
        return
    report = found[1]
    findings.summary(report, batch, consequence=report.consequence)
    again = f" · judged {found[0].revision} times, newest shown" if found[0].revision > 1 else ""
    st.caption(f"{report.n:,} rows against {report.n_reference:,} in the reference{again}")
    _overview(frame, batch)
    feature_table.show(report)
    feature_detail.show(chosen, frame, report, batch)
    _relations(chosen, batch)
    information.multivariate(chosen, batch)
    information.sequential(chosen, batch)


def _overview(frame: pd.DataFrame, batch: str) -> None:
    st.subheader("PSI of every feature, batch by batch", anchor=False)
    n, k = frame["batch"].nunique(), frame["feature"].nunique()
    text = f"Heat map of the population stability index: {k} features, {n} batches. Selected batch: {plain(batch)}."
    page.chart(
        matrices.psi_heatmap(frame, palette.current()),
        text,
        key=_HEATMAP,
        on_select=_picked,
        selection_mode=matrices.PICKED,
    )
    shown = matrices.MOST_FEATURES
    most = f"The {shown} of {k:,} features that moved most. " if k > shown else ""
    st.caption(
        f"{most}Click a cell to look at that feature in that batch. "
        "The colours change at the two limits; pale: no warning, luck or the reference's own batches explain it."
    )


def _picked() -> None:
    points = st.session_state[_HEATMAP]["selection"].get(matrices.PICKED) or []
    if points:
        st.session_state["feature"] = str(points[0]["feature"])
        st.session_state["batch"] = str(points[0]["batch"])


def _relations(chosen: scope.Scope, batch: str) -> None:
    found = queries.report(chosen.source, chosen.model.key, "relations", batch)
    if found is not None and isinstance(found[1], RelationReport):
        relations_section.show(found[1], batch)


main()
