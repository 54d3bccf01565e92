"""Whether an evidence record is true: it is as written, in the chain, and the log still says what it says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from driftboard.alerts.evidence import from_file, to_file
from driftboard.alerts.evidence_page import render
from driftboard.data.check import Check, critical, ok, warning
from driftboard.data.evidence_log import EvidenceRecord, broken_links, digest_of, find_evidence
from driftboard.data.evidence_source import (
    QuotedRows,
    checksums_of,
    quote_reference,
    quote_rows,
    quoted_report,
)
from driftboard.errors import StoreError
from driftboard.evidence_recompute import recompute

_RESTORE = "compare with a backup: what is recorded and what is stored differ"
_FORGED = "do not rely on it: write it anew with `driftboard alerts evidence`"


def check_evidence(connection: Connection, record: EvidenceRecord) -> Iterator[Check]:
    """Yield what was found, one check each: chain, reports, references, rows, recomputation."""
    yield check_place(connection, record)
    said = orjson.loads(record.payload)
    yield _summed("reports", _changed_reports(connection, said), f"as recorded: {_count(said)}")
    known = f"as promoted: {len(said['references'])}"
    yield _summed("references", _changed_references(connection, said), known)
    yield from _rows(connection, said)
    yield from recompute(connection, said)


def check_chain(connection: Connection) -> Check:
    """Return whether every record of the log is as written, and follows the one before it."""
    broken = list(broken_links(connection))
    return critical("chain", "; ".join(broken), _RESTORE) if broken else ok("chain", "every record follows the last")


def check_place(connection: Connection, record: EvidenceRecord) -> Check:
    """Return whether the log holds this very record."""
    if digest_of(record.previous, record.payload) != record.digest:
        return critical("record", "its digest is not that of its content: it was changed", _FORGED)
    stored = find_evidence(connection, record.evidence_id)
    if stored != record:
        where = "has no such record" if stored is None else f"has another record {record.evidence_id}"
        return critical("record", f"the log {where}", _FORGED)
    return ok("record", f"record {record.evidence_id} is in the log, digest {record.digest[:12]}...")


def check_file(path: Path) -> tuple[EvidenceRecord, Check]:
    """Read an evidence file; return its record, and whether every byte of it, and of the page beside it, is as written.

    Raises
    ------
    StoreError
        It cannot be read, or is no evidence file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from None
    record = from_file(content)
    if to_file(record) != content or digest_of(record.previous, record.payload) != record.digest:
        return record, critical("file", f"{path.name} was changed after it was written", _FORGED)
    page = path.with_suffix(".html")
    if page.is_file() and page.read_bytes() != render(record).encode():
        return record, _other_page(page, record)
    beside = f", {page.name} shows it" if page.is_file() else ""
    return record, ok("file", f"{path.name} is as it was written{beside}")


def _other_page(page: Path, record: EvidenceRecord) -> Check:
    from importlib.metadata import version  # noqa: PLC0415 - only to tell a forged page from one of another version

    written = orjson.loads(record.payload)["software"]["driftboard"]
    if written != version("driftboard"):
        return warning("file", f"{page.name} was written by driftboard {written}: not compared", "")
    return critical("file", f"{page.name} does not show what the record says: it was changed", _FORGED)


def _summed(name: str, problems: list[str], fine: str) -> Check:
    return critical(name, "; ".join(problems), _RESTORE) if problems else ok(name, fine)


def _count(said: dict[str, Any]) -> int:
    return sum(window["report"] is not None for window in said["windows"])


def _changed_reports(connection: Connection, said: dict[str, Any]) -> list[str]:
    problems = []
    for window in said["windows"]:
        recorded = window["report"]
        if recorded is None:
            continue
        stored = quoted_report(connection, recorded["report_id"])
        if stored is None or stored.digest != recorded["digest"]:
            what = "is gone" if stored is None else "was changed"
            problems.append(f"report {recorded['report_id']} on batch {window['batch']['batch_id']!r} {what}")
    return problems


def _changed_references(connection: Connection, said: dict[str, Any]) -> list[str]:
    problems = []
    for recorded in said["references"]:
        stored = quote_reference(connection, recorded["reference_id"])
        if stored is None or stored.digest != recorded["digest"]:
            problems.append(f"reference {recorded['reference_id']} {'is gone' if stored is None else 'was changed'}")
    return problems


def _rows(connection: Connection, said: dict[str, Any]) -> Iterator[Check]:
    """Rows and labels that were there are there: what was purged is told apart from what was changed."""
    problems, purged = [], []
    for window in said["windows"]:
        name, recorded = repr(window["batch"]["batch_id"]), QuotedRows(**window["rows"])
        stored = quote_rows(connection, window["batch"]["batch_key"], as_of=recorded)
        if stored.n_rows == 0 and recorded.n_rows > 0:
            purged.append(name)
        elif stored != recorded:
            problems.append(f"the {'labels' if stored.blocks == recorded.blocks else 'rows'} of batch {name} changed")
    problems += _changed_before(connection, said)
    same = len(said["windows"]) - len(purged)
    yield _summed("rows", problems, f"rows and labels as recorded, batches: {same}")
    if purged:
        yield warning("rows", f"purged since, so not to be compared: {', '.join(purged)}", "")


def _changed_before(connection: Connection, said: dict[str, Any]) -> list[str]:
    problems = []
    for recorded in said["before"]:
        n_rows, checksums = checksums_of(connection, recorded["batch_key"])
        if n_rows == recorded["n_rows"] and checksums != recorded["checksums"]:
            problems.append(f"the rows of batch {recorded['batch_id']!r} changed")
    return problems
