"""What counts as told on a channel."""

from datetime import timedelta

import pytest

from driftboard.alerts.facts import facts_of, facts_to_json
from driftboard.alerts.spell import spell_of
from driftboard.data.outbox import Delivery
from tests.alerts.incidents import NOW, affected, incident, notification

D = Delivery


def rows(*told: tuple[str, Delivery], severity: str = "critical"):
    """Rows of one channel, in order."""
    return [
        notification(notification_id=n, kind=kind, state=state, severity=severity, finished_at=NOW)
        for n, (kind, state) in enumerate(told, start=1)
    ]


@pytest.mark.parametrize(
    ("state", "dry_run", "counts"),
    [
        (D.QUEUED, False, True),
        (D.DELIVERED, False, True),
        (D.DEAD, False, True),
        (D.SUPPRESSED, False, False),
        (D.SUPERSEDED, False, False),
        (D.DRY_RUN, False, False),
        (D.DRY_RUN, True, True),
        (D.DELIVERED, True, True),
    ],
)
def test_what_counts_as_told(state: Delivery, dry_run: bool, counts: bool) -> None:
    """A rehearsal only while it is rehearsed; what was suppressed or superseded never."""
    assert bool(spell_of(rows(("fire", state)), "team", dry_run=dry_run).rows) == counts


def test_a_spell_begins_after_the_end_of_the_one_before() -> None:
    """An end that was superseded is none; another channel is another matter."""
    told = rows(("fire", D.DELIVERED), ("resolve", D.DELIVERED), ("fire", D.DELIVERED), ("resolve", D.SUPERSEDED))
    assert [each.notification_id for each in spell_of(told, "team", dry_run=False).rows] == [3]
    assert spell_of(told, "mail", dry_run=False).rows == ()


def test_what_may_have_been_heard() -> None:
    """Delivered, or given up after several attempts; what waits is not known yet, refused at once it was not."""
    heard = {state: spell_of(rows(("fire", state)), "team", dry_run=False).is_heard for state in D}
    assert {state for state, is_heard in heard.items() if is_heard} == {D.DELIVERED}
    given_up = [notification(state=D.DEAD, attempts=5)]
    assert spell_of(given_up, "team", dry_run=False).is_heard


def test_the_rows_since_it_is_critical() -> None:
    """None, when the last word was another."""
    warned, paged = rows(("fire", D.DELIVERED), severity="warning"), rows(("change", D.DELIVERED))
    assert spell_of([*warned, *paged], "team", dry_run=False).critical_rows == tuple(paged)
    assert spell_of([*paged, *warned], "team", dry_run=False).critical_rows == ()


def test_times_of_a_clock_that_was_set_back_do_not_count() -> None:
    """A5: but a minute of difference between two machines does."""
    spell = spell_of(rows(("fire", D.DELIVERED)), "team", dry_run=False)
    assert spell.last_at(NOW - timedelta(seconds=50)) == NOW
    assert spell.last_at(NOW - timedelta(hours=1)) is None


def test_the_news_is_what_was_never_named() -> None:
    """In the parts or in the news of any row."""
    first = incident(affected=(affected("a"), affected("b")))
    told = [
        notification(first),
        notification(payload=facts_to_json(facts_of(first, "change", news=("c",))), notification_id=2, kind="change"),
    ]
    now = incident(affected=tuple(map(affected, "abcd")))
    assert spell_of(told, "team", dry_run=False).news(now) == ("d",)
