"""Backtests: equal to what was lived through, and to the point."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from driftboard.alerts import act
from driftboard.alerts.backtest import Backtest, backtest, last_moment
from driftboard.alerts.candidate import read_candidate
from driftboard.alerts.gate import gate
from driftboard.alerts.history import read_history
from driftboard.alerts.light_report import light_report
from driftboard.alerts.policy_difference import differences
from driftboard.data import ModelKey, Store, open_store
from driftboard.data.incidents import recent_incidents
from driftboard.errors import ConfigError
from driftboard.monitors.report import report_to_json
from driftboard.monitors.verdict import Verdict
from tests.alerts.lived import CHANNELS, TICK, Life, drift, live_messages, performance, policy, quality

pytestmark = pytest.mark.xdist_group("backtest")  # what its fixtures make is made once

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(hours=36)
HOUR = timedelta(hours=1)
DAY = 24 * HOUR
BAD, MILD = Verdict.CRITICAL, Verdict.WARNING
KEY = ModelKey("flights", "2")


def live(store: Store, alerts) -> Life:
    """A day and a half with episodes, acts, silences, and labels that come late."""
    life = Life(store, alerts, START, KEY)
    script = {
        1: {"age": BAD},
        2: {"age": BAD, "income": BAD},
        3: {"age": MILD},
        4: {},
        5: {},
        7: {"tax": MILD},
        8: {"tax": MILD},
        9: {"tax": MILD, "age": BAD},
        **{hour: {"age": BAD} for hour in range(10, 20)},
        26: {"age": BAD},
        28: {"age": BAD},
        30: {"age": BAD},
        31: {"age": BAD},
    }
    acts = {
        1.4: lambda: life.act_on("feature_drift", act.acknowledge, by="anna", until=life.now + HOUR),
        9.2: lambda: life.act_on("feature_drift", act.acknowledge, by="ben"),
        10.5: lambda: life.act_on("feature_drift", act.unacknowledge, by="ben"),
        12.3: lambda: life.act_on("feature_drift", act.snooze, by="ben", until=life.now + 2 * HOUR),
        17.5: lambda: life.act_on("feature_drift", act.resolve, by="anna"),
        25.5: lambda: life.act(
            act.silence, {"rule": "feature_*"}, by="anna", comment="release", until=life.now + 5 * HOUR
        ),
        28.6: lambda: life.act(act.end_silence, 1, by="ada"),
        33.4: lambda: life.judge("hour-33", feature=drift(zip=BAD), performance=late(33, provisional=True)),  # it grew
    }
    for at in sorted([*(hour + 0.1 for hour in range(1, 36)), *acts]):
        life.until(START + at * HOUR)
        if at in acts:
            acts[at]()
            continue
        hour = int(at)
        name = f"hour-{hour:02}"
        schema = quality(zip=MILD) if hour in (20, 21, 22) else quality()
        life.judge(
            name, feature=drift(**script.get(hour, {})), quality=schema, performance=late(hour, provisional=True)
        )
        if hour >= 6:  # labels take five hours
            life.judge(
                f"hour-{hour - 5:02}",
                feature=drift(**script.get(hour - 5, {})),
                performance=late(hour - 5, provisional=False),
            )
    life.until(END)
    return life


def late(hour: int, *, provisional: bool):
    """What labels say of an hour, once they are in."""
    bad = hour in (3, 4, 5, 21)
    return performance(BAD if bad and not provisional else Verdict.OK, provisional=provisional)


def rehearsed(store: Store, alerts) -> Backtest:
    """The backtest of the whole of it."""
    with store.read() as connection:
        history = read_history(connection, until=END)
    return backtest(history, alerts, since=START, until=END)


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A log that was lived through, in a file."""
    with open_store(tmp_path_factory.mktemp("lived") / "log.sqlite") as store:
        live(store, policy())
        yield store


def by_channel(messages):
    """Kind, severity and time of each message, by incident and channel, in order."""
    grouped = defaultdict(list)
    for key, channel, kind, severity, at in sorted(messages, key=lambda each: each[-1]):
        grouped[(*key, channel)].append((kind, severity, at))
    return grouped


def told(found: Backtest):
    """What a backtest told, as `live_messages` has it."""
    return by_channel(
        ((each.fingerprint, each.episode), each.channel, each.kind, each.severity, each.at) for each in found.told
    )


def without_times(messages):
    """The messages without when."""
    return {key: [(kind, severity) for kind, severity, _ in each] for key, each in messages.items()}


def assert_equal_to_live(store: Store, alerts) -> None:
    """A loop that ticks is late by a tick at most, and a reminder counts from when the last message really left."""
    was, found = by_channel(live_messages(store)), rehearsed(store, alerts)
    assert without_times(told(found)) == without_times(was)
    for key, messages in told(found).items():
        for place, ((_, _, expected), (_, _, at)) in enumerate(zip(messages, was[key], strict=True), 1):
            assert timedelta(0) <= at - expected <= place * TICK + timedelta(seconds=1)
    assert found.unmatched == 0


def test_a_backtest_equals_what_was_lived_through(lived):
    """The same messages about the same incidents to the same channels, in the same order, at the same time."""
    assert_equal_to_live(lived, policy())
    kinds = {each.kind for each in rehearsed(lived, policy()).told}
    assert kinds == {"fire", "change", "reminder", "escalate", "acknowledge", "resolve"}


@pytest.mark.slow
def test_a_backtest_equals_what_was_lived_through_on_either_engine(store):
    """PostgreSQL as well."""
    live(store, policy())
    assert_equal_to_live(store, policy())


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"rules": {"feature_drift": {"group": "subject"}}},
        {"quiet_hours": {"start": "01:00", "end": "09:30"}, "repeat_interval": "2h"},
        {
            "routes": [{"match": {"subject": "age"}, "channels": ["oncall"]}, {"channels": ["team"]}],
            "group_wait": "20m",
        },
        {"rules": {"feature_drift": {"critical_windows": 2, "keep_windows": 3}}, "escalation": [{"after": "45m"}]},
    ],
)
def test_a_backtest_equals_what_was_lived_through_under_any_policy(tmp_path, changes):
    """Grouped by feature, with quiet hours, with routes, with other hystereses."""
    with open_store(tmp_path / "log.sqlite") as store:
        live(store, policy(**changes))
        assert_equal_to_live(store, policy(**changes))


def test_the_incidents_are_the_same_too(lived):
    """Episodes, times, severities, parts, acts: all but their ids."""
    with lived.read() as connection:
        was = {(each.fingerprint, each.episode): replace(each, incident_id=0) for each in recent_incidents(connection)}
    found = rehearsed(lived, policy()).incidents
    assert {(each.fingerprint, each.episode): replace(each, incident_id=0) for each in found} == was
    assert len({each.rule for each in found}) == 3
    assert {each.resolution for each in found} >= {"resolved by anna", "recovered"}


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": {"feature_drift": {"critical_windows": 3}}},
        {"repeat_interval": "2h"},
        {"inhibit": [{"source": "performance_decay", "targets": ["feature_drift"], "same_subject": False}]},
        {"escalation": []},
    ],
)
def test_another_policy_tells_another_story(lived, changes):
    """The negative control: not any policy tells what was lived through."""
    other = rehearsed(lived, policy(**changes))
    assert without_times(told(other)) != without_times(by_channel(live_messages(lived)))


def test_acts_and_silences_decide_what_is_told(lived):
    """The negative control of the acts: a history without them is another."""
    with lived.read() as connection:
        history = read_history(connection, until=END)
    was = told(rehearsed(lived, policy()))
    for less in (replace(history, acts=()), replace(history, silences=())):
        assert told(backtest(less, policy(), since=START, until=END)) != was


def test_only_the_period_is_told_of(lived):
    """What was before is lived through, so that memories and reminders are right, and left out."""
    with lived.read() as connection:
        history = read_history(connection)
    whole = backtest(history, policy(), since=START, until=END)
    middle = backtest(history, policy(), since=START + 6 * HOUR, until=START + 20 * HOUR)
    assert middle.told == tuple(each for each in whole.told if middle.since <= each.at < middle.until)
    assert 0 < len(middle.told) < len(whole.told)
    assert (middle.batches, whole.batches) == (14 * 2, 35 + 30 + 1)


def test_counts_and_pages_add_up(lived):
    """A page is critical and no reminder; the counts are of all messages."""
    found = rehearsed(lived, policy())
    assert sum(told for told, _ in found.counts().values()) == len(found.told)
    assert sum(pages for _, pages in found.counts().values()) == len(found.pages)
    assert {(each.severity, each.kind) for each in found.pages} == {
        ("critical", "fire"),
        ("critical", "change"),
        ("critical", "escalate"),
    }


def test_the_differences_name_what_changed(lived):
    """Two policies that tell the same differ in nothing; one that waits an hour tells the same, later."""
    present = rehearsed(lived, policy())
    assert differences(present, rehearsed(lived, policy())) == ()
    slow = rehearsed(lived, policy(group_wait="1h"))
    found = differences(present, slow)
    assert {"later"} <= {each.which for each in found}
    alone = rehearsed(lived, policy(channels={"oncall": CHANNELS["oncall"]}))
    assert {each.which for each in differences(present, alone)} == {"only first"}
    assert {each.told.channel for each in differences(present, alone)} == {"team"}


def test_a_light_report_says_what_the_whole_one_does():
    """Verdict, findings and whether it is provisional survive; the numbers do not matter to the gate."""
    for name, report in (("feature", drift(age=BAD)), ("performance", performance(BAD, provisional=True))):
        light = light_report(name, report_to_json(name, report))
        assert gate([light], policy()) == gate([report], policy())
        assert type(light) is type(report)


def test_the_candidate_says_only_what_differs():
    """Tables are merged key by key; secrets of the present policy stay references."""
    present = policy(rules={"feature_drift": {"for_windows": 3}})
    candidate = read_candidate("[alerts.rules.feature_drift]\nkeep_windows = 5\n[monitors]\nx = 1", present)
    assert candidate.rule("feature_drift").for_windows == 3
    assert candidate.rule("feature_drift").keep_windows == 5
    assert candidate.channels == present.channels


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[alerts", "no TOML"),
        ("[monitors]", "says nothing of"),
        ("[alerts]\ngroup_wiat = '1s'", "group_wait"),
        ("[alerts]\ngroup_wait = 'soon'", "no length of time"),
        ("[alerts.rules.feature_drift]\nkeep_windows = 0", "keep_windows"),
    ],
)
def test_a_wrong_candidate_is_one_clear_line(text, said):
    """It names what is wrong, and the nearest key."""
    with pytest.raises(ConfigError, match=said) as error:
        read_candidate(text, policy())
    assert "\n" not in str(error.value)


def test_it_ends_a_day_after_the_last_judgement_or_now(lived):
    """An old log is not reminded of for years; a log that is alive is told up to now."""
    with lived.read() as connection:
        history = read_history(connection)
    newest = history.judged[-1].at
    assert last_moment(history, now=newest + 400 * DAY) == newest + DAY
    assert last_moment(history, now=newest + DAY / 2) == newest + DAY / 2
    assert last_moment(replace(history, judged=()), now=newest) == newest
