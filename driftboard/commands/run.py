"""`driftboard run`: the monitors judge what is due."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from driftboard.commands import options
from driftboard.commands.options import counted

if TYPE_CHECKING:
    from driftboard.config import Settings
    from driftboard.data import Store
    from driftboard.round import Evaluated


def run(
    context: typer.Context,
    model: options.ModelName = None,
    watch: Annotated[bool, typer.Option("--watch", help="Keep running: look again every --interval seconds.")] = False,  # noqa: FBT002 - a flag
    interval: Annotated[float, typer.Option("--interval", min=0.1, help="Seconds between two looks.")] = 60.0,
    config: options.ConfigFile = None,
) -> None:
    """Let the monitors judge what is new.

    Every batch whose predictions or labels changed is compared with its model's reference; the reports are stored, and
    what they make of incidents is sent. Alerts are a dry run until `alerts.dry_run = false` is configured. With --watch
    the monitors look when schedule.judge says so, where it is set.

    \b
    Examples:
      driftboard run                          once, from cron
      driftboard run --watch --interval 30    as a service, until it is stopped
    """  # noqa: D301 - the escape is click's
    from driftboard.data import open_store, parse_model_key  # noqa: PLC0415 - `--help` is quick
    from driftboard.errors import ConfigError  # noqa: PLC0415

    if watch and model is not None:
        raise ConfigError("--watch looks after every model: leave out --model")
    settings = options.settings_of(context, config)
    with open_store(options.log_of(settings)) as store:
        if watch:
            _watch(store, settings, interval)
        else:
            _once(store, settings, None if model is None else parse_model_key(model))


def _once(store: "Store", settings: "Settings", model: "object | None") -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    from driftboard.alerts.dispatch import dispatch  # noqa: PLC0415
    from driftboard.alerts.patrol import patrol  # noqa: PLC0415
    from driftboard.chores import Chores  # noqa: PLC0415
    from driftboard.worker import evaluate_due  # noqa: PLC0415

    settings = settings.model_copy(update={"alerts": settings.alerts.without_wait()})
    done = evaluate_due(store, settings, model=model, on_batch=lambda each: typer.echo(batch_line(each)))  # type: ignore[arg-type]
    Chores(store, settings, lasting=False).do(datetime.now(UTC))
    patrol(store, settings.alerts, now=datetime.now(UTC))
    sent = dispatch(store, settings, now=datetime.now(UTC))
    _name_unjudged(store)
    typer.echo(summary(done) if done else "Nothing is due: every batch has been judged.")
    counts = {"sent": sent.delivered, "dry run": sent.dry_run, "to be retried": sent.retried, "given up": sent.dead}
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    if told:
        typer.echo(f"Messages: {told}.")


def batch_line(evaluated: "Evaluated") -> str:
    """Return one line on one batch: the monitors that have something to say, and the incidents that moved."""
    return "; ".join((f"{evaluated.model}  {evaluated.batch_id}  {evaluated.summary}", *evaluated.news))


def summary(done: "tuple[Evaluated, ...]") -> str:
    """Return one line on a whole round: batches by their worst verdict."""
    worsts = Counter(each.verdict for each in done)
    by_verdict = ", ".join(f"{worsts[verdict]} {verdict}" for verdict in sorted(worsts, key=lambda each: -each.rank))
    return f"{counted(len(done), 'batch')} judged: {by_verdict}."


def _name_unjudged(store: "Store") -> None:
    """Say which models cannot be judged, and what to do about it."""
    from driftboard.data import list_models, load_reference  # noqa: PLC0415

    with store.read() as connection:
        models = list_models(connection)
        without = [model.key for model in models if load_reference(connection, model) is None]
    if not models:
        typer.echo("No model is registered: see `driftboard init --help`.", err=True)
    for key in without:
        typer.echo(f"{key} has no reference: `driftboard init --model {key} --reference FILE`.", err=True)


def _watch(store: "Store", settings: "Settings", interval: float) -> None:
    import logging  # noqa: PLC0415
    import signal  # noqa: PLC0415
    import threading  # noqa: PLC0415

    from driftboard.worker import watch  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    typer.echo(f"Watching {store.name} every {interval:g} s (stop it with Ctrl-C)")
    watch(store, settings, interval_seconds=interval, stop=stop)
    typer.echo("Stopped.")
