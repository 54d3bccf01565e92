"""The table of metrics, and the page of the documentation that is made from it."""

from pathlib import Path

import pytest

from driftboard.data.service_counts import CONFIDENCE_BOUNDS, LATENCY_BOUNDS, ROWS_BOUNDS
from driftboard.exporter import FAMILIES, bound_text, find_family
from driftboard.exporter.reference import metrics_page

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_names_are_taken_once() -> None:
    """No two families share a name, not even an alias; an alias has a name for each label."""
    names = [each.name for each in FAMILIES] + [alias.name for each in FAMILIES for alias in each.aliases]
    assert len(names) == len(set(names))
    assert all(len(alias.labels) == len(each.labels) for each in FAMILIES for alias in each.aliases)


def test_names_say_what_they_are() -> None:
    """Counters end in _total, nothing else does; every family says what it is in a sentence."""
    assert all(each.name.startswith("driftboard_") for each in FAMILIES)
    assert all((each.kind == "counter") == each.name.endswith("_total") for each in FAMILIES)
    assert all(each.help.endswith(".") for each in FAMILIES)


def test_an_unknown_name_is_refused() -> None:
    """A rule or panel that asks for a metric nobody exports is found out when it is rendered."""
    assert find_family("driftboard_requests_total").kind == "counter"
    with pytest.raises(KeyError):
        find_family("driftboard_request_total")


def test_bounds_are_written_as_floats() -> None:
    """Prometheus 3 stores le="1" as "1.0": we write that from the start, so one rule fits both."""
    bounds = [bound_text(each) for each in (*LATENCY_BOUNDS, *ROWS_BOUNDS, *CONFIDENCE_BOUNDS)]
    assert all("." in each for each in bounds)
    assert "0.0025" in bounds


def test_the_documentation_is_up_to_date() -> None:
    """docs/metrics.md is what `python -m driftboard.exporter` prints."""
    assert PAGE.read_text(encoding="utf-8") == metrics_page()
