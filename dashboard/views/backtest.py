"""Backtest: whom a policy would have told of what, on the history that is in the log; nothing is sent or stored."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from driftboard.alerts.backtest import Backtest
from driftboard.alerts.candidate import read_candidate
from driftboard.alerts.policy_difference import differences
from driftboard.dashboard import backtest_frames, page, palette, rehearsals, scope
from driftboard.dashboard.backtest_frames import CANDIDATE, PRESENT
from driftboard.dashboard.charts import pages
from driftboard.dashboard.policy_text import policy_text
from driftboard.dashboard.status import VERDICTS
from driftboard.dashboard.text import escaped, number, plural, stamp
from driftboard.errors import DriftboardError

_PERIODS: dict[str, int | None] = {"30 days": 30, "90 days": 90, "1 year": 365, "Everything": None}
_ASKED = "_backtest"
_MOST_ROWS = 1_000
_TALL = 11
_LONGEST = 600


def main() -> None:
    """Show what is asked for, and how two policies compare."""
    chosen = scope.current()
    st.title("Backtest", anchor=False)
    st.caption(
        "Stored reports, acknowledgements and silences are lived through again under the present policy and under a "
        "candidate. Nothing is sent, nothing is stored; rate limits and failing channels are left out."
    )
    _ask(chosen)
    asked = st.session_state.get(_ASKED)
    if asked is None:
        page.empty(
            "Nothing tried yet",
            "Change the policy above and run it. On the command line, with a file:",
            "driftboard alerts backtest --since 90d --policy candidate.toml",
            icon="replay",
        )
        return
    _answer(chosen, *asked)


def _ask(chosen: scope.Scope) -> None:
    every = "All models"
    with st.form("backtest", border=True):
        left, right = st.columns(2)
        period = left.segmented_control("Period", list(_PERIODS), default="90 days", required=True, key="backtest_days")
        of = right.segmented_control(
            "Models", [every, f"Only {chosen.model.key}"], default=every, required=True, key="backtest_of"
        )
        text = st.text_area(
            "Candidate: what it says of [alerts] takes the place of the present policy",
            policy_text(chosen.settings.alerts),
            height=260,
            key="backtest_policy",
            persist_state="session",
        )
        if st.form_submit_button("Run backtest", type="primary", icon=":material/replay:"):
            model = None if of == every else chosen.model.key
            st.session_state[_ASKED] = (model, _PERIODS[str(period)], text)


def _answer(chosen: scope.Scope, model: str | None, days: int | None, text: str) -> None:
    present = chosen.settings.alerts
    try:
        candidate = read_candidate(text, present)
        first, second = (rehearsals.rehearsed(chosen.source, model, days, each) for each in (present, candidate))
    except DriftboardError as error:
        st.error(escaped(str(error), limit=_LONGEST), icon=":material/edit_note:")
        return
    if first is None or second is None:
        page.empty("Nothing to live through", "No batch was judged yet:", "driftboard run", icon="hourglass_empty")
        return
    _figures(first, second)
    _over_time(first, second)
    _tables(first, second)


def _figures(first: Backtest, second: Backtest) -> None:
    st.subheader(f"{stamp(first.since)} to {stamp(first.until)}, {plural(first.batches, 'judgement')}", anchor=False)
    per_week, total, messages, incidents = st.columns(4)
    _figure(
        per_week, "Pages a week", *(number(backtest_frames.pages_per_week(each), digits=1) for each in (first, second))
    )
    _figure(total, "Pages", f"{len(first.pages):,}", f"{len(second.pages):,}")
    _figure(messages, "Messages", f"{len(first.told):,}", f"{len(second.told):,}")
    _figure(incidents, "Incidents", f"{len(first.incidents):,}", f"{len(second.incidents):,}")
    if first.unmatched or second.unmatched:
        st.caption(
            f"Acts of people that found no open incident: {first.unmatched:,} under the present policy, "
            f"{second.unmatched:,} under the candidate."
        )


def _figure(column: DeltaGenerator, label: str, first: str, second: str) -> None:
    page.figure(column, f"{label}, candidate", second, f"{first} under the present policy")


def _over_time(first: Backtest, second: Backtest) -> None:
    frame = backtest_frames.pages_over_time(first, second)
    text = (
        f"Pages as they add up: {len(first.pages)} under the present policy, {len(second.pages)} under the candidate."
    )
    page.chart(pages.so_far(frame, (PRESENT, CANDIDATE), palette.current()), text)


def _tables(first: Backtest, second: Backtest) -> None:
    differ = differences(first, second)
    different, counted, before, after = st.tabs(
        [
            f":material/difference: Differences ({len(differ):,})",
            ":material/functions: By model and rule",
            f":material/notifications: Pages now ({len(first.pages):,})",
            f":material/notifications_active: Pages, candidate ({len(second.pages):,})",
        ]
    )
    with different:
        _table(backtest_frames.differing(differ), "differences", "Both policies tell the same, at the same times.")
    with counted:
        _table(backtest_frames.counts(first, second), "counts", "Nobody is told anything under either policy.")
    with before:
        _table(backtest_frames.told(first.pages), "pages-now", "Nobody is called under the present policy.")
    with after:
        _table(backtest_frames.told(second.pages), "pages-candidate", "Nobody is called under the candidate.")


def _table(frame: pd.DataFrame, name: str, nothing: str) -> None:
    if frame.empty:
        st.caption(nothing)
        return
    shown = frame.head(_MOST_ROWS)
    looks = {
        title: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
        for title in map(str, frame.columns)
        if "(UTC)" in title
    }
    if "Severity" in frame:
        shown = shown.assign(Severity=shown["Severity"].map(lambda label: [label]))
        looks["Severity"] = page.status_column(VERDICTS)
    st.dataframe(
        shown,
        hide_index=True,
        height="content" if len(shown) <= _TALL else 424,
        column_config=looks,
        placeholder="-",
        alt=f"{name}: {', '.join(map(str, frame.columns))}.",
    )
    if len(frame) > len(shown):
        st.caption(f"and {len(frame) - len(shown):,} more, in the download")
    page.download(frame, f"backtest-{name}")


main()
