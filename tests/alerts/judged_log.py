"""A log of twenty days, judged, five of which drift and decay: what charts and evidence of incidents are made from."""

import dataclasses
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from driftboard.alerts.fingerprint import fingerprint
from driftboard.bench import Bench
from driftboard.case import read_case
from driftboard.config import Settings
from driftboard.data import Store, find_batch, get_model, log_predictions, open_store
from driftboard.data.incident import Affected, Incident
from driftboard.data.incidents import insert_incident
from driftboard.data.profiles import save_profile
from driftboard.data.references import load_reference
from driftboard.data.reports import due_batches, save_report
from driftboard.label_wait import with_label_bias
from driftboard.monitors import PerformanceReport, profile_to_bytes
from driftboard.monitors.report import report_to_json
from tests.alerts import incidents
from tests.driftboard.streams import DAY, KEY, START, batch, register, truth, with_monitors

BAD = range(12, 17)
"""The days that drift, counted from the first."""
SETTINGS = with_monitors()


def day(number: int) -> str:
    """The batch of a day."""
    return f"{START + number * DAY:%Y-%m-%d}"


def make_log(store: Store, *, days: int = 20, settings: Settings = SETTINGS) -> None:
    """Twenty batches of 200 rows with their labels; on the bad days `x` moves, and a third of the rows is wrong."""
    register(store)
    for number in range(days):
        drifts = number in BAD
        given = batch(day(number), shift=0.8 if drifts else 0.0, at=START + number * DAY)
        log_predictions(store, dataclasses.replace(given, labels=truth(given, wrong=3 if drifts else 10)))
    judge(store, settings, now=START + days * DAY)


def make_template(folder: Path) -> Path:
    """A file with such a log, to be copied: judging takes a second."""
    path = folder / "judged.sqlite"
    with open_store(path) as store:
        make_log(store)
    return path


@contextmanager
def open_copy(template: Path, folder: Path) -> Iterator[Store]:
    """A copy of a log, open for writing."""
    with open_store(Path(shutil.copy(template, folder / "log.sqlite"))) as store:
        yield store


def judge(store: Store, settings: Settings = SETTINGS, *, now: datetime) -> None:
    """Judge what is due, and store the reports, as the worker does, without its incidents."""
    with store.read() as connection:
        model = get_model(connection, KEY)
        reference = load_reference(connection, model)
        due = due_batches(connection, model)
    assert reference is not None
    bench = Bench(reference, settings.monitors)
    for batch_key in due:
        with store.write() as connection:
            case = read_case(connection, model, bench, batch_key, settings.monitors)
            reports = dict(case.detector.judge(case.profiles).reports)
            if isinstance(report := reports["performance"], PerformanceReport):
                reports["performance"] = with_label_bias(report, case.sample)
            payload = profile_to_bytes(case.profiles[-1])
            save_profile(connection, case.batch, reference_id=bench.reference_id, layout=case.layout, payload=payload)
            for name, each in reports.items():
                save_report(
                    connection,
                    case.batch,
                    monitor=name,
                    reference_id=bench.reference_id,
                    verdict=each.verdict,
                    payload=report_to_json(name, each),
                    now=now,
                )


def make_incident(
    connection: Connection, rule: str = "feature_drift", subject: str = "x", **changes: object
) -> Incident:
    """Store an incident over the bad days; the last of them is its newest bad window."""
    model = get_model(connection, KEY)
    first, last = (find_batch(connection, model, day(number)) for number in (BAD[0], BAD[-1]))
    part = Affected(subject, "critical", f"`{subject}` moved.", 2.0, first.batch_id, first.first_at)
    given = {
        "fingerprint": fingerprint(rule, KEY, ""),
        "model_id": model.model_id,
        "model": KEY,
        "rule": rule,
        "affected": (part,),
        "batch_key": last.batch_key,
        "batch_id": last.batch_id,
        "rows": last.n_predictions,
        "since": first.batch_id,
        "since_at": first.first_at,
        "windows": len(BAD),
        "opened_at": last.first_at + timedelta(hours=1),
        "changed_at": last.first_at + timedelta(hours=1),
    }
    return insert_incident(connection, incidents.incident(incident_id=0, **(given | changes)))
