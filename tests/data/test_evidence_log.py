"""The chain of evidence records: it has one end, and shows whatever was done to it."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from driftboard.data import Store
from driftboard.data.evidence_log import (
    EvidenceRecord,
    all_evidence,
    append_evidence,
    broken_links,
    digest_of,
    evidence_of,
    find_evidence,
)
from driftboard.data.incidents import insert_incident
from driftboard.errors import UnknownIncident
from tests.alerts.incidents import incident

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def incident_id(store: Store) -> int:
    """An incident about driftboard itself."""
    with store.write() as connection:
        return insert_incident(connection, incident(incident_id=0, model=None, model_id=None)).incident_id


def append(store: Store, incident_id: int, *payloads: str) -> list[EvidenceRecord]:
    """Records, each in a transaction of its own."""
    made = []
    for payload in payloads:
        with store.write() as connection:
            made.append(append_evidence(connection, incident_id, payload, now=NOW))
    return made


def broken(store: Store) -> list[str]:
    """What is wrong with the chain."""
    with store.read() as connection:
        return list(broken_links(connection))


def change(store: Store, statement: str) -> None:
    """Do to the table what the code never does."""
    with store.write() as connection:
        connection.execute(text(statement))


def test_each_record_holds_the_digest_of_the_one_before(store: Store, incident_id: int) -> None:
    """The first has none; what is read is what was stored."""
    first, second = append(store, incident_id, '{"a":1}', '{"a":2}')
    assert (first.previous, first.digest) == ("", digest_of("", '{"a":1}'))
    assert (second.previous, second.digest) == (first.digest, digest_of(first.digest, '{"a":2}'))
    with store.read() as connection:
        assert evidence_of(connection, incident_id) == (first, second) == tuple(all_evidence(connection))
        assert find_evidence(connection, second.evidence_id) == second
        assert find_evidence(connection, 99) is None
    assert broken(store) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE evidence_records SET payload = 'other' WHERE evidence_id = 2", ["record 2 was changed"]),
        ("DELETE FROM evidence_records WHERE evidence_id = 2", ["record 3 does not follow"]),
        (
            "UPDATE evidence_records SET digest = 'x' WHERE evidence_id = 1",
            ["record 1 was changed", "record 2 does not"],
        ),
        (
            "UPDATE evidence_records SET previous = 'x' WHERE evidence_id = 3",
            ["record 3 does not", "record 3 was changed"],
        ),
    ],
)
def test_a_record_that_was_changed_or_taken_out_is_found(
    store: Store, incident_id: int, statement: str, said: list[str]
) -> None:
    """By the record itself, or by the one after it."""
    append(store, incident_id, '{"a":1}', '{"a":2}', '{"a":3}')
    change(store, statement)
    found = broken(store)
    assert len(found) == len(said)
    assert all(line.startswith(start) for line, start in zip(found, said, strict=True))


def test_a_record_forged_with_its_digest_breaks_the_chain(store: Store, incident_id: int) -> None:
    """Whoever rewrites one record and its digest has to rewrite all that follow."""
    append(store, incident_id, '{"a":1}', '{"a":2}')
    forged = digest_of("", "no")
    change(store, f"UPDATE evidence_records SET payload = 'no', digest = '{forged}' WHERE evidence_id = 1")  # noqa: S608
    assert [line[:8] for line in broken(store)] == ["record 2"]


def test_two_writers_make_one_chain(store: Store, incident_id: int) -> None:
    """Eight records from four threads at once follow one another."""
    gate = threading.Barrier(4)

    def write(number: int) -> None:
        gate.wait()
        append(store, incident_id, f'{{"a":{number}}}', f'{{"b":{number}}}')

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert broken(store) == []
    with store.read() as connection:
        assert len(list(all_evidence(connection))) == 8


def test_no_evidence_says_how_to_make_some(store: Store) -> None:
    """One line with the command."""
    with store.read() as connection, pytest.raises(UnknownIncident, match="driftboard alerts evidence 7"):
        evidence_of(connection, 7)
