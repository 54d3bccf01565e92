"""The dashboard of requests: rate, errors, duration, and how fast their budgets burn."""

from driftboard.config import Settings
from driftboard.exporter import families
from driftboard.render.panel import CHOSEN, OF_MODEL, Board, Panel, Step, rising
from driftboard.render.promql import rate, select
from driftboard.render.service_alerts import ASKED, FAILED

_SPAN = "$__rate_interval"
_ASKED = select(families.REQUESTS, ASKED, *CHOSEN)
_FAILED = select(families.REQUESTS, FAILED, *CHOSEN)
_BUCKETS = select(families.DURATION, *CHOSEN, suffix="_bucket")


def latency_board(settings: Settings) -> Board:
    """Return the dashboard of requests."""
    return Board(
        uid="driftboard-latency",
        title="driftboard: requests and latency",
        description="Rate, errors and duration of requests, and what is promised of them.",
        rows=(("Duration", _duration(settings)), ("Rate and errors", _requests(settings)), ("Promises", _promises())),
    )


def _duration(settings: Settings) -> tuple[Panel, ...]:
    promised = settings.slo.latency_p95
    steps: tuple[Step, ...] = ()
    if promised is not None:
        steps = rising(settings.service.latency_warning * promised, settings.service.latency_critical * promised)
    slower = "" if promised is None else f" {promised:g} s are promised of 95 of 100 requests."
    return (
        Panel(
            "95 of 100 requests take at most",
            f"The 95th percentile, interpolated in a histogram's cells.{slower}",
            ((_quantile("0.95"), OF_MODEL),),
            unit="s",
            steps=steps,
            low=0,
            width=24,
        ),
        Panel("Median", "Half of the requests take at most so long.", ((_quantile("0.5"), OF_MODEL),), unit="s", low=0),
        Panel("99 of 100", "The slowest hundredth takes longer.", ((_quantile("0.99"), OF_MODEL),), unit="s", low=0),
    )


def _quantile(share: str) -> str:
    return f"histogram_quantile({share}, sum by (model, version, environment, le) (rate({_BUCKETS}[{_SPAN}])))"


def _requests(settings: Settings) -> tuple[Panel, ...]:
    limits = settings.service
    by_status = f"sum by (model, version, environment, status) (rate({select(families.REQUESTS, *CHOSEN)}[{_SPAN}]))"
    by_type = f"sum by (model, version, environment, type) (rate({select(families.ERRORS, *CHOSEN)}[{_SPAN}]))"
    rows = select(families.ROWS, *CHOSEN, suffix="_sum"), select(families.ROWS, *CHOSEN, suffix="_count")
    return (
        Panel("Requests", "By how they ended.", ((by_status, OF_MODEL + " {{status}}"),), unit="reqps", low=0),
        Panel(
            "Share of failed requests",
            "Of those that count: what the caller did wrong does not.",
            ((f"{rate(_FAILED, _SPAN)} / {rate(_ASKED, _SPAN)}", OF_MODEL),),
            unit="percentunit",
            steps=rising(limits.error_rate_warning, limits.error_rate_critical),
            low=0,
        ),
        Panel("Errors", "By type.", ((by_type, OF_MODEL + " {{type}}"),), unit="reqps", low=0),
        Panel(
            "Under way",
            "Requests at the end of the last minute.",
            ((select(families.IN_PROGRESS, *CHOSEN), OF_MODEL),),
            low=0,
        ),
        Panel(
            "Predictions in a request",
            "On average.",
            ((f"{rate(rows[0], _SPAN)} / {rate(rows[1], _SPAN)}", OF_MODEL),),
            low=0,
        ),
    )


def _promises() -> tuple[Panel, ...]:
    short, long = (f"{rate(_FAILED, span)} / {rate(_ASKED, span)}" for span in ("5m", "1h"))
    legend = OF_MODEL + " {{slo}}"
    return (
        Panel(
            "Promised and kept",
            "Share of good events over the days that are promised, and the share that is promised.",
            (
                (select(families.SLO_COMPLIANCE, *CHOSEN), legend + " kept"),
                (select(families.SLO_TARGET, *CHOSEN), legend + " promised"),
            ),
            unit="percentunit",
            high=1,
        ),
        Panel(
            "Failures in 5 minutes and in an hour",
            "Both are above the limit when a budget burns: the long span says "
            "that it matters, the short one that it goes on.",
            ((short, OF_MODEL + " 5 min"), (long, OF_MODEL + " 1 h")),
            unit="percentunit",
            low=0,
        ),
        Panel(
            "Error budget left",
            "1 is untouched, 0 is spent.",
            ((select(families.SLO_BUDGET, *CHOSEN), legend),),
            unit="percentunit",
            high=1,
            steps=((None, "red"), (0, "yellow"), (0.25, "green")),
            width=24,
        ),
    )
