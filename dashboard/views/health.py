"""Health: is anything wrong, in five seconds, for every model."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from driftboard.dashboard import budget, incident_queries, level_cards, page, palette, queries, scope, service_queries
from driftboard.dashboard.charts import matrices
from driftboard.dashboard.first_fired import first_fired
from driftboard.dashboard.frames import MONITORS
from driftboard.dashboard.health import Health, Notice
from driftboard.dashboard.status import of_level, of_verdict
from driftboard.dashboard.text import escaped, number, percent, plain, sentence, stamp
from driftboard.monitors.verdict import Verdict

_MOST_CARDS = 12
_NAME_WIDTH = 240
_METRIC_WIDTH = 120
_MOST_FINDINGS = 10
_MOST_ROWS = 24
_RATE_OF = 200
_ASKS = ("warning", "critical", "invalid")


def main() -> None:
    """Show every model, the worst first; then the history of the selected one."""
    chosen = scope.current()
    models = [queries.model_health(chosen.source, model) for model in chosen.models]
    models.sort(key=lambda each: (-Verdict(each.verdict).rank, -each.criticals, each.model))
    _title(models)
    _budget(chosen)
    _cards(chosen, models, incident_queries.open_by_model(chosen.source))
    _attention([notice for model in models for notice in model.notices])
    _history(chosen)
    _first_fired(chosen)


def _title(models: list[Health]) -> None:
    asking = [model for model in models if model.verdict in _ASKS]
    st.title("Health", anchor=False)
    worst = of_verdict(models[0].verdict)
    with st.container(horizontal=True, vertical_alignment="center"):
        page.badge(worst)
        if asking:
            verb = "needs" if len(asking) == 1 else "need"
            st.markdown(f"**{len(asking)} of {len(models)} models {verb} attention**")
        elif all(model.verdict == "ok" for model in models):
            st.markdown("**Nothing needs attention**")
        else:
            st.markdown("**Nothing is known to be wrong, but not every model could be judged**")


def _budget(chosen: scope.Scope) -> None:
    """Say what luck may have used of the budget of false pages; nothing under a policy without one."""
    judgements = [queries.newest_judgement(chosen.source, model.key) for model in chosen.models]
    newest = max((found[1] for found in judgements if found is not None), default=None)
    since, when = budget.period(datetime.now(UTC), newest)
    spent = []
    for model in chosen.models:
        starts = [each.first_at for each in queries.batches(chosen.source, model.key, _RATE_OF)]
        alpha = budget.false_page_chance(chosen.settings.monitors, starts)
        judged, paged = incident_queries.spent(chosen.source, model.key, since)
        if alpha is not None:
            spent.append(budget.Spent(alpha, judged, paged))
    if spent:
        st.caption(f":material/savings: {budget.sentence(spent, when, dry_run=chosen.settings.alerts.dry_run)}")


def _attention(notices: list[Notice]) -> None:
    if not notices:
        return
    ranked = sorted(notices, key=lambda each: -Verdict(each.verdict).rank)
    st.subheader(f"What needs attention ({len(notices)})", anchor=False)
    with st.container(border=True):
        for notice in ranked[:_MOST_FINDINGS]:
            _notice(notice)
        if len(ranked) > _MOST_FINDINGS:
            st.caption(f"and {len(ranked) - _MOST_FINDINGS} more, on the pages of their models")


def _notice(notice: Notice) -> None:
    verdict, text, link = st.columns([1.1, 6.4, 1.5], vertical_alignment="center")
    with verdict:
        page.badge(of_verdict(notice.verdict))
    with text:
        st.markdown(f"**{escaped(notice.model)}** · {sentence(notice.message, limit=340)}")
    with link:
        page.link(
            notice.page,
            f"Open {page.TITLES[notice.page]} :material/arrow_forward:",
            model=notice.model,
            batch=notice.batch,
            feature=notice.feature,
        )


def _cards(chosen: scope.Scope, models: list[Health], incidents: dict[str, tuple[int, int]]) -> None:
    shown = models
    if len(models) > _MOST_CARDS and not st.toggle(f"Show all {len(models)} models", key="every_model"):
        shown = models[:_MOST_CARDS]
    for model in shown:
        _card(chosen, model, *incidents.get(model.model, (0, 0)))


def _card(chosen: scope.Scope, model: Health, incidents: int, grave: int) -> None:
    with st.container(border=True, horizontal=True, gap="small"):
        with st.container(width=_NAME_WIDTH, gap="small"):
            with st.container(horizontal=True, vertical_alignment="center", wrap=False):
                page.badge(of_verdict(model.verdict))
                page.link("drift", f"**{escaped(model.model)}**", model=model.model)
            st.caption(_last(model))
        if model.judged_at is None:
            st.caption("Not judged yet: `driftboard run` lets the monitors look at it.")
            return
        _metrics(model)
        _incidents(incidents, grave)
        _service(chosen, model.model)


def _last(model: Health) -> str:
    if model.last_at is None:
        return "no batch yet"
    return f"batch {escaped(str(model.batch))} · {stamp(model.last_at)}"


def _metrics(model: Health) -> None:
    show = number if model.task == "regression" else percent
    st.metric(
        model.quality_name,
        "no labels" if model.quality is None else show(model.quality),
        chart_data=list(model.quality_trend) or None,
        help=f"Of the newest batch that has labels; {show(model.reference_quality)} in the reference.",
        width=_METRIC_WIDTH,
    )
    st.metric(
        "Drifted features",
        f"{model.drifted} of {model.n_features}",
        chart_data=list(model.drift_trend) or None,
        chart_type="area",
        help="Features with a warning or worse in the newest batch; the line is their share in each batch.",
        width=_METRIC_WIDTH,
    )
    st.metric(
        "Label coverage",
        percent(model.coverage),
        chart_data=list(model.coverage_trend) or None,
        chart_type="area",
        help="Share of the newest batch's predictions whose truth is known.",
        width=_METRIC_WIDTH,
    )


def _incidents(n: int, grave: int) -> None:
    st.metric(
        "Open incidents",
        n,
        f"{grave} critical" if grave else None,
        delta_color="off",
        delta_arrow="off",
        help="Problems that are not over: who was told of each, and who has it in hand, is on the Alerts page.",
        width=_METRIC_WIDTH,
    )


def _service(chosen: scope.Scope, model: str) -> None:
    """The worst service level; nothing where nothing is measured."""
    if not service_queries.counted(chosen.source, model):
        return
    level = level_cards.worst(service_queries.levels(chosen.source, model, chosen.settings, datetime.now(UTC)))
    if level is None:
        return
    status = of_level(level.status)
    st.metric(
        "Service level",
        f"{status.glyph} {status.word}",
        level.title,
        delta_color="off",
        delta_arrow="off",
        help=f"The worst of what is promised: {escaped(level.message, limit=300)} More on the page Service & SLO.",
        width=_METRIC_WIDTH,
    )


def _history(chosen: scope.Scope) -> None:
    frame = queries.verdicts(chosen.source, chosen.model.key, chosen.window)
    if frame.empty:
        return
    st.subheader(f"{escaped(chosen.model.key)}, batch by batch", anchor=False)
    n = frame["batch"].nunique()
    counts = ", ".join(
        f"{count:,} {of_verdict(str(name)).word}" for name, count in frame["verdict"].value_counts().items()
    )
    text = f"Verdicts of {len(MONITORS)} monitors over {n} batches of {plain(chosen.model.key)}: {counts}."
    page.chart(matrices.verdict_strip(frame, palette.current()), text)


def _first_fired(chosen: scope.Scope) -> None:
    st.subheader("First fired", anchor=False)
    tables = [
        first_fired(model.key, queries.verdicts(chosen.source, model.key, chosen.window))
        for model in chosen.models[:_MOST_CARDS]
    ]
    table = pd.concat(tables, ignore_index=True)
    st.caption(
        f"When each monitor first gave a warning, and a critical verdict, in the newest {chosen.window:,} batches."
    )
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(table) <= _MOST_ROWS else 700,
        column_config={
            "Model": st.column_config.TextColumn(pinned=True, width=190),
            "Fired": st.column_config.NumberColumn(help="Batches with a warning or worse", format="localized"),
            "Judged": st.column_config.NumberColumn(help="Batches judged", format="localized"),
        },
        alt="For each model and monitor, the batch of its first warning and of its first critical verdict.",
    )
    page.download(table, "first-fired")


main()
