"""`driftboard promote`: production that somebody vouches for becomes the reference."""

from typing import Annotated

import typer

from driftboard.commands import options
from driftboard.commands.options import counted


def promote(
    context: typer.Context,
    model: Annotated[str, typer.Option("--model", metavar="NAME[:VERSION][@ENV]", help="Whose predictions.")],
    last: Annotated[
        str | None, typer.Option("--last", metavar="AGE", help="So much of it. [default: schedule.reference_window]")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="Batches from then on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Batches before then.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it although incidents of the model are open.")] = False,  # noqa: FBT002 - a flag
    config: options.ConfigFile = None,
) -> None:
    """Make production the reference.

    From now on every batch is compared with the predictions of that time; earlier references are kept. Use it after a
    change that is here to stay, or where there is no held-out data. Whatever was wrong in that time becomes normal, so
    it refuses while an incident of the model is open, unless it is told --yes.

    \b
    Examples:
      driftboard promote --model churn --last 30d
      driftboard promote --model churn --since 2026-01-01 --until 2026-02-01
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.data import get_model, open_store, parse_model_key  # noqa: PLC0415
    from driftboard.data.incidents import open_incidents  # noqa: PLC0415
    from driftboard.data.production import promote_production  # noqa: PLC0415
    from driftboard.errors import ConfigError  # noqa: PLC0415
    from driftboard.written_times import parse_age, parse_instant  # noqa: PLC0415

    if last is not None and since is not None:
        raise ConfigError("--last and --since say the same thing twice: leave one out")
    settings = options.settings_of(context, config)
    now = datetime.now(UTC)
    end = now if until is None else parse_instant(until)
    age = parse_age(last or settings.schedule.reference_window)
    begin = end - age if since is None else parse_instant(since)
    with open_store(options.log_of(settings)) as store:
        with store.read() as connection:
            owner = get_model(connection, parse_model_key(model))
            trouble = open_incidents(connection, model_id=owner.model_id)
        if trouble and not yes:
            open_now = counted(len(trouble), "open incident")
            raise ConfigError(f"{owner.key} has {open_now}, which would become normal: add --yes if it is to")
        done = promote_production(store, owner, since=begin, until=end, now=now)
    typer.echo(
        f"The reference of {owner.key} is {counted(done.n_rows, 'row')}, {counted(done.n_labels, 'label')}, of "
        f"{counted(len(done.batches), 'batch')}: {done.batches[0].batch_id} to {done.batches[-1].batch_id}."
    )
