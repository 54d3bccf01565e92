"""The daily digest: when, and what it says."""

from datetime import UTC, datetime, time, timedelta

from driftboard.alert_settings import Digest
from driftboard.alerts.digest import digest_day, digest_facts
from driftboard.alerts.facts import facts_from_json, facts_to_json
from driftboard.data.incident import IncidentState
from tests.alerts.incidents import NOW, affected, incident

DAY = timedelta(days=1)
NOON = Digest(at=time(12), channels=("mail",))
EIGHT = Digest(at=time(8), timezone="Europe/Berlin", channels=("mail",))


def test_there_is_one_digest_a_day_at_eight_by_the_wall() -> None:
    """Counted over the year of two changes of the clock: 365 digests, at six or seven UTC."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    days: dict[int, datetime] = {}
    while at < datetime(2027, 1, 1, tzinfo=UTC):
        days.setdefault(digest_day(EIGHT, at), at)
        at += timedelta(minutes=30)
    times = list(days.values())[1:]
    assert len(times) == 365
    assert {each.hour for each in times} == {6, 7}


def test_a_day_without_anything_has_no_digest() -> None:
    """Nobody reads "all is well" every morning; what was over yesterday is no matter of today's."""
    old = incident(state=IncidentState.RESOLVED, resolved_at=NOW - DAY, opened_at=NOW - 2 * DAY)
    assert digest_facts([], NOON, now=NOW) is None
    assert digest_facts([old], NOON, now=NOW) is None


def test_what_began_after_it_was_due_waits_for_the_next() -> None:
    """A digest that had nothing to say at eight does not become a message about what happens at ten."""
    later = incident(opened_at=NOW + DAY / 12)
    assert digest_facts([later], NOON, now=NOW + DAY / 11) is None
    assert digest_facts([later], NOON, now=NOW + DAY) is not None


def test_it_lists_what_is_open_then_what_came_and_went() -> None:
    """The gravest first; information is in it, which no other message tells."""
    over = incident(state=IncidentState.RESOLVED, resolved_at=NOW - DAY / 2, resolution="recovered")
    info = incident(rule="label_shift", severity="info", affected=(affected("", "info", "TV 0.02."),))
    hand = incident(rule="schema", severity="warning", acked_by="ada", affected=(affected("a"), affected("b")))
    facts = digest_facts([over, info, hand, incident()], NOON, now=NOW)
    lines = [(each.subject, each.message) for each in facts.affected]
    assert [name.partition(" in ")[0] for name, _ in lines] == [
        "Feature drift",
        "Schema change",
        "Predictions shifted",
        "Feature drift",
    ]
    assert lines[1][0].endswith("(2 parts)")
    assert "acknowledged by ada" in lines[1][1]
    assert "info. TV 0.02." in lines[2][1]
    assert "over (recovered)" in lines[3][1]
    assert (facts.kind, facts.step, facts.severity, facts.n_affected) == ("digest", NOW.toordinal(), "critical", 4)


def test_it_names_as_many_as_a_message_holds_and_counts_the_rest() -> None:
    """And it goes through the outbox as it is."""
    facts = digest_facts([incident(incident_id=n) for n in range(50)], NOON, now=NOW)
    assert (len(facts.affected), facts.n_affected) == (20, 50)
    assert facts_from_json(facts_to_json(facts)) == facts
