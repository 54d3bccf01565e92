"""Look-back windows: a verdict on a batch is a function of what is stored, whoever judged the batches before it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from driftboard.data import Store, get_model, label_predictions, log_predictions, open_store, promote_reference
from driftboard.data.erasure import erase
from driftboard.data.retention import purge
from driftboard.monitors import FeatureReport
from driftboard.monitors.multivariate import MultivariateMonitor
from driftboard.worker import Worker, evaluate_due
from tests.driftboard.streams import DAY, KEY, START, batch, register, report_on, said, truth, with_monitors

SETTINGS = with_monitors()
NOW = START + 30 * DAY
N = 6
LAST = f"b{N - 1}"


def log_all(store: Store, *, last: int = N, **given: float) -> None:
    """A registered model with six labelled batches, the last two of which are a little off."""
    register(store)
    for number in range(last):
        log_one(store, number, **given)


def log_one(store: Store, number: int, *, shift: float = 0.3) -> None:
    """One of them."""
    at = START + number * DAY
    given = batch(f"b{number}", at=at, shift=shift if number >= N - 2 else 0.0)
    log_predictions(store, given, now=at)
    labels = dict(zip(given.prediction_ids or (), truth(given), strict=True))
    label_predictions(store, labels, model=KEY, now=at, observed_at=at)


@pytest.fixture
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of the last batch by a worker that finds all of them at once: after an outage."""
    with open_store(tmp_path_factory.mktemp("other") / "log.sqlite") as store:
        log_all(store)
        assert len(evaluate_due(store, SETTINGS, now=NOW)) == N
        return said(store, LAST)


def statement(store: Store, sql: str, **values: object) -> None:
    """Change the database behind everybody's back."""
    with store.write() as connection:
        connection.execute(text(sql), values)


def test_batches_that_come_one_by_one_are_judged_as_after_an_outage(store: Store, expected: dict[str, str]) -> None:
    """By the byte, in every monitor, though each was judged by another process that kept nothing."""
    log_all(store, last=0)
    for number in range(N):
        log_one(store, number)
        assert [each.batch_id for each in Worker(store, SETTINGS).evaluate_all(NOW)] == [f"b{number}"]
    assert said(store, LAST) == expected


def test_profiles_that_are_lost_damaged_or_of_another_version_are_counted_again(
    store: Store, expected: dict[str, str]
) -> None:
    """C17, C18: whatever happens to them, the report is the same, and they are kept again."""
    log_all(store, last=N - 1)
    evaluate_due(store, SETTINGS, now=NOW)
    statement(store, "DELETE FROM profiles WHERE batch_key = 1")
    statement(store, "UPDATE profiles SET payload = :other WHERE batch_key = 2", other=b"damaged")
    statement(store, "UPDATE profiles SET payload = :other, checksum = 0 WHERE batch_key = 3", other=b"")
    log_one(store, N - 1)
    evaluate_due(store, SETTINGS, now=NOW)
    assert said(store, LAST) == expected
    with store.read() as connection:
        rows = connection.execute(text("SELECT count(*), min(length(payload)) FROM profiles")).one()
    assert rows[0] == N
    assert rows[1] > 100


def test_a_small_shift_is_found_by_several_batches_together(store: Store) -> None:
    """One batch of 60 rows shows too little; the report says how many it took, and since which."""
    register(store)
    for number in range(12):
        log_predictions(store, batch(f"b{number}", 60, at=START + number * DAY, shift=0.35 * (number > 3)), now=NOW)
    evaluate_due(store, SETTINGS, now=NOW)
    report = report_on(store, "b11", "feature")
    assert isinstance(report, FeatureReport)
    (moved,) = (each for each in report.features if each.feature == "x")
    assert moved.evidence is not None
    assert moved.evidence.passes
    assert (moved.evidence.batches, moved.evidence.since, moved.evidence.n) == (8, "b4", 480)


def test_a_purged_batch_goes_on_counting(store: Store, expected: dict[str, str]) -> None:
    """Its rows are gone, its counts are not."""
    log_all(store, last=N - 1)
    evaluate_due(store, SETTINGS, now=NOW)
    with store.read() as connection:
        model = get_model(connection, KEY)
    purged = purge(store, model, older_than=timedelta(days=1), now=START + 4 * DAY)
    assert purged.batches == 3
    log_one(store, N - 1)
    evaluate_due(store, SETTINGS, now=NOW)
    assert said(store, LAST) == expected


def test_a_window_does_without_a_batch_of_which_nothing_is_left(store: Store) -> None:
    """Purged before it was judged: the others are judged all the same."""
    log_all(store)
    with store.read() as connection:
        model = get_model(connection, KEY)
    purge(store, model, older_than=timedelta(days=1), now=START + 2 * DAY)
    assert [each.batch_id for each in evaluate_due(store, SETTINGS, now=NOW)] == [f"b{n}" for n in range(1, N)]


def test_who_is_erased_has_never_been_counted(store: Store, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The next report is that of a log in which the rows never were."""
    log_all(store, last=N - 1)
    evaluate_due(store, SETTINGS, now=NOW)
    gone = [f"b4-{row}" for row in range(50)]
    with store.read() as connection:
        model = get_model(connection, KEY)
    erase(store, model, gone)
    log_one(store, N - 1)
    evaluate_due(store, SETTINGS, now=NOW)
    with open_store(tmp_path_factory.mktemp("other") / "log.sqlite") as other:
        log_all(other)
        with other.read() as connection:
            model = get_model(connection, KEY)
        erase(other, model, gone)
        evaluate_due(other, SETTINGS, now=NOW)
        assert said(store, LAST) == said(other, LAST)


def test_a_new_reference_counts_the_batches_before_anew(store: Store) -> None:
    """C8: what the next batch is compared with is the new one, in every window."""
    log_all(store, last=N - 1, shift=2.0)
    worker = Worker(store, SETTINGS)
    worker.evaluate_all(NOW)
    moved = batch("moved", 2000, shift=2.0)
    promote_reference(store, batch("moved", 2000, shift=2.0, labels=truth(moved)))
    log_one(store, N - 1, shift=2.0)
    (evaluated,) = worker.evaluate_all(NOW)
    assert evaluated.batch_id == LAST
    with store.read() as connection:
        assert set(connection.execute(text("SELECT reference_id FROM profiles")).scalars()) == {2}
    with_fresh = said(store, LAST)
    statement(store, "DELETE FROM profiles")
    statement(store, "DELETE FROM monitor_reports WHERE batch_key = 6")
    Worker(store, SETTINGS).evaluate_all(NOW)
    assert said(store, LAST) == with_fresh


def test_the_information_monitors_can_be_left_out(store: Store) -> None:
    """Five monitors remain, and the verdict does not miss the others."""
    log_all(store, last=1)
    (evaluated,) = evaluate_due(store, with_monitors(multivariate=True), now=NOW)
    assert len(evaluated.verdicts) == 6
    log_one(store, 1)
    (evaluated,) = evaluate_due(store, SETTINGS, now=NOW)
    assert set(evaluated.verdicts) == {"feature", "relations", "quality", "prediction", "performance"}


def test_the_features_together_are_looked_at_when_rows_changed_and_not_for_labels(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its verdict stands as long as the rows do: one look for a batch, one for a new row, one after an erasure."""
    looks: list[int] = []
    look = MultivariateMonitor.report
    monkeypatch.setattr(MultivariateMonitor, "report", lambda self, batch: looks.append(batch.n) or look(self, batch))
    settings = with_monitors(multivariate=True)
    register(store)
    log_predictions(store, batch("b0", at=START), now=START)
    evaluate_due(store, settings, now=NOW)
    label_predictions(store, {"b0-0": 1}, model=KEY, now=START)
    (evaluated,) = evaluate_due(store, settings, now=NOW)
    assert "multivariate" in evaluated.verdicts
    with store.read() as connection:
        model = get_model(connection, KEY)
    erase(store, model, ["b0-5"])
    more = replace(batch("b0", 1, at=START), prediction_ids=["more"])
    log_predictions(store, more, now=START)
    evaluate_due(store, settings, now=NOW)
    assert looks == [200, 200]
