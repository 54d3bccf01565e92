"""The row of what can be done about one incident; every button is one act of `acts`."""

from datetime import datetime, timedelta

import streamlit as st

from driftboard.alerts.request import MATCHERS
from driftboard.dashboard import actor, acts
from driftboard.dashboard.scope import Scope
from driftboard.data.incident import Incident

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_ACK = {"1 h": _HOUR, "4 h": 4 * _HOUR, "12 h": 12 * _HOUR}
_SNOOZE = {"1 h": _HOUR, "8 h": 8 * _HOUR, "1 day": _DAY, "1 week": 7 * _DAY}
_SILENCE = {"1 h": _HOUR, "8 h": 8 * _HOUR, "1 day": _DAY, "1 week": 7 * _DAY, "4 weeks": 28 * _DAY}
_LONGEST = 500


def show(chosen: Scope, incident: Incident, *, now: datetime) -> None:
    """Show the row; greyed out with the reason where the log cannot be written."""
    hindrance = acts.hindrance(chosen.settings.store)
    if hindrance is not None:
        st.caption(f":material/lock: {hindrance}")
    disabled = hindrance is not None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        actor.ask()
        if incident.is_open:
            _in_hand(chosen, incident, now, disabled=disabled)
            _quiet(chosen, incident, now, disabled=disabled)
            _silence(chosen, incident, disabled=disabled)
            _resolve(chosen, incident, disabled=disabled)
        _feedback(chosen, incident, disabled=disabled)


def _in_hand(chosen: Scope, incident: Incident, now: datetime, *, disabled: bool) -> None:
    if incident.is_acked(now):
        st.button(
            "Give back",
            icon=":material/back_hand:",
            help="Ends the acknowledgement: reminders and escalation go on.",
            on_click=acts.give_back,
            args=(chosen, incident),
            disabled=disabled,
        )
        return
    with st.popover("Acknowledge", icon=":material/front_hand:", type="primary", disabled=disabled, key=_key("ack")):
        st.caption("You have it in hand: no reminders, no escalation, until then or until it gets worse.")
        span = _span("Acknowledge for", _ACK, "4 h", "ack_for")
        st.button(
            "Acknowledge", type="primary", key=_key("do_ack"), on_click=acts.acknowledge, args=(chosen, incident, span)
        )


def _quiet(chosen: Scope, incident: Incident, now: datetime, *, disabled: bool) -> None:
    if incident.is_snoozed(now):
        st.button(
            "End snooze",
            icon=":material/alarm_on:",
            on_click=acts.end_snooze,
            args=(chosen, incident),
            disabled=disabled,
        )
        return
    with st.popover("Snooze", icon=":material/snooze:", disabled=disabled, key=_key("snooze")):
        st.caption("Nobody is told of this incident until then; if it is still there, it is told anew.")
        span = _span("Snooze for", _SNOOZE, "8 h", "snooze_for")
        st.button("Snooze", type="primary", key=_key("do_snooze"), on_click=acts.snooze, args=(chosen, incident, span))


def _silence(chosen: Scope, incident: Incident, *, disabled: bool) -> None:
    with st.popover("Silence", icon=":material/notifications_off:", disabled=disabled, key=_key("silence")):
        st.caption(
            "Nobody is told of anything that fits all of these; an asterisk stands for anything. Incidents go on."
        )
        given = _fitting(incident)
        matchers = {
            name: st.text_input(
                name.capitalize(), given[name], max_chars=300, key=_key(f"silence_{name} {incident.incident_id}")
            )
            for name in MATCHERS
        }
        comment = st.text_input("Why (required)", max_chars=_LONGEST, key=_key(f"silence_why {incident.incident_id}"))
        span = _span("Silence for", _SILENCE, "1 day", "silence_for")
        wanted = {name: pattern.strip() for name, pattern in matchers.items() if pattern.strip() not in {"", "*"}}
        st.button(
            "Silence",
            type="primary",
            key=_key("do_silence"),
            on_click=acts.silence,
            args=(chosen, wanted, comment, span),
        )


def _resolve(chosen: Scope, incident: Incident, *, disabled: bool) -> None:
    with st.popover("Resolve", icon=":material/task_alt:", disabled=disabled, key=_key("resolve")):
        st.caption(
            "It is over by your word. The next bad window opens a new incident; to be told less, snooze or silence."
        )
        st.button("Resolve", type="primary", key=_key("do_resolve"), on_click=acts.resolve, args=(chosen, incident))


def _feedback(chosen: Scope, incident: Incident, *, disabled: bool) -> None:
    for word, icon in (("useful", "thumb_up"), ("noise", "thumb_down")):
        st.button(
            word.capitalize(),
            icon=f":material/{icon}:",
            key=f"do_{word}",
            type="primary" if incident.feedback == word else "secondary",
            help="Was it worth being told? The precision of each rule is counted from this.",
            on_click=acts.give_feedback,
            args=(chosen, incident),
            kwargs={"useful": word == "useful"},
            disabled=disabled,
        )


def _fitting(incident: Incident) -> dict[str, str]:
    """The pattern of each field that fits this incident and little else."""
    subjects = {incident.subject} if incident.subject else {each.subject for each in incident.affected}
    return dict.fromkeys(MATCHERS, "*") | {
        "model": "*" if incident.model is None else incident.model.name,
        "environment": "*" if incident.model is None else incident.model.environment,
        "rule": incident.rule,
        "subject": (subjects.pop() or "*") if len(subjects) == 1 else "*",
    }


def _span(label: str, spans: dict[str, timedelta], default: str, key: str) -> timedelta:
    chosen = st.segmented_control(label, list(spans), default=default, required=True, key=_key(key))
    return spans[str(chosen)]


def _key(name: str) -> str:
    """A form starts anew, and its popover closes, once something was done."""
    return f"{name} {acts.done()}"
