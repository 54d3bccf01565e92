"""Counts of a service as the frames of its charts."""

from datetime import UTC, datetime, timedelta

import pytest

from driftboard.dashboard import service_frames, spans
from driftboard.dashboard.charts import service as charts
from driftboard.dashboard.palette import DARK, LIGHT
from driftboard.dashboard.service_steps import Step, busy, steps
from driftboard.data.service import Stretch
from driftboard.data.service_counts import ServiceCounts
from tests.dashboard.service_world import predicted, requested

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def minute(at: datetime, counts: ServiceCounts) -> Stretch:
    """One minute of counts."""
    return Stretch(at, 60, counts)


def step(counts: ServiceCounts, *, number: int = 0) -> Step:
    """One quarter of an hour."""
    at = NOON + number * timedelta(minutes=15)
    return Step(at, at + timedelta(minutes=15), counts)


@pytest.mark.parametrize("span", spans.SPANS.values(), ids=lambda span: span.name)
def test_steps_cover_the_whole_time_without_gap_or_overlap(span):
    """Each begins where the one before ends, at a whole number of steps; the last ends with the time."""
    until = NOON + timedelta(minutes=7)
    found = steps([], span, until=until)
    assert [each.end for each in found[:-1]] == [each.at for each in found[1:]]
    assert found[0].at <= until - span.length < found[0].end
    assert found[-1].end == until
    assert all(each.at.timestamp() % span.step.total_seconds() == 0 for each in found)
    assert 55 < len(found) < 175


@pytest.mark.parametrize("span", spans.SPANS.values(), ids=lambda span: span.name)
def test_nothing_is_counted_twice_or_lost(span):
    """All that began in the time is in the steps."""
    until = NOON + timedelta(minutes=7)
    told = [
        minute(until - n * timedelta(minutes=1), ServiceCounts(success=n))
        for n in range(1, int(span.length.total_seconds() / 60), 37)
    ]
    found = steps(told, span, until=until)
    assert sum(each.counts.success for each in found) == sum(each.counts.success for each in told)
    assert busy(found)
    assert not busy(steps([], span, until=until))


def test_requests_are_stacked_by_how_they_ended():
    """The parts of a step lie upon each other, and add up to its requests a second."""
    frame = service_frames.requests([step(ServiceCounts(success=800, errors={"Timeout": 90}, rejected=10))])
    assert list(frame["name"]) == ["Answered", "Failed", "Rejected"]
    assert list(frame["bottom"])[1:] == list(frame["top"])[:-1]
    assert frame["top"].iloc[-1] == pytest.approx(900 / 900)
    assert set(frame["n"]) == {900}


def test_the_error_rate_has_its_interval_and_leaves_out_what_was_rejected():
    """Of 100 requests 10 failed; 50 rejected ones do not change that; a step without requests has no rate."""
    counts = ServiceCounts(success=90, errors={"Timeout": 10}, rejected=50)
    frame = service_frames.failures([step(counts), step(ServiceCounts(rejected=3), number=1)])
    row = frame.iloc[0]
    assert (row["share"], row["k"], row["n"], len(frame)) == (0.1, 10, 100, 1)
    assert row["low"] == pytest.approx(0.0552, abs=1e-4)
    assert row["high"] == pytest.approx(0.1744, abs=1e-4)


def test_latencies_are_those_of_the_histogram():
    """Half of the requests in the cell up to 0.1 s, half up to 0.5 s: the median is the border."""
    latency = [0] * 22
    latency[7], latency[13] = 50, 50
    frame = service_frames.latencies([step(ServiceCounts(latency=tuple(latency)))]).set_index("name")
    assert frame.loc["p50", "seconds"] == pytest.approx(0.1)
    assert 0.4 < frame.loc["p95", "seconds"] < frame.loc["p99", "seconds"] <= 0.5
    assert set(frame["n"]) == {100}


def test_rare_classes_are_one():
    """At most so many names, and the shares of a step add up to one."""
    counts = ServiceCounts(classes={f"class {n}": n + 1 for n in range(20)})
    frame = service_frames.classes([step(counts)], most=8)
    assert len(frame) == 8
    assert frame["name"].iloc[-1] == service_frames.OTHERS
    assert frame["value"].sum() == pytest.approx(1.0)
    assert frame["count"].sum() == 210


def test_unsure_predictions_are_counted_up_to_the_limit():
    """A confidence of exactly the limit is unsure."""
    cells = [0] * 13
    cells[6], cells[7] = 30, 70
    frame = service_frames.unsure([step(ServiceCounts(confidence=tuple(cells)))], 0.7)
    assert frame.iloc[0]["share"] == pytest.approx(0.3)


def test_kinds_of_errors_are_ranked_and_hold_no_hidden_characters():
    """The most frequent first, with the share of all requests."""
    table = service_frames.error_types(ServiceCounts(success=80, errors={"a\u202eb": 5, "Timeout": 15}))
    assert list(table["Error"]) == ["Timeout", next(iter(table["Error"][1:]))]
    assert "\u202e" not in table["Error"].iloc[1]
    assert table["Share"].iloc[0] == pytest.approx(0.15)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_chart_is_a_valid_specification(palette):
    """With many steps and with one."""
    for n in (1, 90):
        told = [step(requested(15, bad=number % 2 == 0), number=number) for number in range(n)]
        logged = [step(predicted(15, bad=False), number=number) for number in range(n)]
        drawn = [
            charts.requests(service_frames.requests(told), palette),
            charts.latencies(service_frames.latencies(told), {"p95": 0.5}, palette),
            charts.rows(service_frames.request_rows(told), palette),
            charts.share(
                service_frames.failures(told),
                palette,
                title="Failed",
                nouns=("Failed", "of"),
                limit=(0.01, "at most 1 %"),
            ),
            charts.share(
                service_frames.unsure(logged, 0.7), palette, title="Unsure", nouns=("Unsure", "of"), limit=None
            ),
            charts.classes(service_frames.classes(logged, most=8), palette),
            charts.predictions(service_frames.predictions(logged), palette),
        ]
        assert all(each.to_dict()["layer"] for each in drawn)
