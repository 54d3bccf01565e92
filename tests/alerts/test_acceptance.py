"""Days at an installation: who heard what, and when; see `acceptance`."""

from datetime import timedelta

import pytest

from driftboard.data import open_store
from driftboard.monitors.verdict import Verdict
from tests.alerts.acceptance import Day, at, between
from tests.alerts.incidents import NOW

CRITICAL, WARNING, INFO = Verdict.CRITICAL, Verdict.WARNING, Verdict.INFO


@pytest.fixture
def day(slack, tmp_path):
    """Yield an installation with one model, and Slack."""
    with open_store(str(tmp_path / "log.sqlite")) as store:
        yield Day(store, slack)


def test_a_page_leaves_at_once(day: Day) -> None:
    """And once."""
    day.at(1).judge(age=CRITICAL)
    day.want("team", at(1), "CRITICAL", "age")
    day.run(minutes=10)


def test_warnings_wait_for_company_and_are_one_message(day: Day) -> None:
    """Two windows until they fire; then half a minute, in which a second model's news would join them."""
    day.at(1).judge(age=WARNING, income=WARNING)
    day.at(2).judge(age=WARNING, income=WARNING, wind=WARNING)
    day.at(2.25).judge(age=WARNING, income=WARNING, wind=WARNING)
    day.want("team", between(2.5, 3), "WARNING", "age", "income", "wind")
    day.run(minutes=30)


def test_forty_features_are_one_message(day: Day) -> None:
    """Ranked and counted."""
    day.at(1).judge(**{f"f{n:02}": CRITICAL for n in range(40)})
    day.want("team", at(1), "CRITICAL", "(+37 more)")
    day.run(minutes=14)


def test_two_rules_of_one_batch_are_one_message(day: Day) -> None:
    """Two incidents that are told at once to people; each is one to the pager."""
    day.start(NOW, channels={"team": day.channel("team"), "pager": day.channel("pager")})
    day.at(1).judge(schema=("wind",), age=CRITICAL)
    day.want("team", at(1), "+1 more", "Schema change: wind", "Feature drift: age")
    day.want("pager", at(1), '"trigger"', "Schema change")
    day.want("pager", between(1, 1.5), '"trigger"', "Feature drift")
    day.run(minutes=12)


def test_a_hundred_bad_batches_are_one_page_and_its_reminders(day: Day) -> None:
    """A2: a batch every ten minutes, acknowledged by nobody: a page, an escalation, a reminder in four hours."""
    for batch in range(100):
        day.at(10 * batch).judge(age=CRITICAL)
    day.want("team", at(0), "CRITICAL")
    day.want("team", at(15), "ESCALATED")
    for reminder in range(1, 5):
        day.want("team", between(15 + 240 * reminder, 16 + 240 * reminder), "STILL")
    day.run(minutes=1000)


def test_a_page_that_nobody_acknowledges_is_escalated(day: Day) -> None:
    """To whom the policy says, after a quarter of an hour; the pager hears of the end, too."""
    channels = {"team": day.channel("team"), "pager": day.channel("pager")}
    escalation = [{"after": "15m", "channels": ["pager"]}]
    day.start(NOW, channels=channels, routes=[{"channels": ["team"]}], escalation=escalation)
    day.at(1).judge(age=CRITICAL)
    day.at(30).judge()
    day.at(40).judge()
    day.want("team", at(1), "CRITICAL")
    day.want("pager", at(16), '"trigger"', "CRITICAL")
    day.want("team", at(40), "RESOLVED")
    day.want("pager", at(40), '"resolve"')
    day.run(minutes=60)


def test_an_acknowledgement_holds_until_it_ends(day: Day) -> None:
    """No escalation and no reminder; when it ends a reminder at once, and the escalation a quarter of an hour later."""
    channels = {"team": day.channel("team"), "pager": day.channel("pager")}
    day.start(NOW, channels=channels)
    day.at(1).judge(age=CRITICAL)
    day.at(10).acknowledge(minutes=300)
    day.want("team", at(1), "CRITICAL")
    day.want("pager", at(1), '"trigger"')
    day.want("pager", at(10), '"acknowledge"')
    day.want("team", at(310), "STILL")
    day.want("team", at(325), "ESCALATED")
    day.want("pager", at(325), '"trigger"')
    day.run(minutes=400)


def test_a_silence_is_kept_and_its_end_tells(day: Day) -> None:
    """What still fires when it ends is told then."""
    day.at(0).silence(minutes=60, model="flights")
    day.at(1).judge(age=CRITICAL)
    day.want("team", at(60), "CRITICAL", "age")
    day.run(minutes=70)


def test_what_a_silence_outlasts_is_told_to_nobody(day: Day) -> None:
    """Neither the beginning nor the end."""
    day.at(0).silence(minutes=60, subject="a*")
    day.at(1).judge(age=CRITICAL)
    day.at(20).judge()
    day.at(30).judge()
    day.run(minutes=90)


def test_a_silence_of_one_feature_does_not_hide_another(day: Day) -> None:
    """An incident of two parts is quiet only when both are silenced."""
    day.at(0).silence(minutes=60, subject="age")
    day.at(1).judge(age=CRITICAL, income=CRITICAL)
    day.want("team", at(1), "CRITICAL", "income")
    day.run(minutes=10)


def test_a_snooze_lets_the_end_through(day: Day) -> None:
    """No reminder, no escalation, no news; the end of it, for those who were told."""
    day.at(1).judge(age=CRITICAL)
    day.at(5).snooze(minutes=600)
    day.at(20).judge(age=CRITICAL, income=CRITICAL)
    day.at(400).judge()
    day.at(410).judge()
    day.want("team", at(1), "CRITICAL")
    day.want("team", at(410), "RESOLVED")
    day.run(minutes=700)


def test_quiet_hours_hold_warnings_and_let_pages_through(day: Day) -> None:
    """The day of the script begins at noon, UTC: quiet until two."""
    day.start(NOW, channels={"team": day.channel("team")}, quiet_hours={"start": "11:00", "end": "14:00"})
    day.at(1).judge(age=WARNING)
    day.at(2).judge(age=WARNING)
    day.at(30).judge(age=WARNING, schema=("wind",))
    day.want("team", at(30), "CRITICAL", "wind")
    day.want("team", at(120), "WARNING", "age")
    day.want("team", at(45), "ESCALATED", "wind")
    day.run(minutes=130)


def test_the_end_says_how_long_it_lasted(day: Day) -> None:
    """Two clear windows, and it is over."""
    day.at(1).judge(age=CRITICAL)
    day.at(61).judge()
    day.at(121).judge()
    day.want("team", at(1), "CRITICAL")
    day.want("team", at(16), "ESCALATED")
    day.want("team", at(121), "RESOLVED after 2 h")
    day.run(minutes=300)


def test_one_clear_window_is_not_the_end(day: Day) -> None:
    """Bad again in the next: the same incident, and no message."""
    day.at(1).judge(age=CRITICAL)
    day.at(3).judge()
    day.at(5).judge(age=CRITICAL)
    day.want("team", at(1), "CRITICAL")
    day.run(minutes=12)


def test_resolved_by_hand_and_bad_again_is_a_new_page(day: Day) -> None:
    """Whoever closes it wants to hear of the next time."""
    day.at(1).judge(age=CRITICAL)
    day.at(5).resolve()
    day.at(8).judge(age=CRITICAL)
    day.want("team", at(1), "CRITICAL")
    day.want("team", at(5), "RESOLVED", "resolved by")
    day.want("team", at(8), "CRITICAL")
    day.run(minutes=12)


def test_a_broken_schema_is_one_page_not_two(day: Day) -> None:
    """The drift of a feature that arrives as text is not judged; that of another is."""
    day.at(1).judge(schema=("age",), age=CRITICAL)
    day.at(5).judge(schema=("age",), age=CRITICAL, income=CRITICAL)
    day.want("team", at(1), "CRITICAL", "Schema", "age")
    day.want("team", at(5), "CRITICAL", "Feature drift", "income")
    day.run(minutes=12)


def test_new_features_join_in_one_message_after_the_group_interval(day: Day) -> None:
    """Not one by one."""
    day.at(1).judge(a=CRITICAL)
    day.at(2).judge(a=CRITICAL, b=CRITICAL)
    day.at(3).judge(a=CRITICAL, b=CRITICAL, c=CRITICAL)
    day.want("team", at(1), "CRITICAL")
    day.want("team", at(6), "now also", "b, c")
    day.run(minutes=14)


def test_flapping_is_said_once(day: Day) -> None:
    """Bad and clear by turns: after the fourth change one message says so, and only the escalation goes on."""
    for turn in range(12):
        day.at(20 * turn).judge(age=CRITICAL)
        day.at(20 * turn + 5).judge()
        day.at(20 * turn + 10).judge()
    day.want("team", at(0), "CRITICAL")
    day.want("team", at(10), "RESOLVED")
    day.want("team", at(20), "CRITICAL")
    day.want("team", at(30), "age", "It comes and goes")
    day.want("team", at(35), "ESCALATED")
    day.run(minutes=225)


def test_a_rehearsal_then_the_real_thing(day: Day) -> None:
    """Nothing leaves in a dry run; what is still open when it ends is told at once."""
    day.start(NOW, channels={"team": day.channel("team")}, dry_run=True)
    day.at(1).judge(age=CRITICAL)
    day.at(10).restart()
    day.want("team", at(10), "CRITICAL", "age")
    day.run(minutes=14)


def test_a_warning_that_gets_worse_pages(day: Day) -> None:
    """A change where the warning was told, a first page where it was not."""
    day.start(NOW, channels={"team": day.channel("team"), "pager": day.channel("pager")})
    day.at(1).judge(age=WARNING)
    day.at(2).judge(age=WARNING)
    day.at(10).judge(age=CRITICAL)
    day.want("team", between(2.5, 3), "WARNING")
    day.want("team", at(10), "NOW CRITICAL")
    day.want("pager", at(10), '"trigger"')
    day.run(minutes=20)


def test_what_becomes_milder_is_over_for_the_pager(day: Day) -> None:
    """Slack hears nothing of it; when it gets worse again the pager does."""
    day.start(NOW, channels={"team": day.channel("team"), "pager": day.channel("pager")})
    day.at(1).judge(age=CRITICAL)
    day.at(3).judge(age=WARNING)
    day.at(5).judge(age=WARNING)
    day.at(8).judge(age=CRITICAL)
    day.want("team", at(1), "CRITICAL")
    day.want("pager", at(1), '"trigger"')
    day.want("pager", at(5), '"resolve"')
    day.want("pager", at(8), '"trigger"')
    day.run(minutes=12)


def test_a_page_survives_a_channel_that_is_down(day: Day) -> None:
    """N2, N3: a server error and a busy answer, then it is delivered once."""
    day.at(0).answer((500, "oops", {}), (429, "slow down", {"Retry-After": "120"}))
    day.at(1).judge(age=CRITICAL)
    day.want("team", at(1))
    day.want("team", between(1, 7))
    day.want("team", between(3, 8), "CRITICAL")
    day.run(minutes=14)


def test_information_is_told_to_nobody_but_the_digest(day: Day) -> None:
    """At eight the next morning."""
    day.start(NOW, channels={"team": day.channel("team")}, digest={"channels": ["team"]})
    day.at(1).judge(age=INFO)
    day.at(2).judge(age=INFO)
    minutes = (NOW.replace(hour=8) + timedelta(days=1) - NOW) / timedelta(minutes=1)
    day.want("team", between(minutes, minutes + 11), "Feature drift in flights")
    day.run(minutes=minutes + 30)


def test_a_script_that_is_not_kept_fails(day: Day) -> None:
    """The negative control: a message too many, and one that did not come."""
    day.at(1).judge(age=CRITICAL)
    day.want("team", at(2), "CRITICAL")
    with pytest.raises(AssertionError, match=r"(?s)did not come:\n +2\.00.*not wanted:\n +1\.00"):
        day.run(minutes=5)
