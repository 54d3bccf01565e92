"""How the channels do, and the processes that judge and send: whether anybody is told at all."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from driftboard.alert_settings import AlertSettings
from driftboard.dashboard import page
from driftboard.dashboard.incident_queries import ChannelUse
from driftboard.dashboard.status import CHANNELS, HEARTS, of_channel
from driftboard.dashboard.text import ago, escaped, plain
from driftboard.data.heartbeats import DISPATCHER, WORKER, Heartbeat

_TIMES = ("Blocked until (UTC)", "Due since (UTC)", "Last delivered (UTC)")


def show(settings: AlertSettings, uses: Sequence[ChannelUse], *, now: datetime) -> None:
    """Show one row for each channel that is configured, or was once."""
    if not settings.channels and not uses:
        page.empty(
            "No channel",
            "Incidents are shown here and nobody is told. Describe a channel in driftboard.toml, then try it:",
            "driftboard alerts test",
            icon="notifications_off",
        )
        return
    table = frame(settings, uses, now=now)
    st.dataframe(
        table.assign(Status=table["Status"].map(lambda label: [label])),
        hide_index=True,
        height="content",
        column_config={
            "Status": page.status_column(CHANNELS),
            "Reason": st.column_config.TextColumn(width="medium"),
            **{name: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss") for name in _TIMES},
        },
        placeholder="-",
        alt="Channels with type, status, reason, messages waiting, delivered, rehearsed in a dry run and given up.",
    )


def frame(settings: AlertSettings, uses: Sequence[ChannelUse], *, now: datetime) -> pd.DataFrame:
    """Return one row for each channel: those of the configuration, then those that it no longer has."""
    used = {each.state.channel: each for each in uses}
    names = [*settings.channels, *(name for name in used if name not in settings.channels)]
    return pd.DataFrame([_row(name, settings, used.get(name), now) for name in names])


def _row(name: str, settings: AlertSettings, use: ChannelUse | None, now: datetime) -> dict[str, object]:
    configured = settings.channels.get(name)
    state, traffic = (use.state, use.traffic) if use else (None, None)
    blocked = state is not None and state.is_blocked(now)
    status = state.status if state else "unused"
    rehearses = settings.dry_run and configured is not None and status != "broken"
    return {
        "Channel": plain(name),
        "Type": "no longer configured" if configured is None else configured.type,
        "Takes": "-" if configured is None else f"{configured.min_severity} and above",
        "Status": of_channel("dry_run" if rehearses else status).label,
        "Reason": plain(state.reason) or "-" if state else "-",
        "Blocked until (UTC)": _wall(state.blocked_until) if state and blocked else pd.NaT,
        "Waiting": traffic.queued if traffic else 0,
        "Due since (UTC)": _wall(use.waiting_since) if use and use.waiting_since else pd.NaT,
        "Delivered": traffic.delivered if traffic else 0,
        "Dry run": traffic.rehearsed if traffic else 0,
        "Last delivered (UTC)": _wall(traffic.last_delivered) if traffic and traffic.last_delivered else pd.NaT,
        "Given up": traffic.dead if traffic else 0,
    }


def hearts(found: Sequence[Heartbeat], *, now: datetime) -> None:
    """Show when the worker and each dispatcher were last seen."""
    dispatchers = [each for each in found if each.component.startswith(DISPATCHER)]
    workers = [each for each in found if each.component == WORKER]
    for name, command, parts in (
        ("Worker, which judges batches", "driftboard run --watch", workers),
        ("Dispatcher, which sends messages", "driftboard alerts dispatch", dispatchers),
    ):
        if not parts:
            page.said(HEARTS["never"], f"**{name}**: not running as a service; start `{command}`")
        for part in parts:
            _heart(name, command, part, now)


def _heart(name: str, command: str, part: Heartbeat, now: datetime) -> None:
    late = part.is_late(now)
    what = f"; start `{command}` again" if late else ""
    seen = f"last seen {ago(part.at, now=now)} on {escaped(part.host)}, process {part.pid}"
    page.said(HEARTS["stalled" if late else "beating"], f"**{name}**: {seen}{what}")


def _wall(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
