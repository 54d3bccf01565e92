"""One incident in full: what, since when and how bad; what can be done; evidence, history, messages, runbook."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from driftboard.alerts.chart import chart_spec
from driftboard.alerts.rules import rule_named
from driftboard.dashboard import act_bar, deliveries, incident_queries, page, palette, runbook, timeline
from driftboard.dashboard.incident_queries import Dossier
from driftboard.dashboard.scope import Scope
from driftboard.dashboard.status import VERDICTS, of_incident, of_verdict
from driftboard.dashboard.text import ago, escaped, lasting, plain, plural, sentence, stamp
from driftboard.data.incident import Affected, Incident
from driftboard.errors import DriftboardError

_MOST_PARTS = 20
_LONGEST = 400


def show(chosen: Scope, found: Dossier) -> None:
    """Show everything about one incident."""
    incident, now = found.incident, datetime.now(UTC)
    with st.container(border=True):
        _headline(incident, now)
        act_bar.show(chosen, incident, now=now)
        told = incident_queries.explanation(chosen.source, incident.incident_id, chosen.settings.alerts)
        evidence, history, reasons, messages, advice = st.tabs(
            [
                ":material/monitoring: Evidence",
                ":material/history: Timeline",
                ":material/contact_support: Who was told, and why",
                f":material/outgoing_mail: Deliveries ({len(found.notifications)})",
                ":material/menu_book: Runbook",
            ]
        )
        with evidence:
            _evidence(chosen, incident)
        with history:
            timeline.show(told)
        with reasons:
            timeline.why(told)
        with messages:
            deliveries.table(found)
        with advice:
            runbook.show(rule_named(incident.rule).runbook)


def _headline(incident: Incident, now: datetime) -> None:
    about = f" · {escaped(incident.subject)}" if incident.subject else ""
    st.subheader(f"{escaped(rule_named(incident.rule).title)}{about}", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        page.badge(of_verdict(incident.severity))
        page.badge(of_incident(incident.state))
        if incident.flapping:
            st.badge("Comes and goes", icon=":material/swap_vert:", color="orange")
        whose = "driftboard itself" if incident.model is None else escaped(str(incident.model))
        st.caption(f"Incident {incident.incident_id} · {whose} · {_standing(incident, now)}")
    st.markdown(sentence(incident.message, limit=_LONGEST) or "No sentence of evidence is kept.")
    st.caption(" · ".join(_facts(incident, now)))


def _standing(incident: Incident, now: datetime) -> str:
    if incident.resolved_at is not None:
        return f"over since {stamp(incident.resolved_at)}: {escaped(incident.resolution or 'resolved')}"
    if incident.is_acked(now) and incident.ack_until is not None:
        return f":material/front_hand: in hand of {escaped(incident.acked_by)} until {stamp(incident.ack_until)}"
    if incident.is_snoozed(now) and incident.snoozed_until is not None:
        return f":material/snooze: snoozed by {escaped(incident.snoozed_by)} until {stamp(incident.snoozed_until)}"
    return "in nobody's hands"


def _facts(incident: Incident, now: datetime) -> list[str]:
    facts = [
        f"since {stamp(incident.since_at)}" + (f", batch {escaped(incident.since)}" if incident.since else ""),
        plural(incident.windows, "bad window"),
    ]
    if incident.batch_id:
        facts.append(f"the newest in batch {escaped(incident.batch_id)} of {plural(incident.rows, 'row')}")
    lasted = (incident.resolved_at or now) - incident.opened_at
    facts.append(f"lasted {lasting(lasted)}" if incident.resolved_at else f"opened {ago(incident.opened_at, now=now)}")
    if incident.episode > 1:
        facts.append(f"it has come {incident.episode} times")
    if incident.worst != incident.severity:
        facts.append(f"at its worst {of_verdict(incident.worst).word.lower()}")
    return facts


def _evidence(chosen: Scope, incident: Incident) -> None:
    named = [each.subject for each in incident.affected if each.subject]
    subject = _part(incident, named)
    _chart(chosen, incident, subject)
    _way_to_the_page(incident, subject)
    if named:
        _parts(incident.affected)


def _part(incident: Incident, named: list[str]) -> str | None:
    if len(named) < 2:  # noqa: PLR2004 - one part is no choice
        return named[0] if named else None
    return st.selectbox(
        "Part",
        named[: 5 * _MOST_PARTS],
        key=f"part {incident.incident_id}",
        format_func=lambda name: plain(name, limit=80),
    )


def _chart(chosen: Scope, incident: Incident, subject: str | None) -> None:
    if incident.model is None:
        st.caption("This is about driftboard itself: there is no measurement to draw.")
        return
    try:
        series = incident_queries.series(chosen.source, incident.incident_id, subject)
    except DriftboardError as error:  # of this section: the page around it stands
        st.error(escaped(str(error), limit=_LONGEST), icon=":material/monitoring:")
        return
    if series is None or not series.points:
        st.caption("No stored report has numbers to draw for this.")
        return
    spec = chart_spec(series, dark=palette.current().dark)  # it carries its own description for screen readers
    st.vega_lite_chart(spec=spec, theme=None, width="stretch")


def _way_to_the_page(incident: Incident, subject: str | None) -> None:
    rule = rule_named(incident.rule)
    if incident.model is None or rule.page == "alerts":
        return
    page.link(
        rule.page,
        f"Open the evidence on {page.TITLES[rule.page]} :material/arrow_forward:",
        model=str(incident.model),
        batch=incident.batch_id or None,
        feature=subject if rule.about_feature else None,
    )


def _parts(affected: tuple[Affected, ...]) -> None:
    shown = affected[:_MOST_PARTS]
    table = pd.DataFrame(
        {
            "Part": [plain(each.subject) or "-" for each in shown],
            "Severity": [[of_verdict(each.severity).label] for each in shown],
            "Times a page's worth": [each.weight or None for each in shown],
            "Since batch": [plain(each.since) for each in shown],
            "Newest window": ["clear" if each.recovering else "bad" for each in shown],
            "Evidence": [plain(each.message) for each in shown],
        }
    )
    st.caption(f"{plural(len(affected), 'part')}, the gravest first.")
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(table) <= _MOST_PARTS // 2 else 390,
        column_config={
            "Severity": page.status_column(VERDICTS),
            "Times a page's worth": st.column_config.NumberColumn(
                format="%.1fx", help="The effect as a multiple of what is worth a page."
            ),
            "Evidence": st.column_config.TextColumn(width="large"),
        },
        alt="Parts of the incident with severity, weight, first batch and evidence.",
    )
    if len(affected) > _MOST_PARTS:
        st.caption(f"and {len(affected) - _MOST_PARTS:,} more")
