"""When nobody is told: silences, a snooze, quiet hours on both sides of midnight and of summer time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.alert_settings import QuietHours
from driftboard.alerts.quiet import after_quiet_hours, hushed_until, is_in_hand, silenced_by
from driftboard.data.model_key import ModelKey
from driftboard.data.silences import Silence
from tests.alerts.incidents import NOW, affected, incident

HOUR = timedelta(hours=1)
NIGHT = QuietHours(start=time(22), end=time(7), timezone="Europe/Berlin")
LUNCH = QuietHours(start=time(12), end=time(13))


def silence(hours: float = 1, start: datetime = NOW, **matchers: str) -> Silence:
    """A silence."""
    asked = {"created_by": "ada", "comment": "planned", "created_at": start}
    return Silence(matchers=matchers, starts_at=start, ends_at=start + hours * HOUR, **asked)


@pytest.mark.parametrize(
    ("matchers", "quiet"),
    [
        ({}, True),
        ({"model": "flights"}, True),
        ({"model": "fl*", "environment": "prod*", "rule": "feature_?rift", "severity": "critical"}, True),
        ({"model": "flights:2@production"}, False),
        ({"environment": "staging"}, False),
        ({"rule": "schema"}, False),
        ({"severity": "warning"}, False),
        ({"subject": "age"}, True),
        ({"subject": "ag"}, False),
        ({"colour": "*"}, False),
    ],
)
def test_every_matcher_must_fit(matchers: dict[str, str], quiet: bool) -> None:
    """One that nobody knows silences nothing, rather than everything."""
    assert (silenced_by(incident(), [silence(**matchers)], NOW) is not None) == quiet


def test_a_silence_holds_from_its_start_to_its_end() -> None:
    """Its end is outside; one ended by hand has ended."""
    asked = silence()
    assert silenced_by(incident(), [asked], NOW) == asked
    assert silenced_by(incident(), [asked], NOW + HOUR) is None
    assert silenced_by(incident(), [asked], NOW - timedelta(microseconds=1)) is None


def test_an_incident_of_several_parts_is_quiet_only_when_each_is_matched() -> None:
    """By one silence or by several; then it is quiet until the first part is not."""
    about = incident(affected=(affected("age"), affected("income")))
    age, income = silence(1, subject="age"), silence(2, subject="inc*")
    assert silenced_by(about, [age], NOW) is None
    assert silenced_by(about, [age, income], NOW) == age
    longer = silence(5, subject="age")
    assert hushed_until(about, [age, longer, income], NOW) == NOW + 2 * HOUR


def test_an_incident_of_driftboard_itself_is_matched_by_no_model() -> None:
    """A silence of a model does not hide a broken channel."""
    about = incident(rule="channel_broken", subject="team", model=None, model_id=None, affected=())
    assert silenced_by(about, [silence(model="flights")], NOW) is None
    assert silenced_by(about, [silence(rule="channel_broken", subject="team")], NOW) is not None


def test_the_environment_counts() -> None:
    """A silence of staging leaves production alone."""
    staging = incident(model=ModelKey("flights", "2", "staging"))
    asked = [silence(environment="staging")]
    assert silenced_by(staging, asked, NOW) is not None
    assert silenced_by(incident(), asked, NOW) is None


def test_a_snooze_and_a_silence_hold_until_both_are_over() -> None:
    """The later one counts."""
    about = incident(snoozed_by="ada", snoozed_until=NOW + 3 * HOUR)
    assert hushed_until(about, [silence(1)], NOW) == NOW + 3 * HOUR
    assert hushed_until(about, [silence(5)], NOW) == NOW + 5 * HOUR
    assert hushed_until(about, [], NOW + 3 * HOUR) is None


def at(text: str) -> datetime:
    """A time, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        (NIGHT, "2026-01-10T20:59", "2026-01-10T20:59"),
        (NIGHT, "2026-01-10T21:00", "2026-01-11T06:00"),
        (NIGHT, "2026-01-11T05:59", "2026-01-11T06:00"),
        (NIGHT, "2026-01-11T06:00", "2026-01-11T06:00"),
        (NIGHT, "2026-07-10T20:00", "2026-07-11T05:00"),
        (NIGHT, "2026-03-28T22:00", "2026-03-29T05:00"),  # summer time begins at 2: the night is an hour shorter
        (NIGHT, "2026-10-24T21:00", "2026-10-25T06:00"),  # it ends at 3: an hour longer
        (LUNCH, "2026-01-10T12:30", "2026-01-10T13:00"),
        (LUNCH, "2026-01-10T13:00", "2026-01-10T13:00"),
        (LUNCH, "2026-01-10T11:59", "2026-01-10T11:59"),
        (QuietHours(start=time(8), end=time(8)), "2026-01-10T08:00", "2026-01-10T08:00"),
        (None, "2026-01-10T12:30", "2026-01-10T12:30"),
    ],
)
def test_quiet_hours_are_those_of_the_wall(hours: QuietHours | None, now: str, end: str) -> None:
    """In their time zone, across midnight, in winter and in summer."""
    assert after_quiet_hours(hours, at(now)) == at(end)


def test_an_end_in_the_hour_that_comes_twice_or_never() -> None:
    """Autumn: 2:30 comes twice, the quiet holds in both; spring: 2:30 never comes, the quiet ends in the hour after."""
    hours = QuietHours(start=time(22), end=time(2, 30), timezone="Europe/Berlin")
    assert after_quiet_hours(hours, at("2026-10-25T00:10")) == at("2026-10-25T00:30")
    assert after_quiet_hours(hours, at("2026-10-25T01:10")) == at("2026-10-25T01:30")
    assert after_quiet_hours(hours, at("2026-03-29T00:30")) == at("2026-03-29T01:30")


@given(
    now=st.datetimes(NOW.replace(year=2024, tzinfo=None), NOW.replace(year=2027, tzinfo=None)),
    start=st.times(),
    end=st.times(),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_the_end_of_quiet_hours_is_outside_them_and_within_a_day(now, start, end, zone) -> None:
    """Whatever the zone does with its clocks; and a second look moves nothing."""
    hours = QuietHours(start=start, end=end, timezone=zone)
    now = now.replace(tzinfo=UTC)
    out = after_quiet_hours(hours, now)
    assert now <= out <= now + timedelta(hours=25)
    changes = {(out + step).astimezone(ZoneInfo(zone)).utcoffset() for step in (-3 * HOUR, 3 * HOUR)}
    if len(changes) == 1:
        assert after_quiet_hours(hours, out) == out


def test_an_acknowledgement_of_something_milder_does_not_hold() -> None:
    """Nor one that has ended, nor one from a clock that was set back since."""
    acked = incident(acked_by="ada", acked_at=NOW, ack_until=NOW + HOUR)
    assert is_in_hand(acked, NOW)
    assert is_in_hand(acked, NOW, critical_since=NOW - HOUR)
    assert not is_in_hand(acked, NOW + HOUR / 2, critical_since=NOW + HOUR / 4)
    assert not is_in_hand(acked, NOW + HOUR)
    assert not is_in_hand(acked, NOW - 2 * HOUR)
    assert not is_in_hand(incident(), NOW)
