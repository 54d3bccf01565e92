"""Relations on the Drift page: the pairs of features whose correlation changed most."""

import pandas as pd
import streamlit as st

from driftboard.dashboard import evidence as words
from driftboard.dashboard import findings, page
from driftboard.dashboard.status import VERDICTS, of_verdict
from driftboard.dashboard.text import plain
from driftboard.monitors.report import PairResult, RelationReport

_MOST_ROWS = 11


def show(report: RelationReport, batch: str) -> None:
    """Show what changed between features, and the table of the pairs."""
    st.subheader("Relations", anchor=False)
    findings.summary(report, batch)
    if not report.pairs:
        st.caption("Rank correlations are compared where there are two numeric features without a dominating value.")
        return
    table = _table(sorted(report.pairs, key=lambda each: (-each.verdict.rank, -_change(each))))
    st.caption(f"Of {report.n_pairs:,} pairs, those whose rank correlation changed most.")
    st.dataframe(
        table.assign(Verdict=table["Verdict"].map(lambda label: [label])),
        hide_index=True,
        height="content" if len(table) <= _MOST_ROWS else 424,
        column_config={
            "Verdict": page.status_column(VERDICTS),
            "r before": st.column_config.NumberColumn(format="%.2f", help="Rank correlation in the reference"),
            "r now": st.column_config.NumberColumn(format="%.2f", help="Rank correlation in the window"),
            "Change": st.column_config.NumberColumn(format="%+.2f"),
            "Evidence": st.column_config.TextColumn(help="How often luck alone would do as much"),
        },
        placeholder="-",
        alt="Pairs of features with their rank correlation before and now, the evidence and the window.",
    )
    page.download(table, "relations")


def _table(pairs: list[PairResult]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Verdict": [of_verdict(each.verdict).label for each in pairs],
            "Feature": [plain(each.first) for each in pairs],
            "and": [plain(each.second) for each in pairs],
            "r before": [each.reference_correlation for each in pairs],
            "r now": [each.correlation for each in pairs],
            "Change": [each.correlation - each.reference_correlation for each in pairs],
            "Evidence": [words.luck(each.evidence.p_value) if each.evidence else "-" for each in pairs],
            "Window": [plain(words.window(each.evidence)) if each.evidence else "-" for each in pairs],
        }
    )


def _change(pair: PairResult) -> float:
    return abs(pair.correlation - pair.reference_correlation)
