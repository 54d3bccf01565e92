"""How many of each rule's incidents were worth being told, by what people said of them."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from driftboard.alerts.precision import precision
from driftboard.alerts.rules import rule_named
from driftboard.dashboard.text import percent, plain


def show(feedback: Mapping[str, tuple[int, int]]) -> None:
    """Show the precision of each rule that anybody judged; given is (useful, noise) by rule."""
    table = frame(feedback)
    if table.empty:
        st.caption("Nobody has called an incident useful or noise yet: the buttons are beside each.")
        return
    st.caption("Precision: the share of judged incidents that were useful, with its 95 % interval (Wilson).")
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        width="content",
        alt="Rules with useful and noisy incidents, precision and its interval.",
    )


def frame(feedback: Mapping[str, tuple[int, int]]) -> pd.DataFrame:
    """Return one row for each rule, the most surely noisy first.

    >>> frame({"label_shift": (3, 1)}).iloc[0].to_dict()["95 % interval"]
    '30.1 % to 95.4 %'
    """
    return pd.DataFrame(
        [
            {
                "Rule": plain(rule_named(each.rule).title),
                "Useful": each.useful,
                "Noise": each.noise,
                "Precision": percent(each.share),
                "95 % interval": f"{percent(each.interval.low)} to {percent(each.interval.high)}",
            }
            for each in precision(feedback)
        ]
    )
