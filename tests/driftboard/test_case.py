"""A case: which detector judges a batch, and which batches before it count."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from driftboard.bench import Bench
from driftboard.budget import DEFAULT_ALPHA
from driftboard.case import Case, read_case
from driftboard.config import Settings
from driftboard.data import Store, find_batch, get_model, load_reference, log_predictions, promote_reference
from driftboard.data import register_model as register_only
from driftboard.monitors import CalibratedPolicy, ClassicPolicy, FeatureReport, Verdict
from driftboard.worker import evaluate_due
from tests.driftboard.streams import DAY, HOUR, KEY, START, batch, register, with_monitors


def case_of(store: Store, batch_id: str, settings: Settings) -> Case:
    """What a verdict on a batch is made from."""
    with store.read() as connection:
        model = get_model(connection, KEY)
        reference = load_reference(connection, model)
        assert reference is not None
        key = find_batch(connection, model, batch_id).batch_key
        return read_case(connection, model, Bench(reference, settings.monitors), key, settings.monitors)


def names(case: Case) -> list[str]:
    """The batches in it, oldest first."""
    return [each.names[0] for each in case.profiles]


def log_hourly(store: Store, n: int) -> None:
    """So many hourly batches of twenty rows."""
    for hour in range(n):
        log_predictions(store, batch(f"h{hour}", 20, at=START + hour * HOUR), now=START)


def test_a_window_is_of_sixteen_batches_at_most(store: Store) -> None:
    """The batch itself, and the fifteen before it."""
    register(store)
    log_hourly(store, 20)
    case = case_of(store, "h18", with_monitors())
    assert names(case) == [f"h{hour}" for hour in range(3, 19)]
    assert [each.batch_id for each, _ in case.counted] == names(case)


@pytest.mark.parametrize(
    ("budget", "batch_id", "alpha"),
    [
        ("1 per 2000 batches", "h9", 5e-4),
        ("1 per 500 batches", "h0", 2e-3),
        ("1 per day", "h9", 1 / 24),
        ("1 per week", "h9", 1 / 24 / 7),
        ("1 per week", "h6", DEFAULT_ALPHA),
    ],
)
def test_the_budget_is_spread_over_the_batches_there_are(
    store: Store, budget: str, batch_id: str, alpha: float
) -> None:
    """By the rate of the batches up to this one, from the eighth on."""
    register(store)
    log_hourly(store, 10)
    policy = case_of(store, batch_id, with_monitors(false_pages=budget)).detector.policy
    assert isinstance(policy, CalibratedPolicy)
    assert policy.alpha == pytest.approx(alpha)


def test_the_policy_is_the_one_configured(store: Store) -> None:
    """The old limits with the classic policy; what may page with the calibrated one."""
    register(store)
    log_hourly(store, 1)
    classic = case_of(store, "h0", with_monitors(policy="classic", classic={"psi_critical": 0.3})).detector.policy
    assert classic == ClassicPolicy(psi_critical=0.3)
    calibrated = case_of(store, "h0", with_monitors(page_on="performance", min_labels=50)).detector.policy
    assert calibrated == CalibratedPolicy(page_on="performance", min_labels=50)


def weekly_reference(store: Store, *, sundays: int = 600) -> None:
    """Mondays around 0, Sundays around 3, and 700 other rows of Tuesdays around 0."""
    register_only(store, KEY)
    parts = [(0, 700, 0.0), (1, 700, 0.0), (6, sundays, 3.0)]
    x = np.concatenate([np.random.default_rng(day).normal(size=n) + mean for day, n, mean in parts])
    at: list[datetime] = [START - 7 * DAY + day * DAY + HOUR for day, n, _ in parts for _ in range(n)]
    given = batch("reference", len(x), at=at)
    features = {"x": x, "plan": given.features["plan"]}
    promote_reference(store, replace(given, features=features))


def test_sundays_are_compared_with_sundays(store: Store) -> None:
    """With a season, rows of Sundays alone: on either side, in every window."""
    weekly_reference(store)
    for day in range(14):
        sunday = (START + day * DAY).weekday() == 6
        log_predictions(store, batch(f"d{day}", at=START + day * DAY, shift=3.0 * sunday), now=START)
    case = case_of(store, "d13", with_monitors(season="weekday"))
    assert names(case) == ["d6", "d13"]
    assert names(case_of(store, "d13", with_monitors())) == [f"d{day}" for day in range(14)]
    report = case.detector.judge(case.profiles).reports["feature"]
    assert isinstance(report, FeatureReport)
    assert (report.verdict, report.n_reference) == (Verdict.OK, 600)
    plain = case_of(store, "d13", with_monitors())
    without = plain.detector.judge(plain.profiles).reports["feature"]
    assert isinstance(without, FeatureReport)
    assert (report.features[0].psi or 0.0) < 0.2
    assert (without.features[0].psi or 0.0) > 1.0


def test_a_season_of_few_rows_is_compared_with_the_whole_reference(store: Store) -> None:
    """500 rows, or it would see luck."""
    weekly_reference(store, sundays=499)
    log_predictions(store, batch("d6", at=START + 6 * DAY), now=START)
    case = case_of(store, "d6", with_monitors(season="weekday"))
    assert case.detector.judge(case.profiles).reports["feature"].n_reference == 1_899
    weekly = case_of(store, "d6", with_monitors(season="hour"))
    assert weekly.detector.judge(weekly.profiles).reports["feature"].n_reference == 1_899


def test_another_season_or_segment_does_not_use_the_profiles_of_before(store: Store) -> None:
    """Their counts are of other cells: the setting may be changed at any time."""
    weekly_reference(store)
    for week in range(3):
        log_predictions(store, batch(f"w{week}", at=START + week * 7 * DAY), now=START)
    evaluate_due(store, with_monitors())
    assert len(case_of(store, "w2", with_monitors()).counted) == 1
    assert len(case_of(store, "w2", with_monitors(season="weekday")).counted) == 3
    assert len(case_of(store, "w2", with_monitors(segments=["plan"])).counted) == 3
