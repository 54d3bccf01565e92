"""The budget of false pages."""

from datetime import UTC, datetime, timedelta

import pytest

from driftboard.budget import DEFAULT_ALPHA, alpha, batches_per_day, parse_false_pages
from driftboard.errors import ConfigError
from driftboard.monitor_settings import MonitorSettings

START = datetime(2026, 3, 1, tzinfo=UTC)


def hourly(n: int) -> list[datetime]:
    """When n hourly batches began."""
    return [START + timedelta(hours=hour) for hour in range(n)]


@pytest.mark.parametrize(
    ("text", "per_day", "expected"),
    [
        ("1 per 2000 batches", None, 5e-4),
        ("1 per 2,000 batches", 24.0, 5e-4),
        ("2 per 1_000 batches", None, 2e-3),
        ("1 per month", 1.0, 12 / 365.25),
        ("1 per month", 24.0, 12 / 365.25 / 24),
        ("1 per day", 24.0, 1 / 24),
        ("1 per week", 96.0, 1 / 7 / 96),
        ("0.5 per quarter", 10.0, 0.5 / (365.25 / 4) / 10),
        ("3 per year", 288.0, 3 / 365.25 / 288),
        ("1 per month", None, DEFAULT_ALPHA),
        ("1 per day", 1.0, 0.05),
        ("1 per 9999999999 batches", None, 1e-7),
    ],
)
def test_a_budget_becomes_a_chance_for_each_batch(text: str, per_day: float | None, expected: float) -> None:
    """By the rate of batches; within its limits; half a thousandth while the rate is not known."""
    assert alpha(text, per_day) == pytest.approx(expected)


def test_the_default_is_one_in_two_thousand_batches() -> None:
    """And the settings say the same as the module."""
    assert MonitorSettings().alpha() == MonitorSettings().alpha(24.0) == DEFAULT_ALPHA


@pytest.mark.parametrize(
    "text", ["", "often", "1", "1 per", "1 per hour", "0 per month", "1 per 0 batches", "-1 per day"]
)
def test_what_is_no_budget_is_refused_in_one_line(text: str) -> None:
    """Nothing is guessed: a detector without a budget would page as it likes, one with none would never."""
    with pytest.raises(ConfigError, match=r"budget of pages|no page at all"):
        parse_false_pages(text)


def test_the_rate_is_measured_over_the_time_the_batches_span() -> None:
    """In any order, to two figures; a missing batch now and then does not move it."""
    assert batches_per_day(hourly(200)) == batches_per_day(hourly(200)[::-1]) == 24.0
    assert batches_per_day([START + timedelta(days=day) for day in range(8)]) == 1.0
    assert batches_per_day([at for at in hourly(200) if at.hour != 3 or at.day != 2]) == 24.0


@pytest.mark.parametrize("starts", [[], hourly(7), [START] * 50], ids=["none", "seven", "one moment"])
def test_too_few_batches_tell_no_rate(starts: list[datetime]) -> None:
    """Eight, and some time between them."""
    assert batches_per_day(starts) is None
