"""Checking evidence: what is true passes, and tampering with file, table or block is found, by real tampering."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from driftboard.alerts.evidence import canonical, record_evidence, to_file
from driftboard.alerts.evidence_page import render
from driftboard.data import Store, get_model, label_predictions, log_predictions
from driftboard.data.check import Check, State
from driftboard.data.evidence_log import EvidenceRecord, digest_of
from driftboard.data.incidents import recent_incidents
from driftboard.data.retention import purge
from driftboard.errors import StoreError
from driftboard.evidence_check import check_chain, check_evidence, check_file
from driftboard.worker import evaluate_due
from tests.alerts.judged_log import BAD, SETTINGS, day, judge, make_incident, make_log, make_template, open_copy
from tests.driftboard.streams import DAY, KEY, START, batch, register, truth, with_monitors

NOW = START + 30 * DAY


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A judged log."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def log(template: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of it, for one test."""
    with open_copy(template, tmp_path) as store:
        yield store


def recorded(store: Store, rule: str = "feature_drift", subject: str = "x") -> EvidenceRecord:
    """The evidence of an incident over the bad days of a judged log."""
    with store.write() as connection:
        made = make_incident(connection, rule, subject)
    return record_evidence(store, made.incident_id, SETTINGS, now=NOW)


def checks(store: Store, record: EvidenceRecord) -> dict[str, Check]:
    """By name; of two of a name the graver."""
    order = list(State)
    with store.read() as connection:
        found = sorted(check_evidence(connection, record), key=lambda each: order.index(each.state))
        return {each.name: each for each in found}


def change(store: Store, statement: str, **values: object) -> None:
    """Do to the log what the code never does."""
    with store.write() as connection:
        connection.execute(text(statement), values)


RULES = [
    ("feature_drift", "x"),
    ("performance_decay", ""),
    ("label_shift", ""),
    ("missing_values", "x"),
    ("relation_change", "x / y"),
]


def test_both_engines_give_the_same_answers(store: Store) -> None:
    """The whole way on either: log, judge, record, check; and a changed report is found."""
    make_log(store)
    record = recorded(store)
    assert {each.state for each in checks(store, record).values()} == {State.OK}
    a_number(store)
    a_label(store)
    assert {name for name, each in checks(store, record).items() if each.state is State.CRITICAL} == {"reports", "rows"}


def test_the_evidence_of_what_the_worker_made_passes(store: Store) -> None:
    """From logged rows to incidents, of every rule that they broke, while they last and when they are over."""
    register(store)
    for number in range(3, 23):
        drifts = number in range(6, 9)
        given = batch(day(number), shift=0.8 if drifts else 0.0, at=START + number * DAY)
        log_predictions(store, replace(given, labels=truth(given, wrong=3 if drifts else 10)))
        evaluate_due(store, SETTINGS, now=START + (number + 1) * DAY)
    with store.read() as connection:
        incidents = recent_incidents(connection)
    assert {"feature_drift", "performance_decay"} <= {each.rule for each in incidents}
    assert {each.is_open for each in incidents if each.rule == "feature_drift"} == {False}
    for each in incidents:
        record = record_evidence(store, each.incident_id, SETTINGS, now=NOW)
        assert {check.state for check in checks(store, record).values()} == {State.OK}, each.rule


@pytest.mark.parametrize(("rule", "subject"), RULES)
def test_what_is_true_passes(log: Store, rule: str, subject: str) -> None:
    """Every check is ok, and the numbers of all five batches come out again, whichever monitor told them."""
    found = checks(log, recorded(log, rule, subject))
    assert {each.state for each in found.values()} == {State.OK}
    assert list(found) == ["record", "reports", "references", "rows", "recomputed"]
    assert found["recomputed"].finding == "the same numbers come out again, batches: 5"


def test_it_still_passes_when_the_log_has_moved_on(log: Store) -> None:
    """A new reference, new batches and another record change nothing of what is recorded."""
    record = recorded(log)
    log_predictions(log, batch(day(20), at=START + 20 * DAY))
    judge(log, now=NOW)
    record_evidence(log, record.incident_id, SETTINGS, now=NOW + DAY)
    assert {each.state for each in checks(log, record).values()} == {State.OK}


def a_report(store: Store) -> None:
    """Another word in a stored report."""
    change(
        store, "UPDATE monitor_reports SET payload = replace(payload, 'moved', 'stayed') WHERE report_id = :id", id=61
    )


def a_number(store: Store) -> None:
    """Another verdict of a stored report."""
    change(store, "UPDATE monitor_reports SET verdict = 'ok' WHERE batch_key = 14 AND monitor = 'feature'")


def a_block(store: Store) -> None:
    """One flipped bit in the rows of a bad batch."""
    _damage(store, forge=False)


def a_block_and_its_checksum(store: Store) -> None:
    """The rows of another batch in place of a bad one's, with a checksum that fits."""
    _damage(store, forge=True)


def an_earlier_block(store: Store) -> None:
    """Another checksum of a batch that the look-back windows reach into."""
    change(store, "UPDATE blocks SET checksum = checksum + 1 WHERE batch_key = 5")


def a_label(store: Store) -> None:
    """The other class for one row of a bad batch."""
    some = "(SELECT min(event_id) FROM labels JOIN blocks USING (block_id) WHERE batch_key = 14)"
    change(store, f"UPDATE labels SET value = 1 - value WHERE event_id = {some}")  # noqa: S608


def the_reference(store: Store) -> None:
    """Another label of the reference."""
    with store.read() as connection:
        labels = bytearray(connection.execute(text("SELECT labels FROM model_references")).scalar_one())
    labels[7] ^= 1
    change(store, "UPDATE model_references SET labels = :labels", labels=bytes(labels))


def a_profile(store: Store) -> None:
    """The counts of another batch in place of one that the windows look back on, with their checksum."""
    other = "(SELECT {} FROM profiles AS other WHERE other.batch_key = 15)"
    pair = f"payload = {other.format('payload')}, checksum = {other.format('checksum')}"
    change(store, f"UPDATE profiles SET {pair} WHERE batch_key = 16")  # noqa: S608


def the_table(store: Store) -> None:
    """Another sentence in the record itself."""
    change(store, "UPDATE evidence_records SET payload = replace(payload, 'moved', 'stayed')")


def _damage(store: Store, *, forge: bool) -> None:
    query = "SELECT payload, checksum FROM blocks WHERE batch_key = :key"
    with store.read() as connection:
        row = connection.execute(text(query), {"key": 3 if forge else 14}).one()
    payload = bytearray(row.payload)
    payload[-200] ^= not forge
    said = {"payload": bytes(payload), "checksum": row.checksum}
    change(store, "UPDATE blocks SET payload = :payload, checksum = :checksum WHERE batch_key = 14", **said)


TAMPERING = [
    (a_report, {"reports"}),
    (a_number, {"reports"}),
    (a_block, {"rows", "recomputed"}),
    (a_block_and_its_checksum, {"rows", "recomputed"}),
    (an_earlier_block, {"rows"}),
    (a_label, {"rows", "recomputed"}),
    (the_reference, {"references", "recomputed"}),
    (a_profile, {"recomputed"}),
    (the_table, {"record"}),
]


@pytest.mark.parametrize(("tamper", "names"), TAMPERING, ids=[each[0].__name__ for each in TAMPERING])
def test_tampering_is_found(log: Store, tamper: Callable[[Store], None], names: set[str]) -> None:
    """By the checks that should find it, in one line each; before it, nothing was."""
    record = recorded(log, "performance_decay", "") if tamper in (a_label, the_reference) else recorded(log)
    assert {each.state for each in checks(log, record).values()} == {State.OK}
    tamper(log)
    found = checks(log, record)
    assert {name for name, each in found.items() if each.state is State.CRITICAL} >= names
    assert all("\n" not in each.finding for each in found.values())


def test_other_settings_give_other_numbers(log: Store) -> None:
    """A record that names settings it was not judged with is found by computing again."""
    with log.write() as connection:
        made = make_incident(connection)
    record = record_evidence(log, made.incident_id, with_monitors(policy="classic"), now=NOW)
    found = checks(log, record)["recomputed"]
    assert found.state is State.CRITICAL
    assert "instead of" in found.finding


def test_what_was_purged_is_named_and_no_failure(log: Store) -> None:
    """The rows cannot be compared and the numbers not computed again; the reports still say the same."""
    record = recorded(log)
    with log.read() as connection:
        model = get_model(connection, KEY)
    purge(log, model, older_than=timedelta(days=1), now=START + (BAD[0] + 3) * DAY)
    found = checks(log, record)
    assert {name: str(each.state) for name, each in found.items()} == {
        "record": "ok",
        "reports": "ok",
        "references": "ok",
        "rows": "warning",
        "recomputed": "warning",
    }
    assert f"'{day(BAD[0])}' was purged" in found["recomputed"].finding
    assert repr(day(BAD[0])) in found["rows"].finding
    assert repr(day(BAD[-1])) not in found["rows"].finding


def test_labels_that_came_later_stop_only_what_is_made_from_labels(log: Store) -> None:
    """Decay cannot be computed again as it was; drift can. Nothing was tampered with."""
    drift = recorded(log)
    with log.write() as connection:
        decay = make_incident(connection, "performance_decay", "", fingerprint="d" * 32)
    decayed = record_evidence(log, decay.incident_id, SETTINGS, now=NOW)
    label_predictions(log, {f"{day(BAD[0])}-0": 1})
    assert {each.state for each in checks(log, drift).values()} == {State.OK}
    found = checks(log, decayed)
    assert found["recomputed"].state is State.WARNING
    assert "more rows or labels now" in found["recomputed"].finding
    assert found["rows"].state is State.OK


def written(store: Store, folder: Path) -> Path:
    """The two files of an incident."""
    record = recorded(store)
    path = folder / "incident-1.json"
    path.write_bytes(to_file(record))
    path.with_suffix(".html").write_text(render(record), encoding="utf-8")
    return path


def test_a_flipped_byte_of_the_files_is_found(log: Store, tmp_path: Path) -> None:
    """Of the numbers, of the spaces between them, and of the page."""
    path = written(log, tmp_path)
    assert check_file(path)[1] == Check(
        "file", State.OK, "incident-1.json is as it was written, incident-1.html shows it"
    )
    content, page = path.read_bytes(), path.with_suffix(".html")
    for old, new in ((b'"effect": 0.7', b'"effect": 0.1'), (b"\n  ", b"\n\t ")):
        path.write_bytes(content.replace(old, new, 1))
        assert path.read_bytes() != content
        assert check_file(path)[1].state is State.CRITICAL
    path.write_bytes(content)
    page.write_text(page.read_text(encoding="utf-8").replace("critical", "harmless", 1), encoding="utf-8")
    assert "incident-1.html does not show" in check_file(path)[1].finding


def test_a_file_forged_as_a_whole_is_not_in_the_log(log: Store, tmp_path: Path) -> None:
    """Its digest fits, and the log knows another."""
    path = written(log, tmp_path)
    genuine = check_file(path)[0]
    said = orjson.loads(genuine.payload) | {"events": []}
    payload = canonical(said | {"title": "All is well"})
    forged = EvidenceRecord(1, 1, NOW, "", digest_of("", payload), payload)
    path.write_bytes(to_file(forged))
    path.with_suffix(".html").unlink()
    record, check = check_file(path)
    assert check.state is State.OK
    assert checks(log, record)["record"].finding == "the log has another record 1"


def test_the_chain_is_checked_as_a_whole(log: Store) -> None:
    """A record taken out is missed by the one after it."""
    record = recorded(log)
    record_evidence(log, record.incident_id, SETTINGS, now=NOW)
    with log.read() as connection:
        assert check_chain(connection).state is State.OK
    change(log, "DELETE FROM evidence_records WHERE evidence_id = 1")
    with log.read() as connection:
        assert "record 2 does not follow" in check_chain(connection).finding


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """In one line."""
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(StoreError, match="no evidence file"):
        check_file(tmp_path / "a.json")
    with pytest.raises(StoreError, match="cannot read"):
        check_file(tmp_path / "missing.json")
