"""The Backtest page: two policies side by side on a log's history; nothing is written, nothing is sent."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.backtest import Backtest, Told
from driftboard.alerts.candidate import read_candidate
from driftboard.alerts.policy_difference import differences
from driftboard.dashboard import backtest_frames
from driftboard.dashboard.policy_text import policy_text
from driftboard.data import open_store
from driftboard.data.model_key import ModelKey
from tests.alerts.incidents import MAIL, PAGER, SLACK
from tests.dashboard.conftest import text_of
from tests.dashboard.hand_made import CALIBRATED

DAY = timedelta(days=1)
AT = datetime(2026, 3, 1, tzinfo=UTC)
TEAM = '[alerts.channels.team]\ntype = "slack"\nwebhook_url = "env:NOBODY"\n'
TOLD = Told(
    at=AT,
    channel="team",
    kind="fire",
    severity="critical",
    incident=1,
    episode=1,
    fingerprint="f",
    model=ModelKey("flights"),
    rule="feature_drift",
    subject="",
    message="`age` moved",
    batch="2026-03-01",
    parts=("age", "plan", "city", "income"),
    n_parts=9,
)


def run(page, text: str):
    """The page after a candidate was tried."""
    page.text_area(key="backtest_policy").set_value(text)
    page.button[0].click()
    return page.run()


def figures(page) -> dict[str, tuple[str, str]]:
    """The figures of the candidate, each with what it is beside."""
    return {each.label: (each.value, each.delta) for each in page.metric}


def tried(*told: Told) -> Backtest:
    """A backtest of four weeks that told this."""
    return Backtest(AT, AT + 28 * DAY, 28, told, (), 0)


def test_a_candidate_is_compared_with_the_present_policy(incident_world, open_page):
    """With a channel, the drifted models page; without one nobody is told: figures, differences and both lists."""
    page = run(open_page(incident_world, "backtest"), TEAM)
    said = figures(page)
    assert said["Pages, candidate"] == ("5", "0 under the present policy")
    text = text_of(page)
    assert "Nobody is called under the present policy" in text
    differing = next(each.value for each in page.dataframe if "Differs" in each.value)
    assert set(differing["Differs"]) == {"only candidate"}
    assert {"Feature drift", "Performance decay"} == set(differing["Rule"])
    assert set(differing["To"]) == {"team"}
    assert page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")


def test_the_present_policy_differs_from_itself_in_nothing(incident_world, open_page):
    """The text that is offered is the present policy: run as it is, both tell the same."""
    page = open_page(incident_world, "backtest")
    page = run(page, page.text_area(key="backtest_policy").value)
    assert "Both policies tell the same" in text_of(page)


def test_only_one_model_can_be_tried(incident_world, open_page):
    """The other models' pages are left out."""
    page = open_page(incident_world, "backtest", model=str(CALIBRATED))
    page.segmented_control(key="backtest_of").set_value(f"Only {CALIBRATED}")
    assert figures(run(page, TEAM))["Pages, candidate"][0] == "1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[alerts", "no TOML"),
        ("", "says nothing of [alerts]"),
        ("[alerts]\nrepeat_intervall = '1h'", "repeat_interval"),
        ("[alerts]\ngroup_wait = 'soon'", "no length of time"),
    ],
)
def test_a_candidate_that_is_not_understood_is_one_clear_line(incident_world, open_page, text, words):
    """What is wrong with it, in one line; no figures."""
    page = run(open_page(incident_world, "backtest"), text)
    assert words in page.error[-1].value.replace("\\", "")
    assert "\n" not in page.error[-1].value
    assert not figures(page)


def test_a_log_without_judgements_says_so(tmp_path, open_page):
    """A model that was never judged has nothing to live through."""
    from driftboard.data import register_model  # noqa: PLC0415

    with open_store(tmp_path / "driftboard.sqlite") as store:
        register_model(store, CALIBRATED)
    assert "Nothing to live through" in text_of(run(open_page(tmp_path, "backtest"), TEAM))


def test_trying_changes_nothing(incident_world, open_page):
    """The log's bytes are the same after a backtest."""
    path = incident_world / "driftboard.sqlite"
    before = hashlib.sha256(path.read_bytes()).digest()
    run(open_page(incident_world, "backtest"), TEAM)
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_the_policy_in_words_is_the_policy():
    """Every setting survives the way into TOML and back, but for where secrets are found: that stays as it is."""
    channels = {"team": SLACK | {"fallback": "the mail"}, "the mail": MAIL, "pager": PAGER}
    policy = AlertSettings.model_validate(
        {
            "dry_run": False,
            "channels": channels,
            "routes": [{"match": {"model": 'a "quoted" \\ name\n', "severity": "critical"}, "channels": ["pager"]}],
            "escalation": [{"after": "20m", "channels": ["pager"]}, {"after": "90m"}],
            "rules": {"feature_drift": {"group": "subject", "for_windows": 3}},
            "quiet_hours": {"start": "22:00", "end": "06:30", "timezone": "Europe/Berlin"},
            "digest": {"at": "07:15", "channels": ["team"]},
        }
    )
    text = policy_text(policy)
    assert read_candidate(text, AlertSettings.model_validate({"channels": channels})) == policy
    assert "SLACK_URL" not in text
    assert "PAGER_KEY" not in text


def test_pages_add_up_over_time():
    """One step for each page, from nothing at the start to all of them at the end."""
    frame = backtest_frames.pages_over_time(tried(), tried(TOLD, replace(TOLD, at=AT + DAY)))
    second = frame[frame["policy"] == backtest_frames.CANDIDATE]
    assert list(second["pages"]) == [0, 1, 2, 2]
    assert list(frame[frame["policy"] == backtest_frames.PRESENT]["pages"]) == [0, 0]


def test_pages_a_week_are_told_of_a_day_at_least():
    """Two pages in four weeks are one in two; an hour tells nothing of a week."""
    two = tried(TOLD, replace(TOLD, at=AT + DAY))
    assert backtest_frames.pages_per_week(two) == 0.5
    assert backtest_frames.pages_per_week(replace(two, until=AT + timedelta(hours=1))) is None


def test_a_difference_has_both_times():
    """A page that the candidate tells an hour later is one row, not two."""
    later = replace(TOLD, at=AT + timedelta(hours=1))
    frame = backtest_frames.differing(differences(tried(TOLD), tried(later)))
    assert list(frame["Differs"]) == ["candidate later"]
    assert frame["Candidate (UTC)"][0] - frame["Present (UTC)"][0] == timedelta(hours=1)
    assert frame["Parts"][0] == "age, plan, city +6"


def test_counts_are_of_both_policies():
    """By model, rule and channel, also where one policy tells nothing."""
    row = backtest_frames.counts(tried(), tried(TOLD, replace(TOLD, kind="reminder"))).iloc[0]
    assert (row["Pages now"], row["Pages, candidate"], row["Messages now"], row["Messages, candidate"]) == (0, 1, 0, 2)
