"""What happened to an incident and its messages: the timeline, and a table of what became of each message."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from driftboard.dashboard import page
from driftboard.dashboard.incident_queries import Dossier
from driftboard.dashboard.status import DELIVERY, of_delivery
from driftboard.dashboard.text import escaped, plain, plural, sentence, stamp
from driftboard.dashboard.timeline import KINDS, Line, lines

_NEWEST = 60
_MOST_ROWS = 11


def timeline(found: Dossier) -> None:
    """Show changes, messages and attempts, the newest first."""
    every = lines(found.events, found.notifications, found.attempts)[::-1]
    if not every:
        st.caption("Nothing is recorded.")
        return
    shown = every
    if len(every) > _NEWEST and not st.toggle(f"Show all {len(every):,}", key=f"all {found.incident.incident_id}"):
        shown = every[:_NEWEST]
    st.markdown("\n".join(f"- {_said(line)}" for line in shown))


def _said(line: Line) -> str:
    """One line of Markdown; whatever somebody else chose is escaped."""
    who = f" · {escaped(line.who)}" if line.who else ""
    detail = f" · {sentence(line.detail, limit=300)}" if line.detail else ""
    return f":material/{line.icon}: **{escaped(line.what)}**{who}{detail} :gray[· {stamp(line.at)}]"


def table(found: Dossier) -> None:
    """Show what became of each message, by channel, the newest first."""
    told = found.notifications[::-1]
    if not told:
        st.caption("No message: no channel takes this severity, or it waits for company.")
        return
    frame = pd.DataFrame(
        {
            "Channel": [plain(each.channel) for each in told],
            "What": [KINDS.get(each.kind, each.kind) for each in told],
            "State": [of_delivery(each.state).label for each in told],
            "Reason": [plain(each.reason) or "-" for each in told],
            "Attempts": [each.attempts for each in told],
            "Queued (UTC)": [_wall(each.created_at) for each in told],
            "Not before (UTC)": [_wall(each.not_before) for each in told],
            "Finished (UTC)": [_wall(each.finished_at) for each in told],
        }
    )
    st.caption(f"{plural(len(told), 'message')}, the newest first.")
    times = ("Queued (UTC)", "Not before (UTC)", "Finished (UTC)")
    st.dataframe(
        frame.assign(State=frame["State"].map(lambda label: [label])),
        hide_index=True,
        height="content" if len(frame) <= _MOST_ROWS else 424,
        column_config={
            "State": page.status_column(DELIVERY),
            "Reason": st.column_config.TextColumn(width="medium"),
            **{name: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss") for name in times},
        },
        placeholder="-",
        alt="Messages of the incident with channel, kind, state, reason, attempts and times.",
    )
    page.download(frame, f"deliveries-{found.incident.incident_id}")


def _wall(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None)
