"""What processes used is kept by the minute."""

from datetime import UTC, datetime, timedelta

from driftboard.data import ModelKey, Store, get_model
from driftboard.data.process_samples import Gpu, ProcessSample, forget_samples, read_samples, save_sample

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = {"since": NOW - HOUR, "until": NOW + HOUR}


def sample(
    process: str = "web-1:7", at: datetime = NOW, model_id: int | None = None, cpu: float = 0.5
) -> ProcessSample:
    """What a process used, graphics cards included."""
    gpus = (Gpu("A10", 0.25, 2**30, 24 * 2**30), Gpu("A10", 0.0, 0, 24 * 2**30))
    component = "worker" if model_id is None else "service"
    return ProcessSample(process, at, model_id, component, cpu, 10_000_000_000, 1, 2, 3, 4, 5, gpus)


def save(store: Store, *samples: ProcessSample) -> None:
    """Store samples."""
    with store.write() as connection:
        for each in samples:
            save_sample(connection, each)


def test_a_sample_is_read_back(store: Store) -> None:
    """Every value of it, cards included; those of the time asked for, in order of time."""
    samples = [sample(at=NOW + timedelta(minutes=n)) for n in (2, 0, 1)]
    save(store, *samples, sample(at=NOW + HOUR), sample(at=NOW - 2 * HOUR))
    with store.read() as connection:
        assert read_samples(connection, **WINDOW) == (samples[1], samples[2], samples[0])


def test_a_minute_of_a_process_is_kept_once(store: Store) -> None:
    """The later sample replaces the earlier one."""
    save(store, sample(cpu=0.1), sample(cpu=0.9), sample("web-2:7", cpu=0.3))
    with store.read() as connection:
        assert [each.cpu for each in read_samples(connection, **WINDOW)] == [0.9, 0.3]


def test_a_process_may_serve_several_models(store: Store, key: ModelKey) -> None:
    """Each shows what it uses; one more sample of the minute replaces that of its model only."""
    with store.read() as connection:
        model_id = get_model(connection, key).model_id
    save(store, sample(cpu=0.1), sample(model_id=model_id, cpu=0.2), sample(model_id=model_id, cpu=0.3))
    with store.read() as connection:
        assert sorted(each.cpu for each in read_samples(connection, **WINDOW)) == [0.1, 0.3]


def test_those_of_a_model_or_our_own(store: Store, key: ModelKey) -> None:
    """A service's page shows its processes, the page of driftboard itself only those that serve no model."""
    with store.read() as connection:
        model_id = get_model(connection, key).model_id
    save(store, sample("a:1", model_id=model_id), sample("b:1"))
    with store.read() as connection:
        assert [each.process for each in read_samples(connection, **WINDOW, model_id=model_id)] == ["a:1"]
        assert [each.process for each in read_samples(connection, **WINDOW, own=True)] == ["b:1"]
        assert len(read_samples(connection, **WINDOW)) == 2


def test_one_minute_of_many_is_enough_for_a_chart(store: Store) -> None:
    """The first of each stretch."""
    save(store, *[sample(at=NOW + timedelta(minutes=n)) for n in range(25)])
    with store.read() as connection:
        found = read_samples(connection, **WINDOW, every=timedelta(minutes=10))
    assert [each.at.minute for each in found] == [30, 40, 50]


def test_old_ones_are_forgotten(store: Store) -> None:
    """And only those."""
    save(store, sample(), sample(at=NOW - HOUR))
    with store.write() as connection:
        assert forget_samples(connection, before=NOW) == 1
    with store.read() as connection:
        assert read_samples(connection, **WINDOW) == (sample(),)
