"""The series behind an incident: what was measured, which batches were bad, which windows are shown."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from driftboard.alerts.measured_inputs import INPUTS
from driftboard.alerts.measured_outcomes import OUTCOMES
from driftboard.alerts.rules import RULES
from driftboard.alerts.series import MULTIPLE, Series, is_bad, series_of
from driftboard.data import Store, get_model
from driftboard.data.incident import Incident, IncidentState
from driftboard.data.reports import newest_reports
from driftboard.monitors.feature_report import FeatureReport, FeatureResult, PairResult, RelationReport
from driftboard.monitors.finding import Evidence, Finding
from driftboard.monitors.interval import Interval
from driftboard.monitors.performance_report import ClassResult, Estimate, PerformanceReport, SegmentResult
from driftboard.monitors.prediction_report import PredictionReport
from driftboard.monitors.quality_report import QualityReport, QualityResult
from driftboard.monitors.report import Report, report_from_json, report_to_json
from driftboard.monitors.two_sample import Test
from driftboard.monitors.verdict import Verdict
from tests.alerts.incidents import incident
from tests.alerts.judged_log import BAD, day, make_incident, make_log, make_template, open_copy
from tests.driftboard.streams import DAY, KEY, START

OK = Verdict.OK


def proof(effect: float, measure: str = "points", floor: float = 0.1) -> Evidence:
    """Evidence of an effect that is worth a page from `floor`."""
    return Evidence(2, "b", 400, 2000, 1e-9, 1e-4, effect, measure, floor / 2, floor)


def quality(**changes: object) -> QualityReport:
    """A report in which `age` has this, and the rows nothing."""
    return QualityReport(OK, "", 100, 1000, (replace(QualityResult("age", "numeric", OK, "", 100), **changes),))  # type: ignore[arg-type]


RISEN = Finding(Verdict.CRITICAL, "", "missing_values", "age", proof(0.3, floor=0.05))
OUTCOME = PerformanceReport(OK, "", 200, 100, 0.5, 0.03)
READ: list[tuple[str, str, Report, dict[str, object]]] = [
    (
        "feature_drift",
        "age",
        FeatureReport(
            OK,
            "",
            100,
            1000,
            (FeatureResult("age", "numeric", OK, "", 90, 900, 0, 0, evidence=proof(0.4, "KS")),),
            0.1,
            0.2,
        ),
        {"value": 0.4, "measure": "KS", "n": 400, "warning": 0.05, "page": 0.1},
    ),
    (
        "feature_drift_unconfirmed",
        "age",
        FeatureReport(OK, "", 100, 1000, (FeatureResult("age", "numeric", OK, "", 90, 900, 0, 0, psi=0.15),), 0.1, 0.2),
        {"value": 0.15, "measure": "PSI", "n": 90, "warning": 0.1, "page": 0.2},
    ),
    (
        "relation_change",
        "a / b",
        RelationReport(OK, "", 100, 1000, 1, (PairResult("a", "b", OK, "", 0.1, 0.5, proof(0.4, "correlation", 0.2)),)),
        {"value": 0.4, "measure": "correlation", "page": 0.2},
    ),
    (
        "missing_values",
        "age",
        replace(quality(missing_rate=0.4, reference_missing_rate=0.1), findings=(RISEN,)),
        {
            "value": 0.4,
            "reference": 0.1,
            "page": pytest.approx(0.15),
            "is_share": True,
            "low": pytest.approx(0.309, abs=1e-3),
        },
    ),
    ("new_category", "age", quality(new_rate=0.2), {"value": 0.2, "page": None}),
    ("out_of_range", "age", quality(below_rate=0.1, above_rate=0.2), {"value": pytest.approx(0.3)}),
    ("constant", "age", quality(constant=True), {"value": 1.0}),
    (
        "duplicates",
        "",
        replace(quality(), duplicate_rate=0.5, reference_duplicate_rate=0.1),
        {"value": 0.5, "reference": 0.1},
    ),
    ("schema", "age", quality(state="absent"), {"value": 1.0}),
    ("schema", "", replace(quality(), unexpected=("a", "b")), {"value": 2.0, "measure": "unexpected features"}),
    ("label_shift", "", PredictionReport(OK, "", 100, 1000, mix=proof(0.2, "PSI")), {"value": 0.2, "measure": "PSI"}),
    (
        "label_shift",
        "",
        PredictionReport(OK, "", 100, 1000, ("a", "b"), (70, 30), (500, 500), chi_square=Test(9.0, 0.01, 0.01)),
        {"value": pytest.approx(0.2), "measure": "total variation", "page": None},
    ),
    (
        "confidence_shift",
        "",
        PredictionReport(OK, "", 100, 1000, confidence=proof(0.3, "KS")),
        {"value": 0.3, "page": 0.1},
    ),
    ("failed_requests", "", PredictionReport(OK, "", 75, 1000, failed=25), {"value": 0.25, "n": 100}),
    (
        "performance_decay",
        "",
        replace(
            OUTCOME,
            accuracy=0.8,
            accuracy_interval=Interval(0.7, 0.9),
            reference_accuracy=0.9,
            error=proof(0.1, floor=0.04),
        ),
        {
            "value": 0.8,
            "low": 0.7,
            "high": 0.9,
            "reference": 0.9,
            "warning": pytest.approx(0.88),
            "page": pytest.approx(0.86),
            "n": 100,
        },
    ),
    (
        "performance_decay",
        "",
        replace(OUTCOME, mae=3.0, reference_mae=2.0, error=proof(0.5, "growth", 0.2)),
        {"value": 3.0, "reference": 2.0, "page": pytest.approx(2.4), "warning": pytest.approx(2.2), "is_share": False},
    ),
    (
        "recall_decay",
        "late",
        replace(
            OUTCOME, by_class=(ClassResult("late", OK, 50, 40, recall=0.5, reference_recall=0.8, evidence=proof(0.3)),)
        ),
        {"value": 0.5, "n": 50, "page": pytest.approx(0.7)},
    ),
    (
        "segment_decay",
        "hub = JFK",
        replace(OUTCOME, segments=(SegmentResult("hub", "JFK", OK, "", 50, 0.6, 0.9, Interval(0.5, 0.7), proof(0.3)),)),
        {"value": 0.6, "low": 0.5, "page": pytest.approx(0.8)},
    ),
    (
        "estimated_decay",
        "",
        replace(OUTCOME, estimates=(Estimate("accuracy", 0.8, 0.75, 0.85, 0.9, 2000),)),
        {"value": 0.8, "low": 0.75, "high": 0.85, "reference": 0.9, "n": 2000},
    ),
]


@pytest.mark.parametrize(
    ("rule", "subject", "report", "wanted"), READ, ids=[f"{each[0]}-{at}" for at, each in enumerate(READ)]
)
def test_each_rule_reads_its_number(rule: str, subject: str, report: Report, wanted: dict[str, object]) -> None:
    """Value, interval, n, floors and reference are those of the report."""
    found = (INPUTS | OUTCOMES)[rule](report, subject)
    assert found is not None
    assert {name: getattr(found, name) for name in wanted} == wanted


@pytest.mark.parametrize(("rule", "subject", "report"), [each[:3] for each in READ if each[1]])
def test_a_report_says_nothing_of_another_subject(rule: str, subject: str, report: Report) -> None:
    """And a reader makes up no number for it."""
    assert (INPUTS | OUTCOMES)[rule](report, f"not {subject}") is None


def test_every_rule_of_a_monitor_has_a_reader() -> None:
    """But for the one whose report holds no number."""
    assert {name for name, rule in RULES.items() if rule.monitor} - {"label_bias"} == (INPUTS | OUTCOMES).keys()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A judged log."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def log(template: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of it, for one test."""
    with open_copy(template, tmp_path) as store:
        yield store


def of(store: Store, **changes: object) -> tuple[Incident, Series]:
    """An incident of the judged log, and its series."""
    with store.write() as connection:
        made = make_incident(connection, **changes)  # type: ignore[arg-type]
    with store.read() as connection:
        series = series_of(connection, made)
    assert series is not None
    return made, series


def test_the_series_is_what_the_reports_say(log: Store) -> None:
    """Twenty batches in order, each value that of its report, and bad where the report finds drift."""
    _, series = of(log)
    with log.read() as connection:
        stored = newest_reports(connection, get_model(connection, KEY), "feature")
    assert (series.title, series.subject, series.measure, series.page) == ("Feature drift", "x", MULTIPLE, 1.0)
    for point, each in zip(series.points, stored, strict=True):
        report = report_from_json("feature", each.payload)
        assert isinstance(report, FeatureReport)
        found = next(one.evidence for one in report.features if one.feature == "x")
        assert found is not None
        assert (point.batch_id, point.value) == (each.batch_id, found.effect / found.page_floor)
        assert point.bad == any(f.subject == "x" and f.verdict in ("warning", "critical") for f in report.findings)
    assert [point.bad for point in series.points][: BAD[0] + 1] == [False] * BAD[0] + [True]


def test_accuracy_comes_with_its_interval_and_floor(log: Store) -> None:
    """Nine in ten are right before, two in three on the bad days; three points lost are a page."""
    _, series = of(log, rule="performance_decay", subject="")
    assert [round(point.value, 3) for point in series.points[BAD[0] - 1 : BAD[0] + 1]] == [0.9, 0.665]
    assert all(point.low is not None and point.low < point.value < (point.high or 0) for point in series.points)
    assert (series.reference, series.page, series.is_share) == (0.9, pytest.approx(0.87), True)


def test_windows_are_bounded(log: Store) -> None:
    """The newest so many, and for what is over none long after its last bad window."""
    made, _ = of(log)
    with log.read() as connection:
        few = series_of(connection, made, windows=6)
        over = replace(made, state=IncidentState.RESOLVED, batch_id=day(13), batch_key=14, windows=2)
        ended = series_of(connection, over)
    assert few is not None
    assert ended is not None
    assert [point.batch_id for point in few.points] == [day(at) for at in range(5, 20)]  # five bad ones, ten more
    assert (ended.points[-1].batch_id, len(ended.points)) == (day(18), 19)
    assert ended.until == ended.points[-1].at  # what was found last, though the incident counts two windows


def test_thirty_windows_at_most_before_the_first_bad_one(store: Store) -> None:
    """However many are asked for."""
    make_log(store, days=34)
    with store.write() as connection:
        made = make_incident(connection)
    with store.read() as connection:
        series = series_of(connection, replace(made, since_at=START + 32 * DAY), windows=1000)
    assert series is not None
    assert [point.batch_id for point in series.points] == [day(at) for at in range(2, 34)]


def test_nothing_is_drawn_of_what_no_monitor_measured(log: Store) -> None:
    """Incidents about driftboard itself, a sentence without a number, and a feature that is not in the reports."""
    own = incident(rule="channel_broken", model=None, model_id=None, subject="team")
    with log.read() as connection:
        assert series_of(connection, own) is None
        assert series_of(connection, incident(model=KEY, rule="label_bias")) is None
        assert series_of(connection, incident(model=KEY, subject="no such feature")) is None


def test_what_nobody_was_told_is_not_bad() -> None:
    """A provisional report's decay is none yet; information counts only where the incident is no graver."""
    lost = Finding(Verdict.CRITICAL, "", "performance_decay")
    report = replace(OUTCOME, findings=(lost,))
    decay = incident(rule="performance_decay")
    assert is_bad(report, decay, "")
    assert not is_bad(replace(report, provisional=True), decay, "")
    told = replace(OUTCOME, findings=(replace(lost, verdict=Verdict.INFO),))
    assert not is_bad(told, decay, "")
    assert is_bad(told, replace(decay, worst="info"), "")


@pytest.mark.slow
def test_twenty_windows_of_fifty_features_take_25_milliseconds(log: Store) -> None:
    """So forty take fifty; of the processor's time, the best of five, for the machine may be busy."""
    made, _ = of(log)
    with log.write() as connection:
        _widen(connection, 50)
    with log.read() as connection:
        assert min(_took(connection, made) for _ in range(5)) < 0.025


def _took(connection: Connection, made: Incident) -> float:
    began = time.process_time()
    series = series_of(connection, made)
    took = time.process_time() - began
    assert series is not None
    assert len(series.points) == 20
    return took


def _widen(connection: Connection, features: int) -> None:
    """Give every stored feature report so many features."""
    rows = connection.execute(text("SELECT report_id, payload FROM monitor_reports WHERE monitor = 'feature'")).all()
    for report_id, payload in rows:
        report = report_from_json("feature", payload)
        assert isinstance(report, FeatureReport)
        more = tuple(replace(report.features[0], feature=f"f{at}") for at in range(features - 2))
        said = {"id": report_id, "payload": report_to_json("feature", replace(report, features=report.features + more))}
        connection.execute(text("UPDATE monitor_reports SET payload = :payload WHERE report_id = :id"), said)
