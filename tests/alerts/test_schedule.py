"""Who is told what, and when: one incident, an outbox on paper, a clock that is turned by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from driftboard.alerts import news
from driftboard.alerts.facts import facts_from_json
from driftboard.alerts.schedule import plan, still_wanted
from driftboard.data.incident import IncidentState
from driftboard.data.outbox import Delivery
from driftboard.data.silences import Silence
from tests.alerts.incidents import MAIL, NOW, PAGER, SLACK, affected, alert_settings, incident, notification
from tests.alerts.paper_outbox import PaperOutbox

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WITH_PAGER = {"team": SLACK, "pager": PAGER}
CALM = {"escalation": []}


def warning(**changes: object):
    """An incident that wakes nobody."""
    return incident(severity="warning", worst="warning", affected=(affected(severity="warning"),), **changes)


def paper(about=None, **settings: object) -> PaperOutbox:
    """An outbox that has been looked at once, with what was due delivered."""
    box = PaperOutbox(about or incident(), alert_settings(**settings))
    box.look()
    box.deliver()
    return box


def over(box: PaperOutbox) -> None:
    """The incident is over."""
    box.change(state=IncidentState.RESOLVED, resolved_at=box.now, resolution="recovered")
    box.deliver()


def silence(*, hours: float = 1, **matchers: str) -> Silence:
    """A silence from now on."""
    asked = {"created_by": "ada", "comment": "planned", "created_at": NOW}
    return Silence(matchers=matchers, starts_at=NOW, ends_at=NOW + timedelta(hours=hours), **asked)


def test_a_page_leaves_at_once_on_every_channel() -> None:
    """Nothing waits for company, and nothing is told twice."""
    box = paper()
    assert box.told("team") == box.told("mail") == ["fire"]
    assert all(row.not_before == NOW for row in box.rows)
    assert box.look().send == ()


def test_a_warning_waits_for_company_and_does_not_go_to_e_mail() -> None:
    """Half a minute by default; e-mail takes only what is critical."""
    box = paper(warning())
    assert (box.told("team"), box.told("mail")) == ([], [])
    box.pass_time(seconds=29)
    assert box.told("team") == []
    box.pass_time(seconds=1)
    assert (box.told("team"), box.told("mail")) == (["fire"], [])


def test_information_is_told_to_nobody_unless_a_channel_asks() -> None:
    """It is for the dashboard and the digest; and nobody is reminded of it."""
    about = replace(warning(), severity="info")
    assert paper(about).rows == []
    box = paper(about, channels={"team": SLACK | {"min_severity": "info"}})
    box.pass_time(days=1)
    assert box.told() == ["fire"]


def test_what_joins_a_warning_that_waits_is_told_with_it() -> None:
    """The message that waits is written anew, and keeps its time."""
    box = paper(warning())
    box.pass_time(seconds=20)
    box.change(affected=(affected("age", "warning"), affected("income", "warning")))
    box.pass_time(seconds=10)
    assert box.told() == ["fire"]
    assert [each.subject for each in facts_from_json(box.rows[-1].payload).affected] == ["age", "income"]


def test_a_warning_that_becomes_critical_before_it_left_is_a_page_now() -> None:
    """One message, not two."""
    box = paper(warning())
    box.change(severity="critical", affected=(affected(),))
    box.deliver()
    assert (box.told("team"), box.told("mail")) == (["fire"], ["fire"])
    assert box.times("team", "fire") == [timedelta(0)]


def test_a_hundred_bad_windows_are_one_page_and_its_reminders() -> None:
    """A2: a hundred hours without an acknowledgement: a page, an escalation, a reminder in four hours."""
    box = paper(channels={"team": SLACK})
    for window in range(2, 101):
        box.pass_time(hours=1)
        box.change(windows=window, batch_id=f"b{window}")
    box.pass_time(hours=1)
    assert box.told() == ["fire", "escalate", *["reminder"] * 24]
    quiet = paper(channels={"team": SLACK}, **CALM)
    quiet.pass_time(hours=100)
    assert quiet.told() == ["fire", *["reminder"] * 25]


def test_parts_that_join_are_told_but_not_one_by_one() -> None:
    """At most once in the group interval, with the names of all that are new."""
    box = paper(**CALM)
    for minute, name in enumerate(("b", "c", "d"), start=1):
        box.pass_time(minutes=1)
        box.change(affected=(*box.incident.affected, affected(name)), windows=minute)
    assert box.told() == ["fire"]
    box.pass_time(minutes=2)
    assert box.times("team", "change") == [5 * MINUTE]
    assert facts_from_json(box.rows[-1].payload).news == ("b", "c", "d")
    box.pass_time(hours=3)
    assert box.told() == ["fire", "change"]


def test_news_that_wait_in_a_blocked_channel_become_one() -> None:
    """The older message is superseded; the newer one names what either would have told."""
    box = paper(**CALM)
    box.blocked = {"team"}
    for name in ("b", "c"):
        box.pass_time(minutes=6)
        box.change(affected=(*box.incident.affected, affected(name)))
    box.blocked = set()
    box.deliver()
    assert box.told() == ["fire", "change"]
    [told] = [row for row in box.rows if (row.channel, row.kind, row.state) == ("team", "change", Delivery.DELIVERED)]
    assert facts_from_json(told.payload).news == ("b", "c")


def test_of_a_flood_of_parts_one_more_is_no_news() -> None:
    """A message names twenty; a hundred and one after a hundred changes nothing, two hundred do."""
    flood = tuple(affected(f"f{n:03}") for n in range(100))
    box = paper(incident(affected=flood), **CALM)
    box.pass_time(minutes=10)
    box.change(affected=(*flood, affected("late")))
    assert box.told() == ["fire"]
    box.change(affected=tuple(affected(f"f{n:03}") for n in range(200)))
    box.deliver()
    assert box.told() == ["fire", "change"]
    news = facts_from_json(box.rows[-1].payload)
    assert (len(news.news), news.n_affected) == (20, 200)


def test_a_part_that_comes_back_is_no_news() -> None:
    """It was named before."""
    box = paper(incident(affected=(affected("a"), affected("b"))), **CALM)
    box.pass_time(minutes=10)
    box.change(affected=(affected("a"),))
    box.change(affected=(affected("a"), affected("b")))
    assert box.told() == ["fire"]


def test_a_rise_is_told_at_once_and_pages_who_was_not_told() -> None:
    """From warning to critical: a change on Slack, a first page by e-mail; a fall is not told there."""
    box = paper(warning())
    box.pass_time(minutes=2)
    box.change(severity="critical", affected=(affected(),))
    box.deliver()
    assert (box.told("team"), box.told("mail")) == (["fire", "change"], ["fire"])
    assert box.times("team", "change") == [2 * MINUTE]


def test_what_falls_below_a_channel_is_over_for_it() -> None:
    """PagerDuty takes only what is critical: what it was told is closed, as grave as it was, and opened again later."""
    box = paper(channels=WITH_PAGER, **CALM)
    box.change(severity="warning", affected=(affected(severity="warning"),))
    box.deliver()
    assert (box.told("pager"), box.told("team")) == (["fire", "resolve"], ["fire"])
    facts = facts_from_json(box.rows[-1].payload)
    assert (facts.severity, facts.resolution, facts.resolved_at) == ("critical", "now warning", None)
    box.change(severity="critical", affected=(affected(),))
    box.deliver()
    assert box.told("pager") == ["fire", "resolve", "fire"]


def test_the_end_is_told_once_where_the_beginning_was() -> None:
    """And only there."""
    box = paper(warning())
    box.pass_time(minutes=1)
    over(box)
    box.pass_time(days=1)
    assert (box.told("team"), box.told("mail")) == (["fire", "resolve"], [])


def test_a_warning_that_is_over_before_it_left_is_told_to_nobody() -> None:
    """It was superseded, and its end is not told either."""
    box = paper(warning())
    over(box)
    box.pass_time(days=1)
    assert box.told() == []
    assert {row.state for row in box.rows} == {Delivery.SUPERSEDED}


def test_a_first_page_is_never_dropped() -> None:
    """Over while the channel is blocked: it is delivered all the same, and its end after it."""
    box = PaperOutbox(incident(), alert_settings(**CALM), blocked={"team"})
    box.look()
    over(box)
    assert box.told() == []
    box.blocked = set()
    box.deliver()
    box.deliver()
    assert box.told() == ["fire", "resolve"]


def test_a_page_nobody_acknowledges_is_escalated_once_for_each_step() -> None:
    """After the time of each, to its channels; without channels, to whom the page went."""
    steps = [{"after": "15m"}, {"after": "30m", "channels": ["boss"]}]
    channels = {"team": SLACK, "boss": MAIL | {"min_severity": "critical"}}
    routes = [{"channels": ["team"]}]
    box = paper(escalation=steps, channels=channels, routes=routes)
    box.pass_time(hours=3)
    assert (box.times("team", "escalate"), box.times("boss", "escalate")) == ([15 * MINUTE], [30 * MINUTE])
    over(box)
    assert box.told("boss") == ["escalate", "resolve"]


def test_a_warning_is_not_escalated_and_a_rise_is_counted_from_itself() -> None:
    """Fifteen minutes after it became critical."""
    box = paper(warning())
    box.pass_time(hours=1)
    assert "escalate" not in box.told()
    box.change(severity="critical", affected=(affected(),))
    box.pass_time(hours=1)
    assert box.times("team", "escalate") == [75 * MINUTE]


def test_an_acknowledgement_stops_reminders_and_escalation_until_it_ends() -> None:
    """Then there is a reminder at once, and the escalation counts from then."""
    box = paper(channels={"team": SLACK})
    box.pass_time(minutes=10)
    box.change(acked_by="ada", acked_at=box.now, ack_until=NOW + 12 * HOUR)
    box.pass_time(hours=13)
    assert box.told() == ["fire", "reminder", "escalate"]
    assert box.times("team", "reminder") == [12 * HOUR]
    assert box.times("team", "escalate") == [12 * HOUR + 15 * MINUTE]


def test_an_acknowledgement_is_told_where_it_means_something() -> None:
    """To PagerDuty, once for each; not to people."""
    box = paper(channels=WITH_PAGER)
    for minute in (1, 2):
        box.pass_time(minutes=1)
        box.change(acked_by="ada", acked_at=box.now, ack_until=NOW + HOUR)
        box.deliver()
        assert box.told("pager").count("acknowledge") == minute
    assert box.told("team") == ["fire"]
    assert facts_from_json(box.rows[-1].payload).actor == "ada"


def test_an_acknowledged_warning_that_becomes_critical_is_a_page_again() -> None:
    """What was acknowledged was milder."""
    box = paper(warning())
    box.pass_time(minutes=1)
    box.change(acked_by="ada", acked_at=box.now, ack_until=NOW + 12 * HOUR)
    box.pass_time(minutes=1)
    box.change(severity="critical", affected=(affected(),))
    box.pass_time(hours=5)
    assert box.told("team") == ["fire", "change", "escalate", "reminder"]


def test_a_silence_holds_everything_but_the_end() -> None:
    """Who was told before it began is told that it is over; reminders and escalation wait for its end."""
    box = paper(channels={"team": SLACK})
    box.silences = [silence(hours=6, model="flights")]
    box.pass_time(hours=5)
    assert box.told() == ["fire"]
    over(box)
    assert box.told() == ["fire", "resolve"]


def test_what_still_fires_when_a_silence_ends_is_told_then() -> None:
    """And not before; a message that was queued when the silence came is suppressed, and told afterwards."""
    for early in (True, False):
        box = PaperOutbox(incident(), alert_settings(channels={"team": SLACK}))
        if early:
            box.silences = [silence()]
            box.look()
        else:
            box.look()
            box.silences = [silence()]
        box.deliver()
        assert box.told() == []
        box.pass_time(hours=2)
        assert box.times("team", "fire") == [HOUR]


def test_a_snooze_is_a_silence_of_one_incident() -> None:
    """It holds what joins, and the end of it tells."""
    box = paper(channels={"team": SLACK}, **CALM)
    box.change(snoozed_by="ada", snoozed_until=NOW + HOUR, affected=(affected("age"), affected("b")))
    box.pass_time(minutes=59)
    assert box.told() == ["fire"]
    box.pass_time(minutes=1)
    assert box.told() == ["fire", "change"]


def test_warnings_wait_for_the_morning_and_pages_do_not() -> None:
    """NOW is noon in London: quiet from eleven to two."""
    hours = {"start": "11:00", "end": "14:00", "timezone": "Europe/London"}
    box = paper(warning(), quiet_hours=hours)
    box.pass_time(minutes=119)
    assert box.told() == []
    box.pass_time(hours=5)
    assert (box.times("team", "fire"), box.times("team", "reminder")) == ([2 * HOUR], [6 * HOUR])
    assert paper(quiet_hours=hours).told() == ["fire"]


def test_the_end_of_a_warning_waits_for_the_morning_too() -> None:
    """Nobody is woken to hear that a warning is over."""
    box = paper(warning(), quiet_hours={"start": "13:00", "end": "18:00"})
    box.pass_time(minutes=90)
    over(box)
    box.pass_time(hours=8)
    assert box.times("team", "resolve") == [6 * HOUR]


def test_flapping_is_told_once_and_then_held() -> None:
    """No reminder and no new part until it is steady; a rise all the same."""
    box = paper(warning(), channels={"team": SLACK}, **CALM)
    box.pass_time(minutes=1)
    box.change(flapping=True)
    box.pass_time(hours=20)
    box.change(affected=(*box.incident.affected, affected("b", "warning")))
    box.pass_time(hours=20)
    assert box.told() == ["fire", "change"]
    box.change(severity="critical")
    box.pass_time(hours=20)
    assert box.told() == ["fire", "change", "change"]
    box.change(flapping=False, affected=(*box.incident.affected, affected("c")))
    box.deliver()
    assert box.told() == ["fire", "change", "change", "change"]


def test_a_rehearsal_does_not_silence_the_real_page() -> None:
    """Once dry_run is off, everything that is open is told for real; a rehearsed end is not told."""
    box = paper(dry_run=True)
    assert {row.state for row in box.rows} == {Delivery.DRY_RUN}
    box.settings = alert_settings()
    box.look()
    box.deliver()
    assert box.told() == ["fire"]


def test_a_dead_page_is_said_again_after_the_repeat_interval() -> None:
    """As a first message, since nobody has heard of it; PagerDuty too, which takes no reminders."""
    box = PaperOutbox(incident(), alert_settings(channels=WITH_PAGER, **CALM))
    box.look()
    for row in list(box.rows):
        box.finish(row.notification_id, Delivery.DEAD, attempts=1)
    box.look()
    box.pass_time(hours=3)
    assert box.told("team") == box.told("pager") == []
    box.pass_time(hours=1)
    assert box.told("team") == box.told("pager") == ["fire"]


@pytest.mark.parametrize(("attempts", "ends"), [(1, []), (3, ["resolve"])])
def test_the_end_follows_where_a_dead_message_may_have_arrived(attempts: int, ends: list[str]) -> None:
    """Refused at once, it did not; given up after several attempts, it may have."""
    box = PaperOutbox(incident(), alert_settings(channels={"team": SLACK}))
    box.look()
    box.finish(1, Delivery.DEAD, attempts=attempts)
    over(box)
    assert box.told() == ends


def test_a_clock_set_back_keeps_nothing_quiet() -> None:
    """A5: told tomorrow, by a clock that was a day ahead: the reminder and the escalation are due, once."""
    box = paper(channels={"team": SLACK})
    box.now = NOW - timedelta(days=1)
    box.pass_time(minutes=1)
    assert box.told() == ["fire", "escalate"]
    box.pass_time(hours=4)
    assert box.told() == ["fire", "escalate", "reminder"]


def test_an_acknowledgement_from_the_future_does_not_hold() -> None:
    """A5: nobody can say when it would end."""
    box = paper(channels={"team": SLACK})
    box.change(acked_by="ada", acked_at=NOW, ack_until=NOW + 12 * HOUR)
    box.now = NOW - timedelta(days=1)
    box.pass_time(minutes=1)
    assert "escalate" in box.told()


def test_a_channel_that_is_no_longer_configured_is_left_alone() -> None:
    """Its rows are suppressed when their turn comes, with the reason."""
    box = paper()
    box.settings = alert_settings(channels={"mail": MAIL})
    assert box.look().send == ()
    fate = still_wanted(notification(), incident(), box.settings, (), now=NOW)
    assert fate == (Delivery.SUPPRESSED, "no channel is called 'team' any more")


def test_an_alertmanager_is_told_at_once_and_groups_and_silences_itself() -> None:
    """PROMISES: one owner of grouping, quiet hours, silences and reminders."""
    hub = {"hub": {"type": "alertmanager", "urls": ["http://127.0.0.1:9093"]}}
    box = PaperOutbox(warning(), alert_settings(channels=hub, quiet_hours={"start": "11:00", "end": "14:00"}))
    box.silences = [silence(hours=10, model="*")]
    box.look()
    box.deliver()
    box.pass_time(days=1)
    assert (box.told("hub"), box.times("hub", "fire")) == (["fire"], [timedelta(0)])


OVER = incident(state=IncidentState.RESOLVED, resolved_at=NOW)
ACKED = incident(acked_by="ada", acked_at=NOW + MINUTE, ack_until=NOW + HOUR)


@pytest.mark.parametrize(
    ("about", "row", "fate"),
    [
        (incident(), {}, None),
        (None, {"kind": "digest", "incident_id": None}, None),
        (OVER, {}, None),
        (OVER, {"severity": "warning"}, Delivery.SUPERSEDED),
        (OVER, {"severity": "warning", "attempts": 1}, None),
        (OVER, {"kind": "change"}, Delivery.SUPERSEDED),
        (OVER, {"kind": "escalate"}, Delivery.SUPERSEDED),
        (OVER, {"kind": "resolve"}, None),
        (ACKED, {"kind": "reminder"}, Delivery.SUPPRESSED),
        (ACKED, {"kind": "escalate"}, Delivery.SUPPRESSED),
        (ACKED, {"kind": "change"}, None),
        (ACKED, {"kind": "reminder", "created_at": NOW + 2 * MINUTE}, None),
        (warning(), {"kind": "escalate"}, Delivery.SUPERSEDED),
        (incident(snoozed_by="ada", snoozed_until=NOW + HOUR), {}, Delivery.SUPPRESSED),
    ],
)
def test_what_is_still_wanted_when_its_turn_comes(about, row, fate) -> None:
    """Over, silenced and in hand are looked at again right before a message leaves."""
    verdict = still_wanted(
        notification(about, **row) if about else notification(**row), about, alert_settings(), (), now=NOW + 2 * MINUTE
    )
    assert (verdict[0] if verdict else None) == fate


def test_a_silenced_row_says_by_whom() -> None:
    """The dashboard shows the reason."""
    fate = still_wanted(notification(), incident(), alert_settings(), [silence(rule="feature_*")], now=NOW)
    assert fate == (Delivery.SUPPRESSED, "silenced by ada: planned")


def test_the_plan_looks_past_what_it_sends() -> None:
    """Nothing need be asked before `wake`, unless something changes."""
    planned = plan(incident(), (), alert_settings(), (), now=NOW)
    assert planned.wake == NOW + 15 * MINUTE


@pytest.mark.parametrize(
    ("question", "proof"),
    [
        ("_untold", test_a_page_leaves_at_once_on_every_channel),
        ("_unsent", test_what_joins_a_warning_that_waits_is_told_with_it),
        ("_graver", test_a_rise_is_told_at_once_and_pages_who_was_not_told),
        ("_flapping", test_flapping_is_told_once_and_then_held),
        ("_escalated", test_a_page_nobody_acknowledges_is_escalated_once_for_each_step),
        ("_acknowledged", test_an_acknowledgement_is_told_where_it_means_something),
        ("_held", test_flapping_is_told_once_and_then_held),
        ("_joined", test_parts_that_join_are_told_but_not_one_by_one),
        ("_lost", test_a_dead_page_is_said_again_after_the_repeat_interval),
        ("_reminder", test_a_hundred_bad_windows_are_one_page_and_its_reminders),
    ],
)
def test_a_schedule_that_forgets_a_question_is_found_out(question, proof, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: each question is needed by one of these tests."""
    rest = tuple(each for each in news._QUESTIONS if each.__name__ != question)
    assert len(rest) == len(news._QUESTIONS) - 1
    monkeypatch.setattr(news, "_QUESTIONS", rest)
    with pytest.raises((AssertionError, IndexError)):
        proof()
