"""Alerts: what is wrong, who was told, who has it in hand, and what to do about it."""

from datetime import UTC, datetime

import streamlit as st

from driftboard.dashboard import (
    acts,
    channel_health,
    incident_choice,
    incident_detail,
    incident_queries,
    incident_table,
    page,
    runbook,
    scope,
    silence_list,
    usefulness,
)

_ALL = "All models"


def main() -> None:
    """Show the figures, the incidents, the selected one in full, and how the way to people does."""
    chosen = scope.current()
    st.title("Alerts", anchor=False)
    if chosen.settings.alerts.dry_run:
        st.error(
            "**Dry run: nothing is sent.** Messages are recorded here only. To have them sent, configure a channel and "
            "set `alerts.dry_run = false` in driftboard.toml.",
            icon=":material/science:",
        )
    acts.outcome()
    runbook.asked_for()
    model = _which_model(chosen)
    incident_table.figures(incident_queries.counts(chosen.source, model), dry_run=chosen.settings.alerts.dry_run)
    _incidents(chosen, model)
    _surroundings(chosen, model)


def _which_model(chosen: scope.Scope) -> str | None:
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    picked = left.segmented_control(
        "Models",
        [_ALL, f"Only {chosen.model.key}"],
        default=_ALL,
        required=True,
        key="alerts_of",
        label_visibility="collapsed",
    )
    right.selectbox(
        "Newest",
        incident_table.LIMITS,
        key="alerts_newest",
        format_func=lambda n: f"newest {n:,}",
        label_visibility="collapsed",
    )
    return None if picked == _ALL else chosen.model.key


def _incidents(chosen: scope.Scope, model: str | None) -> None:
    wanted = incident_choice.read()
    newest = st.session_state["alerts_newest"]
    rows = incident_table.filtered(incident_queries.incidents(chosen.source, model, newest))
    ids = [incident.incident_id for incident, _ in rows]
    found = None if wanted is None else incident_queries.dossier(chosen.source, wanted)
    if wanted is not None and found is None:
        incident_choice.missing(str(wanted))
    if found is None and ids:
        found = incident_queries.dossier(chosen.source, ids[0])
    if rows:
        incident_table.show(rows, None if found is None else found.incident.incident_id)
    else:
        page.empty("No incident", "Nothing that the gate lets through has fired (or nothing passes the filters).")
    if found is not None:
        incident_detail.show(chosen, found)


def _surroundings(chosen: scope.Scope, model: str | None) -> None:
    now = datetime.now(UTC)
    silences = incident_queries.silences(chosen.source)
    health, quiet, worth = st.tabs(
        [
            ":material/cell_tower: Channels",
            f":material/notifications_off: Silences ({len(silences)})",
            ":material/thumbs_up_down: Useful or noise",
        ]
    )
    with health:
        channel_health.show(chosen.settings.alerts, incident_queries.channels(chosen.source), now=now)
        channel_health.hearts(incident_queries.hearts(chosen.source), now=now)
    with quiet:
        silence_list.show(chosen, silences, now=now)
    with worth:
        usefulness.show(incident_queries.feedback(chosen.source, model))


main()
