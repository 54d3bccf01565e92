"""`driftboard alerts list`: the incidents."""

from typing import TYPE_CHECKING, Annotated

import typer

from driftboard.commands import options
from driftboard.commands.alerts.options import Json, table, written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from driftboard.data.incident import Incident

_MOST = 1000


def list_(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too: the newest 1,000.")] = False,  # noqa: FBT002 - a flag
    model: options.ModelName = None,
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="RULE", help="Of one rule, as in feature_drift.")
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help="firing, recovering, no_data or resolved.")
    ] = None,
    json: Json = False,  # noqa: FBT002
    config: options.ConfigFile = None,
) -> None:
    """List what is wrong, the gravest first.

    \b
    Examples:
      driftboard alerts list
      driftboard alerts list --all --rule feature_drift --model churn:2
      driftboard alerts list --json | jq '.[].incident_id'
    """  # noqa: D301 - the escape is click's
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.data import get_model, open_store_read_only, parse_model_key  # noqa: PLC0415
    from driftboard.data.incident import OPEN, IncidentState  # noqa: PLC0415
    from driftboard.data.incidents import recent_incidents  # noqa: PLC0415

    states = (_known(state, list(IncidentState)),) if state else () if every else OPEN
    rules = () if rule is None else (_known(rule, _rules()),)
    settings = options.settings_of(context, config)
    with open_store_read_only(options.log_of(settings)) as store, store.read() as connection:
        model_id = None if model is None else get_model(connection, parse_model_key(model)).model_id
        found = recent_incidents(connection, model_id=model_id, states=states, rules=rules, limit=_MOST)
    now = datetime.now(UTC)
    typer.echo(_as_json(found) if json else _as_table(_ranked(found), now) if found else "There is no such incident.")


def _rules() -> list[str]:
    from driftboard.alerts.rules import RULES  # noqa: PLC0415

    return list(RULES)


def _known(name: str, names: "Sequence[str]") -> str:
    """The name itself; ConfigError with the nearest one where it is none of them."""
    import difflib  # noqa: PLC0415

    from driftboard.errors import ConfigError  # noqa: PLC0415

    if name in names:
        return name
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!s}?" if near else f"there are {', '.join(names)}"
    raise ConfigError(f"there is no {name!r}: {hint}")


def _ranked(found: "tuple[Incident, ...]") -> "list[Incident]":
    from driftboard.alerts.severity import Severity  # noqa: PLC0415

    return sorted(found, key=lambda each: (not each.is_open, -Severity(each.severity).rank, -each.incident_id))


def _as_table(found: "Sequence[Incident]", now: "datetime") -> str:
    from driftboard.commands.alerts.words import about, model_of, standing  # noqa: PLC0415

    rows = [("ID", "STATE", "SEVERITY", "MODEL", "OPENED (UTC)", "WINDOWS", "WHAT", "")]
    for each in found:
        first = (str(each.incident_id), str(each.state), each.severity, model_of(each), written(each.opened_at))
        rows.append((*first, f"{each.windows:,}", about(each), standing(each, now)))
    return table(rows)


def _as_json(found: "Sequence[Incident]") -> str:
    from dataclasses import asdict  # noqa: PLC0415

    import orjson  # noqa: PLC0415

    return orjson.dumps([asdict(each) for each in found]).decode()
