"""One notification for a batch: ranked, capped, linked."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.alerts.message import MOST_FINDINGS, build, dashboard_link
from driftboard.alerts.plain import one_line
from tests.alerts.fakes import HOSTILE, NOW, record

BASE = "https://board.example/"


def test_many_features_of_a_batch_are_one_ranked_message():
    """A32: critical first, then as recorded; capped, and the rest counted."""
    records = [record(n, subject=f"f{n}", severity="warning", rule="missing_values") for n in range(1, 10_000)]
    notification = build([*records, record(10_000, subject="worst")], base_url=BASE)
    assert [each.subject for each in notification.findings[:3]] == ["worst", "f1", "f2"]
    assert (len(notification.findings), notification.more) == (MOST_FINDINGS, 10_000 - MOST_FINDINGS)
    assert notification.headline == "CRITICAL flights:2@production batch 2026-03-01: Feature drift: worst +9,999 more"


def test_a_message_says_which_where_and_when():
    """A34: model, batch, rows and the UTC time are in every message."""
    notification = build([record()], base_url=BASE)
    assert notification.facts == (
        "Model flights:2@production",
        "Batch 2026-03-01, 1,000 rows",
        f"Detected at {NOW.isoformat()}",
    )
    assert notification.findings[0].runbook == "feature_drift"


def test_the_key_is_the_same_for_every_attempt():
    """A29: a message that is sent again can be recognised, though the group has grown."""
    first = build([record(7)], base_url=BASE)
    again = build([record(7, attempts=2), record(9, subject="later")], base_url=BASE)
    assert first.key == again.key


@pytest.mark.parametrize(
    ("rule", "page"),
    [
        ("feature_drift", "drift"),
        ("missing_values", "data_quality"),
        ("label_shift", "predictions"),
        ("performance_decay", "performance"),
        ("old", "drift"),
    ],
)
def test_each_rule_links_to_its_page(rule, page):
    """The link opens the page that shows the evidence."""
    assert urlsplit(dashboard_link(record(rule=rule), BASE)).path == f"/{page}"


@pytest.mark.parametrize("name", [name for name in HOSTILE if len(name) < 100 and "\ud800" not in name])
def test_a_link_carries_any_name(name):
    """Names come back from the query unchanged, and none of their characters is live in the address."""
    link = dashboard_link(record(subject=name, batch_id=name), BASE)
    query = parse_qs(urlsplit(link).query)
    assert (query["feature"], query["batch"], query["model"]) == ([name], [name], ["flights:2@production"])
    assert not set(" <>|\"'\r\n") & set(link)


@pytest.mark.parametrize(
    ("subject", "batch", "kept"), [("x" * 9000, "b", {"model", "batch"}), ("x", "b" * 9000, {"model"})]
)
def test_a_name_too_long_for_a_link_is_left_out(subject, batch, kept):
    """A link that no browser would take helps nobody."""
    link = dashboard_link(record(subject=subject, batch_id=batch), BASE)
    assert set(parse_qs(urlsplit(link).query)) == kept


@given(st.text(st.characters(), max_size=300), st.integers(2, 120))
def test_a_line_is_one_short_visible_line(text, limit):
    """Whatever goes in, what comes out is one line without hidden characters or links."""
    line = one_line(text, limit=limit)
    assert len(line) <= limit
    assert line.isprintable()
    assert "://" not in line
    line.encode()
