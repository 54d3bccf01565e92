"""Time windows."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.data import window_start
from driftboard.data.times import to_micros
from driftboard.data.windows import start_text, window_micros
from driftboard.errors import ConfigError

AT = datetime(2026, 11, 21, 14, 37, 25, 123, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "start"),
    [
        ("30s", "2026-11-21T14:37Z"),
        ("10s", "2026-11-21T14:37:20Z"),
        ("15m", "2026-11-21T14:30Z"),
        ("1h", "2026-11-21T14:00Z"),
        ("6h", "2026-11-21T12:00Z"),
        ("1d", "2026-11-21T00:00Z"),
    ],
)
def test_a_prediction_falls_in_the_window_that_began_last(window: str, start: str) -> None:
    """Seconds are written only where there are some."""
    assert window_start(AT, window) == start


def test_a_window_is_cut_in_utc_whatever_the_zone() -> None:
    """Two services in two zones agree on the batch."""
    assert window_start(AT.astimezone(timezone(timedelta(hours=5, minutes=30))), "1h") == "2026-11-21T14:00Z"


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds it
    st.sampled_from(["1s", "15m", "1h", "7h", "1d", "1w"]),
)
def test_windows_cover_time_without_gap_or_overlap(at: datetime, window: str) -> None:
    """The start is at most one window before, and is in its own window; also before 1970."""
    text = start_text(to_micros(at), window_micros(window))
    start = datetime.fromisoformat(text)
    assert timedelta(0) <= at - start < timedelta(microseconds=window_micros(window))
    assert window_start(start, window) == text


@pytest.mark.parametrize("window", ["", "1", "h", "0h", "-1h", "1.5h", "1y", "1h ", "1 h", "9999999d", None])
def test_what_is_no_window_is_refused(window: str) -> None:
    """One line that says how to write one."""
    with pytest.raises(ConfigError, match="is no window"):
        window_start(AT, window)
