"""Alerts: what fired, when, and whether anybody was told."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from driftboard.alerts.rules import RULES, rule_named
from driftboard.alerts.runbooks import runbook
from driftboard.dashboard import alert_queries, page, scope
from driftboard.dashboard.status import DELIVERY, VERDICTS, of_delivery, of_verdict
from driftboard.dashboard.text import escaped, plain, sentence, stamp
from driftboard.data.alert_log import AlertRecord, AlertState

_TABLE = "alert_table"
_MOST_ROWS = 11
_LIMITS = (200, 1_000, 5_000)
_SEVERITIES = ("critical", "warning", "info")


def main() -> None:
    """Show the counts, the feed, and the selected alert with its runbook."""
    chosen = scope.current()
    st.title("Alerts", anchor=False)
    if chosen.settings.alerts.dry_run:
        st.error(
            "**Dry run: nothing is sent.** Alerts are recorded here only. To have them sent, configure a channel and "
            "set `alerts.dry_run = false` in driftboard.toml.",
            icon=":material/science:",
        )
    model = _which_model(chosen)
    _counts(alert_queries.alert_counts(chosen.source, model))
    records = _filtered(chosen, model)
    if not records:
        page.empty("No alert", "Nothing that the gate lets through has fired (or nothing passes the filters).")
        return
    record = _feed(records)
    _details(record)


def _which_model(chosen: scope.Scope) -> str | None:
    one, every = f"Only {chosen.model.key}", "All models"
    picked = st.segmented_control(
        "Models", [one, every], default=every, required=True, key="alerts_of", label_visibility="collapsed"
    )
    return chosen.model.key if picked == one else None


def _counts(counts: dict[AlertState, int]) -> None:
    for column, (state, status) in zip(st.columns(len(DELIVERY)), DELIVERY.items(), strict=True):
        column.metric(f"{status.icon} {status.word}", f"{counts[AlertState(state)]:,}", border=True)


def _filtered(chosen: scope.Scope, model: str | None) -> list[AlertRecord]:
    severity, state, rule, limit = st.columns([2, 3, 3, 1])
    severities = severity.multiselect("Severity", _SEVERITIES, format_func=lambda name: of_verdict(name).word)
    states = state.multiselect("Delivery", list(DELIVERY), format_func=lambda name: of_delivery(name).word)
    rules = rule.multiselect("Rule", list(RULES), format_func=lambda name: rule_named(name).title)
    newest = limit.selectbox("Newest", _LIMITS, format_func=lambda n: f"{n:,}")
    return [
        record
        for record in alert_queries.alerts(chosen.source, model, newest or _LIMITS[0])
        if (not severities or record.severity in severities)
        and (not states or record.state in states)
        and (not rules or record.rule in rules)
    ]


def _feed(records: Sequence[AlertRecord]) -> AlertRecord:
    table = pd.DataFrame(
        {
            "Time (UTC)": [record.created_at.replace(tzinfo=None) for record in records],
            "Severity": [of_verdict(record.severity).label for record in records],
            "Delivery": [of_delivery(record.state).label for record in records],
            "Rule": [rule_named(record.rule).title for record in records],
            "Subject": [plain(record.subject) for record in records],
            "Model": [plain(str(record.model)) for record in records],
            "Batch": [plain(record.batch_id) for record in records],
            "Message": [plain(record.message) for record in records],
            "Channel": [record.channel for record in records],
            "Reason": [plain(record.reason) for record in records],
        }
    )
    st.caption(f"{len(table):,} alerts, the newest first. Select one for its evidence and runbook.")
    state = st.dataframe(
        table.assign(**{name: table[name].map(lambda label: [label]) for name in ("Severity", "Delivery")}),
        hide_index=True,
        key=_TABLE,
        on_select="rerun",
        selection_mode="single-row",
        height="content" if len(table) <= _MOST_ROWS else 424,
        column_config={
            "Time (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "Severity": page.status_column(VERDICTS),
            "Delivery": page.status_column(DELIVERY),
            "Message": st.column_config.TextColumn(width="large"),
        },
        alt="Alerts with time, severity, delivery state, rule, subject, model, batch, message, channel and reason.",
    )
    page.download(table, "alerts")
    rows = state["selection"]["rows"]
    return records[rows[0]] if rows and rows[0] < len(records) else records[0]


def _details(record: AlertRecord) -> None:
    rule = rule_named(record.rule)
    about = f" · {escaped(record.subject)}" if record.subject else ""
    with st.container(border=True):
        st.subheader(f"{escaped(rule.title)}{about}", anchor=False)
        with st.container(horizontal=True, vertical_alignment="center"):
            page.badge(of_verdict(record.severity))
            page.badge(of_delivery(record.state))
            st.caption(
                f"{stamp(record.created_at)} · {escaped(str(record.model))} batch {escaped(record.batch_id)} · "
                f"channel {escaped(record.channel)}"
            )
        st.markdown(sentence(record.message))
        if record.reason:
            st.caption(f"Why it is so: {sentence(record.reason)}")
        page.link(
            rule.page,
            f"Open the evidence on {page.TITLES[rule.page]} :material/arrow_forward:",
            model=str(record.model),
            batch=record.batch_id,
            feature=record.subject if rule.about_feature and record.subject else None,
        )
    with st.expander("Runbook: what to do", icon=":material/menu_book:"):
        _runbook(rule.runbook)


def _runbook(slug: str) -> None:
    try:
        text = runbook(slug)
    except LookupError:
        st.caption("This rule has no runbook.")
        return
    st.markdown(text.replace("\n# ", "\n### ").replace("\n## ", "\n#### ").removeprefix("# ").strip())


main()
