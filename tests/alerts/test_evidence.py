"""The evidence of an incident: what a record holds, that its form is given by its content, and its page."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import orjson
import pytest

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.evidence import MASK, canonical, collect, from_file, quote_settings, record_evidence, to_file
from driftboard.alerts.evidence_page import render
from driftboard.alerts.facts import facts_of, facts_to_json
from driftboard.config import Settings
from driftboard.data import Store
from driftboard.data.evidence_log import EvidenceRecord, digest_of
from driftboard.data.incident import Affected, Incident
from driftboard.data.incidents import IncidentEvent, add_events, insert_incident
from driftboard.data.outbox import NewNotification, enqueue
from driftboard.errors import StoreError
from tests.alerts.incidents import NOW, incident
from tests.alerts.judged_log import BAD, SETTINGS, day, make_incident, make_template, open_copy

CHANNELS = {
    "team": {"type": "slack", "webhook_url": "env:CANARY_SLACK_URL"},
    "mail": {
        "type": "email",
        "host": "localhost",
        "sender": "driftboard@example.com",
        "recipients": ["oncall@example.com"],
        "username": "oncall",
        "password": "file:/canary/password",
    },
    "am": {"type": "alertmanager", "urls": ["http://127.0.0.1:9093"]},
}
HOSTILE = "<script>alert(1)</script>\"'&<img src=https://evil.example/x onerror=alert(2)>\u202e\n{{x}}"


def settings(**alerts: object) -> Settings:
    """The settings that the log was judged with, and these of the alerts."""
    return SETTINGS.model_copy(update={"alerts": AlertSettings.model_validate({"channels": CHANNELS} | alerts)})


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A judged log."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of it, for one test."""
    with open_copy(template, tmp_path) as store:
        yield store


@pytest.fixture
def made(store: Store) -> Incident:
    """An incident of five bad days, with an event and a notification."""
    with store.write() as connection:
        stored = make_incident(connection)
        add_events(connection, stored.incident_id, [IncidentEvent(NOW, "opened"), IncidentEvent(NOW, "acked", "Ada")])
        told = NewNotification(
            incident_id=stored.incident_id,
            fingerprint=stored.fingerprint,
            model=str(stored.model),
            kind="fire",
            step=0,
            channel="team",
            severity="critical",
            payload=facts_to_json(facts_of(stored, "fire")),
            not_before=NOW,
            created_at=NOW,
        )
        enqueue(connection, [told])
    return stored


def test_a_record_holds_what_is_needed_to_judge_again(store: Store, made: Incident) -> None:
    """Every bad window with its numbers, the reference, settings, version, who did what, who was told."""
    record = record_evidence(store, made.incident_id, settings(), now=NOW)
    said = orjson.loads(record.payload)
    assert [each["batch"]["batch_id"] for each in said["windows"]] == [day(number) for number in BAD]
    for window in said["windows"]:
        assert window["bad"]
        assert window["report"]["revision"] == 1
        assert window["rows"]["n_rows"] == window["batch"]["n_predictions"] == 200
        (found,) = [each for each in window["findings"] if each["subject"] == "x"]
        assert found["evidence"]["effect"] > found["evidence"]["page_floor"]
    assert [each["batch_id"] for each in said["before"]] == [day(number) for number in range(BAD[0])]
    (reference,) = said["references"]
    assert (reference["reference_id"], reference["n_rows"], len(reference["digest"])) == (1, 2000, 64)
    assert said["software"].keys() == {"driftboard", "numpy", "scipy", "python"}
    assert [(each["kind"], each["actor"]) for each in said["events"]] == [("opened", ""), ("acked", "Ada")]
    assert [(each["kind"], each["channel"], each["state"]) for each in said["notifications"]] == [
        ("fire", "team", "queued")
    ]
    assert said["settings"]["monitors"]["policy"] == "calibrated"
    assert said["chart"].startswith("<svg")
    assert record.digest == digest_of("", record.payload)


def test_the_numbers_are_those_of_one_subject_where_the_incident_is(store: Store, made: Incident) -> None:
    """An incident about `plan` quotes nothing of `x`."""
    with store.write() as connection:
        other = make_incident(connection, subject="plan", fingerprint="c" * 32)
        other = replace(other, subject="plan", episode=2)
        stored = insert_incident(connection, other)
    with store.read() as connection:
        said = collect(connection, stored.incident_id, settings(), now=NOW)
    assert {found["subject"] for window in said["windows"] for found in window["findings"]} <= {"plan"}
    assert made.incident_id != stored.incident_id


def test_no_secret_is_in_it(store: Store, made: Incident) -> None:
    """Not even what a secret is called: not in the record, the file or the page."""
    record = record_evidence(store, made.incident_id, settings(), now=NOW)
    for text in (record.payload, to_file(record).decode(), render(record)):
        assert "canary" not in text.lower()
    channels = orjson.loads(record.payload)["settings"]["alerts"]["channels"]
    assert channels["team"]["webhook_url"] == channels["mail"]["password"] == MASK
    assert channels["am"]["urls"] == ["http://127.0.0.1:9093"]
    assert channels["mail"]["host"] == "localhost"


def test_the_digest_of_the_settings_changes_with_any_of_them() -> None:
    """And with nothing else."""
    assert quote_settings(settings())["digest"] == quote_settings(settings())["digest"]
    assert quote_settings(settings())["digest"] != quote_settings(settings(repeat_interval="5h"))["digest"]


def test_a_file_is_given_by_its_content(store: Store, made: Incident) -> None:
    """Writing what was read gives the same bytes; any flipped byte is another record, another form, or no file."""
    content = to_file(record_evidence(store, made.incident_id, settings(), now=NOW))
    record = from_file(content)
    assert to_file(record) == content
    for place in range(0, len(content), 97):
        flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        assert _is_found(flipped), f"byte {place}: {content[place - 20 : place + 20]!r}"


def _is_found(content: bytes) -> bool:
    """By what can be told from the file alone, or, for the envelope, by the record of the log."""
    try:
        given = from_file(content)
    except StoreError:
        return True
    return (
        to_file(given) != content or digest_of(given.previous, given.payload) != given.digest or given.evidence_id != 1
    )


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"record": 1}', b"\xff\x00", b"null"])
def test_what_is_no_evidence_file_is_refused_in_one_line(content: bytes) -> None:
    """And says what to name instead."""
    with pytest.raises(StoreError, match="no evidence file"):
        from_file(content)


def test_an_incident_about_driftboard_itself_has_evidence_too(store: Store) -> None:
    """Without data: events and notifications."""
    with store.write() as connection:
        own = incident(incident_id=0, rule="channel_broken", subject="team", model=None, model_id=None, batch_key=None)
        stored = insert_incident(connection, own)
    record = record_evidence(store, stored.incident_id, settings(), now=NOW)
    said = orjson.loads(record.payload)
    assert (said["model"], said["windows"], said["chart"]) == (None, [], None)
    assert "it is about driftboard itself" in render(record)


class _Page(HTMLParser):
    """Collects tags, and what they would load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag."""
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "data", "action")]
        assert not [name for name, _ in attrs if name.startswith("on")]


def test_the_page_loads_nothing_and_shows_hostile_names_as_text(store: Store, made: Incident) -> None:
    """Names, actors and reasons that are markup stay text, in the page and in its chart."""
    part = Affected(HOSTILE, "critical", HOSTILE, 1.0, HOSTILE, NOW)
    with store.write() as connection:
        stored = insert_incident(connection, replace(made, episode=2, affected=(part, part), acked_by=HOSTILE))
        add_events(connection, stored.incident_id, [IncidentEvent(NOW, HOSTILE, HOSTILE, HOSTILE)])
    page = _Page()
    html = render(record_evidence(store, stored.incident_id, settings(), now=NOW))
    page.feed(html)
    assert not {"script", "iframe", "object", "link", "svg"} & set(page.tags)
    assert all(each.startswith("data:image/svg+xml;base64,") for each in page.loads)
    assert "https://evil" not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "default-src 'none'" in html


def test_the_page_is_given_by_its_record(store: Store, made: Incident) -> None:
    """It can be compared byte by byte, and says where it stands in the chain."""
    record_evidence(store, made.incident_id, settings(), now=NOW)
    record = record_evidence(store, made.incident_id, settings(), now=NOW + timedelta(hours=1))
    html = render(record)
    assert html == render(from_file(to_file(record)))
    assert record.digest in html
    assert record.previous in html
    assert re.search(r"<td class=\"time\">2026-03-14</td><td>200</td><td><span class=\"bad\">■ bad", html)


def test_canonical_json_does_not_know_the_order_it_was_given_in() -> None:
    """So the digest is of what is said."""
    assert canonical({"b": [1, {"d": 2.5, "c": None}], "a": NOW}) == canonical(
        {"a": NOW, "b": [1, {"c": None, "d": 2.5}]}
    )
    assert isinstance(from_file(to_file(EvidenceRecord(1, 1, NOW, "", "x", "{}"))), EvidenceRecord)
