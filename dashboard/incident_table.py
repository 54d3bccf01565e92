"""The incidents as figures, filters and a table; a selected row is the incident that the page is about."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from driftboard.alerts.rules import RULES, rule_named
from driftboard.dashboard import incident_choice, page
from driftboard.dashboard.incident_queries import Counts
from driftboard.dashboard.status import INCIDENTS, VERDICTS, of_incident, of_verdict
from driftboard.dashboard.text import plain, plural
from driftboard.data.incident import Incident

Row = tuple[Incident, tuple[str, ...]]
"""An incident, and the channels that were told of it."""

LIMITS = (200, 1_000, 5_000)
_SEVERITIES = ("critical", "warning", "info")
_PARTS = 2
_NAME = 40
_MOST_ROWS = 9
_FEEDBACK = {"useful": "useful", "noise": "noise"}


def figures(counts: Counts, *, dry_run: bool) -> None:
    """Show how many incidents are open, and what became of the messages."""
    with st.container(horizontal=True):
        for severity in _SEVERITIES:
            status = of_verdict(severity)
            st.metric(f"{status.icon} Open, {severity}", f"{getattr(counts, severity):,}", border=True)
        st.metric(":material/front_hand: Acknowledged", f"{counts.acknowledged:,}", border=True)
        told = "Recorded today" if dry_run else "Told today"
        st.metric(
            f":material/outgoing_mail: {told}",
            f"{counts.told_today:,}",
            help="Messages since midnight UTC.",
            border=True,
        )
        st.metric(
            ":material/sms_failed: Given up",
            f"{counts.dead:,}",
            help="Messages of all models that no channel took: refused for good, or not delivered in a day.",
            border=True,
        )


def filtered(rows: Sequence[Row]) -> list[Row]:
    """Show the filters; return what passes them."""
    state, severity, rule = st.columns([3, 2, 3])
    states = state.multiselect("State", list(INCIDENTS), format_func=lambda name: of_incident(name).word)
    severities = severity.multiselect("Severity", _SEVERITIES, format_func=lambda name: of_verdict(name).word)
    rules = rule.multiselect("Rule", list(RULES), format_func=lambda name: rule_named(name).title)
    return [
        (incident, told)
        for incident, told in rows
        if (not states or incident.state in states)
        and (not severities or incident.severity in severities)
        and (not rules or incident.rule in rules)
    ]


def show(rows: Sequence[Row], chosen: int | None) -> None:
    """Show the table, the row of the chosen incident selected."""
    ids = [incident.incident_id for incident, _ in rows]
    table = frame(rows, now=datetime.now(UTC))
    key = f"incidents {hash(tuple(ids))} {st.query_params.get('incident', '')}"
    st.caption(f"{plural(len(table), 'incident')}: what is open first, then the newest. Select one to see all of it.")
    st.dataframe(
        table.assign(**{name: table[name].map(lambda label: [label]) for name in ("State", "Severity")}),
        hide_index=True,
        key=key,
        on_select=lambda: incident_choice.choose_row(key, ids),
        selection_mode="single-row",
        selection_default={"selection": {"rows": [ids.index(chosen)]}} if chosen in ids else None,
        height="content" if len(table) <= _MOST_ROWS else 360,
        column_config={
            "No.": st.column_config.NumberColumn(width=48, format="%d"),
            "State": page.status_column(INCIDENTS),
            "Severity": page.status_column(VERDICTS),
            "Since (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", help="First bad window"),
            "Windows": st.column_config.NumberColumn(help="Bad windows so far", format="localized", width=76),
        },
        alt="Incidents: state, severity, rule, parts, model, start, bad windows, channels told, who has them in hand",
    )
    page.download(table, "incidents")


def frame(rows: Sequence[Row], *, now: datetime) -> pd.DataFrame:
    """Return one row for each incident, texts harmless."""
    found = [incident for incident, _ in rows]
    return pd.DataFrame(
        {
            "No.": [each.incident_id for each in found],
            "State": [of_incident(each.state).label for each in found],
            "Severity": [of_verdict(each.severity).label for each in found],
            "Rule": [rule_named(each.rule).title for each in found],
            "Parts": [parts(each) for each in found],
            "Model": [plain("driftboard itself" if each.model is None else str(each.model)) for each in found],
            "Since (UTC)": [each.since_at.astimezone(UTC).replace(tzinfo=None) for each in found],
            "Windows": [each.windows for each in found],
            "In hand": [in_hand(each, now=now) for each in found],
            "Told on": [plain(", ".join(told)) or "-" for _, told in rows],
            "Feedback": [_FEEDBACK.get(each.feedback, "-") for each in found],
        }
    )


def parts(incident: Incident) -> str:
    """Return the parts that matter most, and how many others there are: `temp, wind +3`."""
    names = [each.subject for each in incident.affected if each.subject] or [incident.subject]
    shown = ", ".join(plain(name, limit=_NAME) for name in names[:_PARTS] if name)
    return f"{shown} +{len(names) - _PARTS}" if len(names) > _PARTS else shown or "-"


def in_hand(incident: Incident, *, now: datetime) -> str:
    """Return who has it in hand, or asked for quiet about it."""
    if not incident.is_open:
        return "-"
    if incident.is_acked(now):
        return plain(incident.acked_by, limit=_NAME)
    return f"snoozed by {plain(incident.snoozed_by, limit=_NAME)}" if incident.is_snoozed(now) else "-"
