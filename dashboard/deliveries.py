"""What became of each message about an incident, as a table."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from driftboard.dashboard import page
from driftboard.dashboard.incident_queries import Dossier
from driftboard.dashboard.message_kinds import KINDS
from driftboard.dashboard.status import DELIVERY, of_delivery
from driftboard.dashboard.text import plain, plural

_MOST_ROWS = 11


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
