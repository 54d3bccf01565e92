"""Seasons."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.data.times import to_micros
from driftboard.seasons import season_codes, season_of

TIMES = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis' bounds


@given(TIMES)
def test_a_season_is_what_the_calendar_says(at: datetime) -> None:
    """Also before 1970: weekday and hour are those of `datetime`, in UTC."""
    micros = np.array([to_micros(at)])
    assert season_codes("weekday", micros).item() == at.weekday()
    assert season_codes("hour", micros).item() == at.hour
    assert season_codes("weekday+hour", micros).item() == at.weekday() * 24 + at.hour
    assert season_codes("none", micros).item() == 0


@pytest.mark.parametrize(("zone_hours", "weekday"), [(0, 0), (-5, 0), (9, 0)])
def test_a_day_in_another_time_zone_is_mostly_itself(zone_hours: int, weekday: int) -> None:
    """A Monday in New York or Tokyo is Monday by its middle, though it begins or ends on another day in UTC."""
    midnight = datetime(2026, 3, 2, tzinfo=UTC) - timedelta(hours=zone_hours)
    assert season_of("weekday", to_micros(midnight), to_micros(midnight + timedelta(hours=23))) == weekday
