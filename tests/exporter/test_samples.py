"""Lines of samples: what is written is what Prometheus' own client reads back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from driftboard.exporter import families
from driftboard.exporter.exposition import write_exposition
from driftboard.exporter.samples import MAX_LABEL, Samples, label_text
from tests.alerts.names import HOSTILE
from tests.exporter.world import series

MODEL = ("churn", "3", "staging")
PLACE = (("environment", "staging"), ("model", "churn"), ("version", "3"))


@given(st.text(), st.floats(allow_nan=False))
def test_any_name_and_number_is_read_back(name: str, number: float) -> None:
    """Whatever a feature is called, one series comes of it; a name without control characters comes back as it is."""
    samples = Samples(MODEL)
    samples.add(families.FEATURE_PSI, number, name)
    ((_, labels), found), *others = series(write_exposition([samples])).items()
    assert not others
    assert found == number
    if name and label_text(name).replace("\\n", "").isprintable() and "~" not in label_text(name):
        assert dict(labels)["feature"] == name


def test_hostile_names_stay_apart() -> None:
    """N8: two hundred names made to do harm, and half surrogates, are as many series, none of them long."""
    samples = Samples(MODEL)
    names = [*HOSTILE, "\ud800", "\udfff", "x" * 10_001, "<0>", "\0"]
    for name in names:
        samples.add(families.FEATURE_PSI, 1.0, name)
    found = series(write_exposition([samples]))
    assert len(found) == len(names)
    assert all(len(dict(labels)["feature"]) <= MAX_LABEL + 9 for _, labels in found)


def test_what_is_unknown_is_absent() -> None:
    """None and NaN make no series; infinity is written as Prometheus reads it."""
    samples = Samples(MODEL)
    samples.add(families.ACCURACY, None)
    samples.add(families.ACCURACY, math.nan)
    assert len(samples) == 0
    samples.add(families.ACCURACY, math.inf)
    samples.add(families.COVERAGE, -math.inf)
    assert sorted(series(write_exposition([samples])).values()) == [-math.inf, math.inf]


def test_a_histogram_adds_up() -> None:
    """Buckets are cumulative and end with +Inf, which is the count."""
    samples = Samples(MODEL)
    samples.add_histogram(families.DURATION, (0.5, 1.0), (3, 0, 2), 7.5)
    name = "driftboard_request_duration_seconds"
    assert series(write_exposition([samples])) == {
        (f"{name}_bucket", tuple(sorted((*PLACE, ("le", "0.5"))))): 3,
        (f"{name}_bucket", tuple(sorted((*PLACE, ("le", "1.0"))))): 3,
        (f"{name}_bucket", tuple(sorted((*PLACE, ("le", "+Inf"))))): 5,
        (f"{name}_sum", PLACE): 7.5,
        (f"{name}_count", PLACE): 5,
    }
    samples.add_histogram(families.ROWS, (1, 2), (), 0)
    assert len(samples) == 5


def test_an_empty_label_is_left_out() -> None:
    """What belongs to no model has no label of one, which is the same to Prometheus."""
    samples = Samples(("", "", ""))
    samples.add(families.INCIDENTS, 1, "critical")
    assert list(series(write_exposition([samples]))) == [("driftboard_open_incidents", (("severity", "critical"),))]


def test_aliases_rename_and_scale() -> None:
    """With aliases a share is repeated in per cent under the labels that dashboards ask for; without, it is not."""
    plain, aliased = Samples(MODEL), Samples(MODEL, aliases=True)
    for samples in (plain, aliased):
        samples.add(families.SLO_COMPLIANCE, 0.995, "availability")
    assert len(plain) == 1
    found = series(write_exposition([aliased]))
    labels = (
        ("environment", "staging"),
        ("model_name", "churn"),
        ("model_version", "3"),
        ("slo_type", "availability"),
    )
    assert found["ml_slo_compliance_percentage", labels] == pytest.approx(99.5)


def test_every_kind_is_told() -> None:
    """Each metric has its help and its type, once, though several parts have samples of it."""
    parts = [Samples(MODEL), Samples(("churn", "4", "staging"))]
    for part in parts:
        part.add(families.REQUESTS, 1, "success")
        part.add_histogram(families.DURATION, (0.5,), (1, 0), 0.1)
    text = write_exposition(parts).decode()
    assert text.count("# TYPE driftboard_requests_total counter") == 1
    kinds = {family.name: family.type for family in text_string_to_metric_families(text)}
    assert kinds == {"driftboard_requests": "counter", "driftboard_request_duration_seconds": "histogram"}
