"""A case: one batch to be judged and those before it, read from one state of the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection

from driftboard.bench import Bench
from driftboard.budget import batches_per_day, parse_false_pages
from driftboard.data.catalog import Model
from driftboard.data.profiles import EarlierProfile, earlier_profiles, has_profile
from driftboard.data.reading import BatchInfo, first_batches, get_batch, preceding_batches, read_batch
from driftboard.data.reports import seen_by
from driftboard.data.times import to_micros
from driftboard.errors import PurgedBatch
from driftboard.monitor_settings import MonitorSettings
from driftboard.monitors import Detector, Profile, Sample, Verdict, profile_from_bytes
from driftboard.reference_groups import FIRST_BATCHES, Rhythm, rhythm_of
from driftboard.samples import as_sample
from driftboard.seasons import season_of

_RATED = 200  # of the newest batches, to tell how many there are in a day


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What a verdict on a batch is made from.

    Attributes
    ----------
    batch, sample
        The batch, and its rows.
    detector, layout
        What it is judged with, and what its profile counts.
    profiles
        Of the batches before it, oldest first, and of the batch itself, which is the last.
    counted
        Those of them that were not kept, or not of this state: to be kept now.
    together
        The multivariate monitor's verdict where it has seen these very rows; None where it has to look. Labels change
        nothing for it, and rows are never edited.
    """

    batch: BatchInfo
    sample: Sample
    detector: Detector
    layout: str
    profiles: tuple[Profile, ...]
    counted: tuple[tuple[BatchInfo, Profile], ...]
    together: Verdict | None


def read_case(connection: Connection, model: Model, bench: Bench, batch_key: int, settings: MonitorSettings) -> Case:
    """Read a batch, and the profiles before it; what is not kept is counted from its rows.

    So a verdict is a function of what is stored, whatever a worker kept in memory, and whichever came first.

    Raises
    ------
    PurgedBatch
        The rows of the batch itself are gone.
    StoreError
        A block is not as it was written.
    """
    batch = get_batch(connection, batch_key)
    season = _season(batch, settings)
    layout = bench.layout(season)
    earlier = earlier_profiles(
        connection,
        model,
        batch,
        bench.reference_id,
        layout=layout,
        alike=None if settings.season == "none" else lambda each: _season(each, settings) == season,
    )
    detector = bench.detector(season, *_circumstances(connection, model, batch, settings))
    before, counted = _profiles_before(connection, model, earlier, detector, settings)
    sample = as_sample(read_batch(connection, model, batch), segments=settings.segments)
    profile = detector.profile(sample, name=batch.batch_id)
    together = _together(connection, bench, batch)
    return Case(batch, sample, detector, layout, (*before, profile), (*counted, (batch, profile)), together)


def _together(connection: Connection, bench: Bench, batch: BatchInfo) -> Verdict | None:
    seen = seen_by(connection, batch, "multivariate")
    same = seen is not None and (seen.n_predictions, seen.reference_id) == (batch.n_predictions, bench.reference_id)
    return Verdict(seen.verdict) if seen and same and has_profile(connection, batch, bench.reference_id) else None


def _profiles_before(
    connection: Connection,
    model: Model,
    earlier: Sequence[EarlierProfile],
    detector: Detector,
    settings: MonitorSettings,
) -> tuple[list[Profile], list[tuple[BatchInfo, Profile]]]:
    """All that can be had, and those that were not kept. A purged batch without a profile is left out."""
    profiles: list[Profile] = []
    counted: list[tuple[BatchInfo, Profile]] = []
    for each in earlier:
        profile = None if each.payload is None else _kept(each.payload)
        if profile is None:
            try:
                rows = read_batch(connection, model, each.batch)
            except PurgedBatch:
                continue
            profile = detector.profile(as_sample(rows, segments=settings.segments), name=each.batch.batch_id)
            counted.append((each.batch, profile))
        profiles.append(profile)
    return profiles, counted


@lru_cache(maxsize=64)  # the batches of a window come up again with each batch that follows
def _kept(payload: bytes) -> Profile | None:
    try:
        return profile_from_bytes(payload)
    except Exception:  # noqa: BLE001 - bytes of a version that is to come may read as anything: count again
        return None


def _circumstances(
    connection: Connection, model: Model, batch: BatchInfo, settings: MonitorSettings
) -> tuple[Rhythm | None, float]:
    """How the model's batches cut time, and what the budget leaves to each, as the batches up to this one tell."""
    first = [
        (to_micros(each.first_at), to_micros(each.last_at))
        for each in first_batches(connection, model, oldest=FIRST_BATCHES)
        if (each.first_at, each.batch_key) <= (batch.first_at, batch.batch_key)
    ]
    budget = parse_false_pages(settings.false_pages)
    if budget.days is None:
        return rhythm_of(first), budget.alpha(None)
    newest = (*preceding_batches(connection, model, batch, newest=_RATED - 1), batch)
    return rhythm_of(first), budget.alpha(batches_per_day([each.first_at for each in newest]))


def _season(batch: BatchInfo, settings: MonitorSettings) -> int:
    return season_of(settings.season, to_micros(batch.first_at), to_micros(batch.last_at))
