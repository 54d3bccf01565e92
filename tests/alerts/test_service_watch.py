"""Services under watch: what opens, rises, falls and ends, and what leaves everybody in peace."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from driftboard.alerts.duties import Duties
from driftboard.alerts.message import build
from driftboard.alerts.rules import RULES as ALL_RULES
from driftboard.alerts.service_watch import RULES, watch_services
from driftboard.config import Settings
from driftboard.data import ModelKey, Store, log_predictions
from driftboard.data.incident import Incident
from driftboard.data.incidents import events_of, open_incidents, recent_incidents
from driftboard.data.outbox import told_of
from driftboard.data.service_counts import HOUR, add_counts
from tests.alerts.incidents import notification
from tests.alerts.services import BEGIN, CHURN, EVERY, asked, predicted, serve, service_settings
from tests.data.batches import make_batch

SETTINGS = service_settings()
WELL, FAILING = [asked(60)], [asked(60, failed=30)]


def without(*rules: str) -> Settings:
    """Settings in which these rules are switched off, so that they cover nothing."""
    return service_settings(alerts={"rules": {rule: {"enabled": False} for rule in rules}})


def watch(
    store: Store, minute: int, settings: Settings = SETTINGS, *, whole: bool | None = None
) -> tuple[Incident, ...]:
    """Watch at a minute; return what is open."""
    watch_services(store, settings, now=BEGIN + minute * EVERY + timedelta(seconds=2), whole=whole)
    with store.read() as connection:
        return open_incidents(connection)


def rules(found: Sequence[Incident]) -> set[tuple[str, str, str]]:
    """Rule, subject and severity of each."""
    return {(each.rule, each.subject, each.severity) for each in found}


def test_they_are_rules_about_models():
    """All six, known and with a page."""
    assert set(RULES) <= ALL_RULES.keys()


def test_a_failing_service_is_told_once(store: Store):
    """One incident with numbers, however long it lasts; both channels are told."""
    serve(store, WELL * 60 + FAILING * 30)
    assert watch(store, 65) == ()
    for minute in range(66, 76):
        (found,) = [each for each in watch(store, minute) if each.rule == "high_error_rate"]
    assert (found.severity, found.model) == ("critical", CHURN)
    assert found.message == "50 % of 300 requests failed in 5 minutes: above 5 % for 5 minutes."
    with store.read() as connection:
        assert [each.kind for each in events_of(connection, found.incident_id)] == ["opened"]
        assert {each.channel for each in told_of(connection, [found.incident_id])[found.incident_id]} == {
            "team",
            "mail",
        }


def test_it_ends_when_the_service_is_well(store: Store):
    """Not at the first good minute: once the rule has been kept for as long as it takes to fire."""
    serve(store, WELL * 60 + FAILING * 10 + WELL * 40)
    assert "high_error_rate" in {each.rule for each in watch(store, 70)}
    lasts = [minute for minute in range(71, 100) if "high_error_rate" in {each.rule for each in watch(store, minute)}]
    assert lasts == list(range(71, 85))
    with store.read() as connection:
        (over,) = [each for each in recent_incidents(connection) if each.rule == "high_error_rate"]
    assert over.resolution == "recovered"


def test_it_rises_and_falls(store: Store):
    """3 % is a warning, 50 % critical, and 3 % a warning again: one episode, told again where it rose."""
    serve(store, [asked(100, failed=3)] * 30 + FAILING * 10 + [asked(100, failed=3)] * 30)
    settings = service_settings(slo={"error_rate": None, "availability": None})
    seen = [(minute, found[0].severity) for minute in range(70) if (found := watch(store, minute, settings))]
    changes = [each for n, each in enumerate(seen) if n == 0 or seen[n - 1][1] != each[1]]
    assert changes == [(12, "warning"), (36, "critical"), (50, "warning")]
    with store.read() as connection:
        (found,) = recent_incidents(connection)
        assert [each.kind for each in events_of(connection, found.incident_id)] == ["opened", "rose"]


def test_a_gap_neither_opens_nor_ends_anything(store: Store):
    """The service falls silent while its incident is open, for hours: it stays until data says that it is well."""
    serve(store, WELL * 60 + FAILING * 10 + [asked(0)] * 300 + WELL * 30)
    kept = [watch(store, minute) for minute in (70, 90, 200, 369)]
    assert all("high_error_rate" in {each.rule for each in found} for found in kept)
    assert "high_error_rate" not in {each.rule for each in watch(store, 385)}


def test_a_quiet_night_is_enough_to_recover(store: Store):
    """Three requests a minute are too few to fire, but an hour of them says that the service is well."""
    serve(store, WELL * 60 + FAILING * 10 + [asked(3)] * 100)
    assert "high_error_rate" in {each.rule for each in watch(store, 70)}
    assert "high_error_rate" in {each.rule for each in watch(store, 78)}
    assert "high_error_rate" not in {each.rule for each in watch(store, 100)}


def test_slow_requests_are_told(store: Store):
    """A fifth takes two seconds, where 95 of 100 are promised in half a second."""
    serve(store, [asked(100, slow=20)] * 30)
    (found,) = [each for each in watch(store, 20) if each.rule == "high_latency"]
    assert (found.severity, found.message) == (
        "critical",
        "p95 1.88 s of 500 timed requests in 5 minutes: above 1 s for 10 minutes.",
    )


def test_no_promise_no_incident(store: Store):
    """Where the promise of latency is taken back, its incident is over."""
    serve(store, [asked(100, slow=20)] * 40)
    assert "high_latency" in {each.rule for each in watch(store, 20)}
    without = service_settings(slo={"latency_p95": None})
    assert "high_latency" not in {each.rule for each in watch(store, 21, without)}


def test_unsure_predictions_are_a_warning(store: Store):
    """They are counted from the log, though the service is instrumented and its requests are well."""
    serve(store, WELL * 150)
    serve(store, [predicted(60, unsure=20)] * 150, source="predictions")
    assert rules(watch(store, 140)) == {("low_confidence", "", "warning")}


def test_a_burning_budget_is_told_by_level(store: Store):
    """A third fails for half an hour: the budget of 30 days burns; critical by the fast windows, each minute."""
    serve(store, WELL * 120 + [asked(60, failed=20)] * 40)
    seen = watch(store, 150, without("high_error_rate"), whole=False)
    found = {each.subject: each for each in seen if each.rule == "slo_burn"}
    assert rules(found.values()) == {("slo_burn", "error_rate", "critical")}
    assert found["error_rate"].message == (
        "Error rate: the error budget of 30 days burns 16.7 times as fast as it may over 1 hour, "
        "and 33.3 times over 5 minutes (limit 14.4)."
    )


def test_a_budget_is_calm_for_half_an_hour_before_its_incident_ends(store: Store):
    """Only a whole look ends it, and only when no window has fired for a while: nobody is paged every few minutes."""
    serve(store, WELL * 300 + [asked(60, failed=30)] * 25 + WELL * 2000)
    settings = without("high_error_rate")
    assert "slo_burn" in {each.rule for each in watch(store, 324, settings, whole=False)}
    assert "slo_burn" in {each.rule for each in watch(store, 400, settings, whole=False)}
    ended = next(
        minute for minute in range(330, 2330, 40)
        if ("slo_burn", "error_rate") not in {each[:2] for each in rules(watch(store, minute, settings, whole=True))}
    )  # fmt: skip
    with store.read() as connection:
        burns = [
            each for each in recent_incidents(connection) if (each.rule, each.subject) == ("slo_burn", "error_rate")
        ]
    assert len(burns) == 1
    assert ended > 380


def test_a_missed_level_is_a_warning_until_it_is_met(store: Store):
    """2 % of 30 days failed, where 1 % may; it ends when the promise is kept again."""
    model = serve(store, WELL * 60)
    hours = {(HOUR, BEGIN - timedelta(hours=n)): asked(3600, failed=72) for n in range(1, 200)}
    with store.write() as connection:
        add_counts(connection, model.model_id, "requests", hours)
    rest = {"alerts": {"rules": {"slo_burn": {"enabled": False}}}}
    settings = service_settings(slo={"latency_p95": None, "availability": None}, **rest)
    (found,) = [each for each in watch(store, 50, settings, whole=True) if each.rule == "slo_missed"]
    assert (found.subject, found.severity) == ("error_rate", "warning")
    assert "2 % of" in found.message
    better = service_settings(slo={"latency_p95": None, "availability": None, "error_rate": 0.05}, **rest)
    assert "slo_missed" not in {each.rule for each in watch(store, 60, better, whole=True)}


def test_a_promise_taken_back_ends_its_incidents(store: Store):
    """What is no longer promised cannot be missed, nor burn."""
    serve(store, FAILING * 60)
    off = {"alerts": {"rules": {"high_error_rate": {"enabled": False}}}}
    assert "slo_burn" in {each.rule for each in watch(store, 50, service_settings(**off), whole=True)}
    taken_back = service_settings(slo={"error_rate": None, "availability": None}, **off)
    assert {"slo_burn", "slo_missed"}.isdisjoint(each.rule for each in watch(store, 51, taken_back, whole=True))


def test_one_outage_is_one_incident(store: Store):
    """Half of all requests fail for an hour: neither its budgets nor its promises open more, nor do they afterwards."""
    serve(store, WELL * 300 + FAILING * 60 + WELL * 240)
    seen = {each[:2] for minute in range(300, 600, 5) for each in rules(watch(store, minute, whole=True))}
    assert seen == {("high_error_rate", "")}


def test_what_is_graver_than_what_was_told_is_told(store: Store):
    """3 % of errors were a warning; a latency that burns its budget is another matter, and critical."""
    serve(store, [asked(100, failed=3, slow=90)] * 400)
    found = rules(watch(store, 390, whole=True))
    assert ("high_error_rate", "", "warning") in found
    assert {severity for rule, _, severity in found if rule == "high_latency"} == {"critical"}
    assert ("slo_burn", "latency_p95", "critical") not in found


def test_a_burn_that_is_graver_than_its_cover_is_told(store: Store):
    """A cap on the covering rule does not silence a critical burn."""
    serve(store, WELL * 120 + FAILING * 40)
    capped = service_settings(alerts={"rules": {"high_error_rate": {"severity": "warning"}}})
    found = rules(watch(store, 155, capped, whole=True))
    assert {("high_error_rate", "", "warning"), ("slo_burn", "error_rate", "critical")} <= found


def test_a_single_failure_misses_nothing(store: Store):
    """One of 30 requests is 3 %, more than the 1 % that may fail: luck, and not told."""
    serve(store, [asked(10)] * 2 + [asked(10, failed=1)])
    assert watch(store, 10, whole=True) == ()


def test_a_rule_can_be_switched_off_or_capped(store: Store):
    """As every rule, by `[alerts.rules]`."""
    serve(store, FAILING * 30)
    policies = {"high_error_rate": {"enabled": False}, "slo_burn": {"severity": "warning"}}
    settings = service_settings(alerts={"rules": policies})
    found = rules(watch(store, 20, settings))
    assert "high_error_rate" not in {rule for rule, _, _ in found}
    assert {severity for rule, _, severity in found if rule == "slo_burn"} == {"warning"}


def test_every_model_has_its_whole_look_once_in_ten_minutes(store: Store):
    """Without anybody asking for it."""
    serve(store, FAILING * 60)
    settings = without("high_error_rate", "slo_burn")
    seen = [
        minute for minute in range(40, 50) if "slo_missed" in {each.rule for each in watch(store, minute, settings)}
    ]
    assert seen
    assert seen[-1] == 49


def test_a_version_that_was_replaced_opens_nothing(store: Store):
    """Patrol ends its incidents, so that opening one would be a page each minute; the successor is watched."""
    key, successor = ModelKey("flights", "2"), ModelKey("flights", "3")
    serve(store, [asked(0)], key=key)
    for number in range(10):
        at = BEGIN - (20 - number) * timedelta(minutes=10)
        ids = [f"{number}-{row}" for row in range(6)]
        log_predictions(store, make_batch(key, batch_id=f"b{number}", predicted_at=at, prediction_ids=ids), now=at)
    serve(store, FAILING * 30, key=key)
    settings = service_settings()
    assert watch(store, 20, settings)
    with store.read() as connection:
        before = len(recent_incidents(connection))
    serve(store, WELL * 30, key=successor)
    log_predictions(
        store, make_batch(successor, predicted_at=BEGIN, prediction_ids=[f"s{n}" for n in range(6)]), now=BEGIN
    )
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE incidents SET state = 'resolved'")
    for minute in (21, 22, 23):
        assert watch(store, minute, settings, whole=True) == ()
    with store.read() as connection:
        assert len(recent_incidents(connection)) == before


def test_a_service_that_cannot_be_looked_at_keeps_nobody_waiting(store: Store, caplog: pytest.LogCaptureFixture):
    """A damaged row is a line in the log; the other model is watched."""
    broken = serve(store, FAILING * 30, key=ModelKey("broken"))
    serve(store, FAILING * 30)
    with store.write() as connection:
        connection.exec_driver_sql(f"UPDATE service_counts SET payload = 'x' WHERE model_id = {broken.model_id}")  # noqa: S608
    with caplog.at_level(logging.ERROR):
        found = watch(store, 20)
    assert {str(each.model) for each in found} == {"churn:3@production"}
    assert f"service of model {broken.model_id}: unexpected" in caplog.text


def test_models_that_nobody_asks_cost_nothing(store: Store):
    """A hundred models without traffic in the last day: no write, one read of where their counts end."""
    for n in range(100):
        serve(store, [asked(60, failed=60)], key=ModelKey(f"m{n}"))
    now: datetime = BEGIN + timedelta(days=2)
    watch_services(store, SETTINGS, now=now, whole=True)
    with store.read() as connection:
        assert recent_incidents(connection) == ()


def test_it_is_a_duty_of_the_dispatcher(store: Store):
    """Apart from the others, each minute."""
    serve(store, FAILING * 30)
    duties = Duties(store, SETTINGS, "test")
    duties.do(BEGIN + 20 * EVERY)
    duties.end()
    with store.read() as connection:
        assert "high_error_rate" in {each.rule for each in open_incidents(connection)}


def test_its_news_leads_a_message(store: Store):
    """A service that fails comes before what drifts, and is told with its numbers and a link to its page."""
    serve(store, FAILING * 30)
    watch(store, 20)
    with store.read() as connection:
        told = told_of(connection, [each.incident_id for each in open_incidents(connection)])
        rows = [each for news in told.values() for each in news if each.channel == "team"]
    message = build([notification(), *rows], base_url="https://drift.example", now=BEGIN, repeated=False)
    assert "flights" not in message.headline
    assert message.n_entries == len(rows) + 1
