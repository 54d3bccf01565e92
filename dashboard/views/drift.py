"""Drift: which inputs moved, when, and how their distribution looks now."""

import pandas as pd
import streamlit as st

from driftboard.dashboard import page, palette, queries, scope
from driftboard.dashboard.charts import distributions, history, matrices
from driftboard.dashboard.status import VERDICTS, of_verdict
from driftboard.dashboard.text import chance, escaped, number, percent, plain, sentence
from driftboard.monitors.report import FeatureReport, FeatureResult, Verdict

_HEATMAP = "psi_heatmap"
_TABLE = "feature_table"
_MOST_ROWS = 16


def main() -> None:
    """Show all features over time, the selected batch's table, and one feature in full."""
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
    _summary(report, batch, found[0].revision)
    _overview(frame, batch)
    _table(report)
    _feature(chosen, frame, report, batch)


def _summary(report: FeatureReport, batch: str, revision: int) -> None:
    page.said(of_verdict(report.verdict), f"**Batch {escaped(batch)}** · {sentence(report.message)}")
    again = f" · judged {revision} times, newest shown" if revision > 1 else ""
    st.caption(f"{report.n:,} rows against {report.n_reference:,} in the reference{again}")
    if report.unexpected:
        names = ", ".join(escaped(name, limit=40) for name in report.unexpected[:10])
        st.caption(f":material/info: Features the reference does not know: {names}")


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
    st.caption("Click a cell to look at that feature in that batch. The colours change at the two limits.")


def _picked() -> None:
    points = st.session_state[_HEATMAP]["selection"].get(matrices.PICKED) or []
    if points:
        st.session_state["feature"] = str(points[0]["feature"])
        st.session_state["batch"] = str(points[0]["batch"])


def _ranked(report: FeatureReport) -> list[FeatureResult]:
    return sorted(report.features, key=lambda each: (-each.verdict.rank, -(each.psi or 0.0)))


def _table(report: FeatureReport) -> None:
    ranked = _ranked(report)
    table = pd.DataFrame(
        {
            "Verdict": [of_verdict(each.verdict).label for each in ranked],
            "Feature": [plain(each.feature) for each in ranked],
            "Kind": [each.kind for each in ranked],
            "PSI": [each.psi for each in ranked],
            "By luck": [each.psi_noise for each in ranked],
            "Test": ["KS" if each.ks else "chi-square" if each.chi_square else "-" for each in ranked],
            "Statistic": [_statistic(each) for each in ranked],
            "p": [chance(_p_value(each)) for each in ranked],
            "Missing": [each.missing_rate for each in ranked],
            "Missing before": [each.reference_missing_rate for each in ranked],
            "Values": [each.n for each in ranked],
        }
    )
    st.subheader("Features of this batch", anchor=False)

    def pick() -> None:
        rows = st.session_state[_TABLE]["selection"]["rows"]
        if rows:
            st.session_state["feature"] = ranked[rows[0]].feature

    st.dataframe(
        table.assign(Verdict=table["Verdict"].map(lambda label: [label])),
        hide_index=True,
        key=_TABLE,
        on_select=pick,
        selection_mode="single-row",
        height="content" if len(table) <= _MOST_ROWS else 424,
        column_config={
            "Verdict": page.status_column(VERDICTS),
            "Feature": st.column_config.TextColumn(pinned=True),
            "PSI": st.column_config.NumberColumn(format="%.3f", help="Population stability index"),
            "By luck": st.column_config.NumberColumn(
                format="%.3f", help="What the PSI would be on average with nothing drifting"
            ),
            "Statistic": st.column_config.NumberColumn(format="%.3f"),
            "Missing": st.column_config.NumberColumn(format="percent"),
            "Missing before": st.column_config.NumberColumn(format="percent", help="In the reference"),
            "Values": st.column_config.NumberColumn(format="localized", help="Not missing, in this batch"),
        },
        placeholder="-",
        alt="Verdict, PSI, test and missing rate of every feature in the selected batch.",
    )
    page.download(table, "features")


def _statistic(each: FeatureResult) -> float | None:
    test = each.ks or each.chi_square
    return None if test is None else test.statistic


def _p_value(each: FeatureResult) -> float | None:
    test = each.ks or each.chi_square
    return None if test is None else test.p_value


def _feature(chosen: scope.Scope, frame: pd.DataFrame, report: FeatureReport, batch: str) -> None:
    ranked = _ranked(report)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        name = scope.choose_feature(chosen, [each.feature for each in ranked])
    result = next((each for each in ranked if each.feature == name), None)
    if result is None:
        return
    with left:
        st.subheader(f"Feature {escaped(result.feature)}", anchor=False)
    page.said(of_verdict(result.verdict), sentence(result.message))
    _numbers(result, report)
    _charts(frame, result, batch)


def _numbers(result: FeatureResult, report: FeatureReport) -> None:
    psi, test, missing, rows, *more = st.columns(4 if result.mean is None else 5)
    limits = f"limits {report.psi_warning:g} and {report.psi_critical:g}"
    page.figure(psi, "PSI", number(result.psi), limits)
    found = result.ks or result.chi_square
    name = "KS test, p" if result.ks else "Chi-square test, p"
    said = None if found is None else f"{'rejects' if found.rejects else 'does not reject'} at {found.alpha:g}"
    page.figure(test, name, chance(found.p_value if found else None), said)
    before = f"{percent(result.reference_missing_rate)} in the reference"
    page.figure(missing, "Missing", percent(result.missing_rate), before)
    before = f"{result.n_reference:,} in the reference"
    page.figure(rows, "Values", f"{result.n:,}", before)
    if result.mean is not None:
        before = f"{number(result.reference_mean)} in the reference"
        page.figure(more[0], "Mean", number(result.mean), before)


def _charts(frame: pd.DataFrame, result: FeatureResult, batch: str) -> None:
    colours = palette.current()
    mine = frame[frame["feature"] == result.feature]
    name = plain(result.feature)
    left, right = st.columns(2)
    with left:
        st.markdown("**PSI over time**")
        if mine["psi"].notna().any():
            text = f"PSI of {name} over {len(mine)} batches with both limits; now {number(result.psi)}."
            page.chart(history.psi(frame, result.feature, batch, colours), text)
            st.caption("Shaded: what the PSI would be by luck alone. Grey lines: the other features.")
        else:
            st.caption("PSI could not be computed in these batches.")
    with right:
        st.markdown("**Distribution of this batch**")
        if result.verdict is not Verdict.INVALID and result.share and result.reference_share:
            text = f"Share of each cell of {name} in batch {plain(batch)} and in the reference."
            page.chart(distributions.feature_cells(distributions.cells(result), colours), text)
            st.caption(f"Cells are frozen in the reference. {result.n:,} values against {result.n_reference:,}.")
        else:
            st.caption("There is no distribution to show.")
    left, right = st.columns(2)
    with left:
        st.markdown("**Test over time**")
        if mine["p_value"].notna().any():
            test = "KS" if result.kind == "numeric" else "chi-square"
            page.chart(history.p_values(mine, batch, colours, name=test), f"p-value of the {test} test of {name}.")
        else:
            st.caption("No test in these batches.")
    with right:
        st.markdown("**Missing values over time**")
        page.chart(history.missing(mine, batch, colours), f"Missing rate of {name} beside the reference's.")


main()
