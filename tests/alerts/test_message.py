"""What one or more notifications say: which, where, since when, ranked, capped and linked."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from driftboard.alert_settings import Digest
from driftboard.alerts.digest import digest_facts
from driftboard.alerts.entry import entry_of
from driftboard.alerts.facts import facts_from_json, facts_of, facts_to_json
from driftboard.alerts.message import MOST_ENTRIES, build, message_of, ranked
from driftboard.data.incident import IncidentState
from tests.alerts.incidents import NOW, affected, incident, notification
from tests.alerts.names import HOSTILE

BASE = "https://board.example/"
LATER = NOW + timedelta(minutes=15)


def told(kind="fire", of=None, **news: object):
    """What is told of an incident fifteen minutes after it opened."""
    return entry_of(facts_of(of or incident(), kind, **news), base_url=BASE, now=LATER)


def test_a_message_says_what_where_and_when():
    """A32/A34: rule, parts and model lead; since when, how many windows and rows, and detection follow, in UTC."""
    entry = told()
    assert entry.headline == "CRITICAL Feature drift: age in flights:2@production"
    assert entry.evidence == "Age drifts: PSI 0.3."
    assert entry.context == (
        "Model flights:2@production",
        "Since 2026-03-01T10:00:00Z (batch 2026-03-01), 1 bad window so far",
        "Newest bad batch 2026-03-01, 1,000 rows",
        "Detected at 2026-03-01T12:00:00Z",
    )
    assert entry.url == "https://board.example/alerts?incident=1"
    assert entry.runbook == "https://board.example/alerts?runbook=feature_drift"


def test_times_are_utc_wherever_they_come_from():
    """A34: a time with another zone is written in UTC; none is written without a zone."""
    zone = timezone(timedelta(hours=9))
    entry = told(of=incident(opened_at=NOW.astimezone(zone), since_at=NOW.astimezone(zone)))
    assert entry.context[-1] == "Detected at 2026-03-01T12:00:00Z"


OVER = incident(state=IncidentState.RESOLVED, resolved_at=NOW + timedelta(hours=26), resolution="recovered")


@pytest.mark.parametrize(
    ("entry", "headline", "last"),
    [
        (told("reminder"), "STILL CRITICAL Feature drift", "Still open after 15 min, and not acknowledged"),
        (told("escalate"), "ESCALATED CRITICAL Feature drift", "Nobody has acknowledged it for 15 min"),
        (told("acknowledge", actor="anna"), "ACKNOWLEDGED by anna: Feature drift", "Acknowledged by anna"),
        (told("change"), "NOW CRITICAL Feature drift", "Detected at"),
        (told("change", news=("income",)), "CRITICAL, now also income: Feature drift: age", "Detected at"),
        (told("change", news=tuple("abcde")), "CRITICAL, now also a, b, c (+2 more): Feature drift", "Detected at"),
        (told("change", of=incident(flapping=True)), "CRITICAL, comes and goes: Feature drift", "It comes and goes"),
        (
            told("resolve", of=incident(resolution="now warning")),
            "EASED after 15 min: Feature drift: age",
            "Not over, but now warning: this channel is told no more of it",
        ),
        (
            told("resolve", of=OVER),
            "RESOLVED after 1 d 2 h: Feature drift: age",
            "Over at 2026-03-02T14:00:00Z, it lasted 1 d 2 h: recovered",
        ),
        (
            told("resolve", of=replace(OVER, resolution="resolved by anna")),
            "RESOLVED after 1 d 2 h: Feature drift: age",
            "Over at 2026-03-02T14:00:00Z, it lasted 1 d 2 h: resolved by anna",
        ),
    ],
)
def test_each_kind_says_what_it_is(entry, headline, last):
    """Reminders say still, escalations that nobody came, changes what is new, ends how long it lasted."""
    assert entry.headline.startswith(headline)
    assert entry.context[-1].startswith(last)


def test_the_parts_are_listed_in_their_order_and_capped():
    """A32: of ten thousand parts three are in the headline, twenty in the list, and all are counted."""
    parts = tuple(affected(f"f{n}", message="PSI 0.3.") for n in range(10_000))
    entry = told(of=incident(affected=parts))
    assert entry.headline == "CRITICAL Feature drift: f0, f1, f2 (+9,997 more) in flights:2@production"
    assert (len(entry.affected), entry.n_affected, entry.more) == (20, 10_000, 9_980)
    assert entry.affected[0] == "f0: PSI 0.3."


def test_a_part_that_is_better_says_so():
    """A part whose newest window was clear is marked."""
    entry = told(of=incident(affected=(affected("a"), affected("b", recovering=True))))
    assert [part.endswith("(recovering)") for part in entry.affected] == [False, True]


def test_a_sentence_that_names_its_part_is_not_told_twice():
    """The name leads, once."""
    entry = told(of=incident(affected=(affected("age"), affected("b", message="PSI 0.2."))))
    assert entry.affected == ("Age drifts: PSI 0.3.", "b: PSI 0.2.")


def test_an_incident_of_one_feature_names_it():
    """With a subject of its own, that is what the headline names."""
    assert told(of=incident(subject="income")).headline == "CRITICAL Feature drift: income in flights:2@production"


def test_an_incident_about_driftboard_itself_has_no_model():
    """Neither model nor batch is made up."""
    own = incident(rule="channel_broken", subject="team", model=None, model_id=None, batch_id="", rows=0, since="")
    entry = told(of=own)
    assert entry.headline == "CRITICAL A channel is broken: team"
    assert entry.context == ("Since 2026-03-01T10:00:00Z", "Detected at 2026-03-01T12:00:00Z")


def test_a_digest_is_a_list():
    """One line for each incident, whatever its rule; the day is that of the digest."""
    early = NOW - timedelta(days=1)
    mild = incident(rule="label_shift", severity="warning", incident_id=2, opened_at=early)
    of = [mild, incident(opened_at=early)]
    facts = digest_facts(of, Digest(), now=NOW)
    entry = entry_of(facts, base_url=BASE, now=NOW)
    assert entry.headline == "DIGEST of 2026-03-01: 2 incidents, critical at most"
    assert (entry.evidence, entry.context) == ("", ())
    assert entry.affected[0] == "Feature drift in flights:2@production: critical. age drifts: PSI 0.3."
    assert entry.url == entry.runbook == "https://board.example/alerts"


def test_an_unknown_rule_has_no_runbook():
    """An old row, of a rule that is gone, links to the page of all alerts."""
    assert told(of=incident(rule="gone<script>")).runbook == "https://board.example/alerts"


def test_several_incidents_are_one_message_the_gravest_first():
    """What is over comes last, then severity and age decide; the headline counts the others."""
    rows = [
        notification(OVER, notification_id=1, kind="resolve"),
        notification(incident(severity="warning"), notification_id=2),
        notification(notification_id=3),
    ]
    message = build(rows, base_url=BASE, now=LATER, repeated=False)
    assert [each.notification_id for each in ranked(rows)] == [3, 2, 1]
    assert [entry.headline.split()[0] for entry in message.entries] == ["CRITICAL", "WARNING", "RESOLVED"]
    assert message.headline == "CRITICAL Feature drift: age in flights:2@production +2 more"
    assert (message.severity, message.thread, message.n_entries) == ("critical", rows[0].fingerprint, 3)


def test_many_incidents_are_capped_and_counted():
    """Twenty are listed; machines get them all."""
    message = build([notification(notification_id=n) for n in range(1, 501)], base_url=BASE, now=NOW, repeated=False)
    assert (len(message.entries), message.n_entries, message.more) == (MOST_ENTRIES, 500, 480)
    assert len(message.facts) == 500


def test_the_key_is_the_same_for_every_attempt():
    """A29: a message that is sent again can be recognised, though time has passed and the group has grown."""
    first = build([notification(notification_id=7)], base_url=BASE, now=NOW, repeated=False)
    grown = [notification(notification_id=9), notification(notification_id=7, attempts=2)]
    again = build(grown, base_url=BASE, now=LATER, repeated=True)
    other = build([notification(notification_id=7, channel="mail")], base_url=BASE, now=NOW, repeated=False)
    assert first.key == again.key != other.key


def test_a_repetition_says_so():
    """What may have arrived before begins with (repeat)."""
    assert build([notification()], base_url=BASE, now=NOW, repeated=True).headline.startswith("(repeat) CRITICAL")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_harmless_in_every_line(name):
    """N8: batch, part and sentence are one visible line each, and the links hold only what we put there."""
    of = incident(affected=(affected(name, message=name), affected("b")), batch_id=name, since=name, subject=name)
    facts = facts_from_json(facts_to_json(facts_of(of, "change", news=(name,), actor=name)))
    message = message_of((facts,), key="k", base_url=BASE, now=NOW)
    (entry,) = message.entries
    for line in (message.headline, entry.headline, entry.evidence, *entry.context, *entry.affected):
        assert line.isprintable()
        assert "://" not in line
        assert len(line) <= 600
    assert entry.url == "https://board.example/alerts?incident=1"
    assert len(message.headline) <= 300


def test_what_hurts_leads_and_a_milder_part_says_so():
    """Measured decay before drift, though drift was queued first; a part that is no page is marked."""
    drift = notification(incident(), notification_id=1)
    mild = affected("b", severity="warning", message="b moved.")
    decay = notification(incident(rule="performance_decay", affected=(affected(""), mild)), notification_id=2)
    assert [each.notification_id for each in ranked([drift, decay])] == [2, 1]
    message = build([drift, decay], base_url="https://x", now=NOW, repeated=False)
    assert message.headline.startswith("CRITICAL Performance decay")
    assert message.entries[0].affected[1] == "B moved. (warning)"
