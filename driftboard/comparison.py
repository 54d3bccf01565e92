"""Champion against challenger: the predictions that both made, read from the log and compared."""

from collections.abc import Sequence
from datetime import datetime

from driftboard.data.catalog import get_model
from driftboard.data.model_key import ModelKey
from driftboard.data.pairs import Pairs, read_pairs
from driftboard.data.store import Store
from driftboard.errors import ConfigError
from driftboard.monitors import Categorical
from driftboard.monitors.paired_classes import compare_classes
from driftboard.monitors.paired_report import PairedReport
from driftboard.monitors.paired_values import compare_values


def compare_models(
    store: Store,
    champion: ModelKey,
    challenger: ModelKey,
    *,
    since: datetime | None = None,
    newest: int | None = None,
    segments: Sequence[str] | None = None,
) -> PairedReport:
    """Return how two models compare on the predictions that both made under the same ids.

    Parameters
    ----------
    store
        Open, for reading is enough.
    champion, challenger
        Two models of one task: two versions, as a rule.
    since, newest, segments
        What is read of the champion's log: see `driftboard.data.pairs.read_pairs`.

    Raises
    ------
    UnknownModel
        One of them is not registered.
    ConfigError
        The two cannot be compared, or nothing that they predicted has such a segment.
    StoreError
        The log cannot be read.
    """
    with store.read() as connection:
        models = get_model(connection, champion), get_model(connection, challenger)
        pairs = read_pairs(connection, *models, since=since, newest=newest, segments=segments)
    _refuse_unknown(pairs, segments or ())
    compare = compare_classes if pairs.task == "classification" else compare_values
    return compare(
        pairs.labels,
        pairs.champion,
        pairs.challenger,
        segments={name: Categorical(codes, levels) for name, (codes, levels) in pairs.segments.items()},
        names=_called(champion, challenger),
    )


def _refuse_unknown(pairs: Pairs, segments: Sequence[str]) -> None:
    unknown = [name for name in segments if name not in pairs.segments]
    if unknown and len(pairs):
        raise ConfigError(f"none of these predictions has a segment or feature {unknown[0]!r}")


def _called(champion: ModelKey, challenger: ModelKey) -> tuple[str, str]:
    """Their names, without the environment where it is the same."""
    if champion.environment != challenger.environment:
        return str(champion), str(challenger)
    return f"{champion.name}:{champion.version}", f"{challenger.name}:{challenger.version}"
