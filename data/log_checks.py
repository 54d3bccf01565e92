"""What `driftboard doctor` looks at inside the log; each check is a reading transaction of its own."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from driftboard.data import tables
from driftboard.data.catalog import list_models
from driftboard.data.channel_states import channel_states
from driftboard.data.check import Check, critical, ok, warning
from driftboard.data.feature_schema import schema_events
from driftboard.data.heartbeats import Heartbeat, heartbeats
from driftboard.data.outbox import Delivery, count_deliveries, oldest_queued
from driftboard.data.reports import due_batches
from driftboard.data.times import from_micros, to_micros
from driftboard.data.verify import damaged_blocks, damaged_profiles, damaged_references, wrong_counts

SKEW = timedelta(minutes=5)
PATIENCE = timedelta(hours=1)
"""How long a batch may be unjudged."""
LONGEST_QUEUE = timedelta(minutes=5)
RECENT = timedelta(days=7)
ORPHAN_AGE = timedelta(days=30)
_NAMED = 3


def check_pages(connection: Connection, now: datetime, *, deep: bool = False) -> Check:  # noqa: ARG001 - all checks take it
    """The pages of a SQLite file; PostgreSQL looks after its own."""
    if connection.dialect.name != "sqlite":
        return ok("pages", "left to the server")
    pragma = "integrity_check" if deep else "quick_check"
    problems = [row[0] for row in connection.exec_driver_sql(f"PRAGMA {pragma}({_NAMED})")]
    if problems != ["ok"]:
        return critical("pages", problems[0], "stop writing; restore a backup")
    return ok("pages", f"{pragma} found nothing")


def check_contents(connection: Connection, now: datetime) -> Check:  # noqa: ARG001
    """Every block, reference and profile against its checksum, every place against its block."""
    checks = (damaged_blocks, damaged_references, damaged_profiles, wrong_counts)
    found = [line for check in checks for line in check(connection)]
    if found:
        more = f" (and {len(found) - _NAMED} more)" if len(found) > _NAMED else ""
        return critical("contents", "; ".join(found[:_NAMED]) + more, "restore a backup; the rest can still be read")
    blocks = connection.execute(select(func.count()).select_from(tables.blocks)).scalar_one()
    return ok("contents", f"{blocks:,} blocks, every reference and profile match their checksums")


def check_clock(connection: Connection, now: datetime) -> Check:
    """Nothing was stored after the present: else a clock was set back, or a client's is ahead."""
    newest = select(tables.blocks.c.received_at).order_by(tables.blocks.c.block_id.desc()).limit(1_000).subquery()
    times = {
        "a write": select(func.max(newest.c.received_at)),
        "a report": select(func.max(tables.monitor_reports.c.created_at)),
        "an incident": select(func.max(tables.incidents.c.opened_at)),
        "a prediction": select(func.max(tables.batches.c.last_at)),
    }
    stored = {name: connection.execute(query).scalar() for name, query in times.items()}
    ahead = {name: at for name, at in stored.items() if at is not None and at > to_micros(now + SKEW)}
    if ahead:
        name = max(ahead, key=lambda each: ahead[each])
        by = from_micros(ahead[name]) - now
        return warning("clock", f"{name} is dated {by} after now", "synchronise the clocks of this machine and clients")
    return ok("clock", "nothing is dated after now")


def check_messages(connection: Connection, now: datetime) -> Check:
    """Messages go out, and do not wait for long."""
    counts = count_deliveries(connection)
    oldest = oldest_queued(connection, now=now)
    queued, dead = counts[Delivery.QUEUED], counts[Delivery.DEAD]
    finding = f"{queued:,} queued, {dead:,} given up"
    if oldest is not None and now - oldest > LONGEST_QUEUE:
        advice = "is `driftboard run --watch` running? `driftboard alerts test` says whether the channels work"
        return warning("messages", f"{finding}; the oldest waits since {oldest:%Y-%m-%d %H:%M}", advice)
    if dead:
        return warning("messages", finding, "see why on the dashboard's page of alerts")
    return ok("messages", finding)


def check_channels(connection: Connection, now: datetime) -> Check:
    """No channel is blocked, failing or broken."""
    states = channel_states(connection)
    broken = [f"{name} ({each.reason or each.status})" for name, each in sorted(states.items()) if each.status != "ok"]
    blocked = [name for name, each in sorted(states.items()) if each.blocked_until > now]
    if broken:
        advice = "correct its settings, then `driftboard alerts test`"
        return warning("channels", f"{len(broken)} of {len(states)} do not work: {_some(broken)}", advice)
    if blocked:
        return ok("channels", f"{_some(blocked)} asked us to wait")
    return ok("channels", f"{len(states)} used so far, all work")


def check_heartbeats(connection: Connection, now: datetime) -> Check:
    """Who ever watched still watches."""
    newest: dict[str, Heartbeat] = {}
    for each in heartbeats(connection):
        kind = each.component.partition(":")[0]
        if kind not in newest or each.at > newest[kind].at:
            newest[kind] = each
    late = [
        f"{kind} since {each.at:%Y-%m-%d %H:%M}"
        for kind, each in sorted(newest.items())
        if now - each.at > max(3 * timedelta(seconds=each.interval_seconds), timedelta(minutes=1))
    ]
    if late:
        return warning("heartbeats", f"none of the {_some(late)}", "start `driftboard run --watch` again")
    return ok("heartbeats", ", ".join(sorted(newest)) or "nobody watches; `driftboard run` is called by hand or cron")


def check_due(connection: Connection, now: datetime) -> Check:
    """What was logged is judged within the hour."""
    k, r = tables.blocks, tables.references
    judged = set(connection.execute(select(r.c.model_id).distinct()).scalars())
    n_due, waiting = 0, 0
    for model in list_models(connection):
        due = due_batches(connection, model) if model.model_id in judged else ()
        n_due += len(due)
        for batch_key in due[:100]:
            newest = connection.execute(select(func.max(k.c.received_at)).where(k.c.batch_key == batch_key)).scalar()
            waiting += newest is not None and newest < to_micros(now - PATIENCE)
    if waiting:
        return warning("batches due", f"{n_due:,}, some for more than an hour", "run `driftboard run --watch`")
    return ok("batches due", f"{n_due:,}")


def check_references(connection: Connection, now: datetime) -> Check:  # noqa: ARG001
    """Every model has something to be compared with."""
    m, r = tables.models, tables.references
    models = list_models(connection)
    judged = set(connection.execute(select(m.c.model_id).join(r).distinct()).scalars())
    without = [str(model.key) for model in models if model.model_id not in judged]
    if without:
        advice = f"driftboard init --model {without[0]} --reference FILE"
        return warning("references", f"{len(without)} of {len(models)} models have none: {_some(without)}", advice)
    return ok("references", f"{len(models)} models, each has one")


def check_quarantine(connection: Connection, now: datetime) -> Check:
    """Rows that could not be stored as given, of late."""
    q = tables.quarantine
    rows = connection.execute(select(q.c.reason, func.count().label("n")).group_by(q.c.reason)).all()
    reasons = Counter({row.reason: row.n for row in rows})
    newest = connection.execute(select(func.max(q.c.received_at))).scalar()
    finding = f"{reasons.total():,} rows"
    if newest is not None and newest > to_micros(now - RECENT):
        first = _some([f"{reason} ({count:,})" for reason, count in reasons.most_common(_NAMED)])
        return warning("quarantine", f"{finding}: {first}", "correct the client that sends them")
    return ok("quarantine", finding)


def check_waiting_labels(connection: Connection, now: datetime) -> Check:
    """Labels find their predictions within a month."""
    o = tables.orphan_labels
    total, oldest = connection.execute(select(func.count(), func.min(o.c.received_at))).one()
    if oldest is not None and oldest < to_micros(now - ORPHAN_AGE):
        advice = "do labels and predictions use the same ids? `driftboard purge` drops old ones"
        return warning(
            "labels waiting", f"{total:,} for their predictions, since {from_micros(oldest):%Y-%m-%d}", advice
        )
    return ok("labels waiting", f"{total:,} for their predictions")


def check_features(connection: Connection, now: datetime) -> Check:
    """The features that arrive are those of the reference."""
    events = [
        f"{event.feature} {event.change} in {model.key} since batch {event.batch_id}"
        for model in list_models(connection)
        for event in schema_events(connection, model, since=now - RECENT)
    ]
    if events:
        return warning("features", f"{len(events)} changed: {_some(events)}", "promote a new reference if it is meant")
    return ok("features", "as in the references")


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
