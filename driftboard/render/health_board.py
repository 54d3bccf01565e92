"""The dashboard that says in five seconds whether all is well: models, promises, driftboard itself."""

from driftboard.alerts.meta import LONGEST_QUEUE
from driftboard.config import Settings
from driftboard.exporter import families
from driftboard.render.health_alerts import LATE
from driftboard.render.panel import CHOSEN, OF_MODEL, Board, Panel, falling, rising
from driftboard.render.promql import select

_BY_PROCESS = "{{component}} {{process}}"


def health_board(settings: Settings) -> Board:
    """Return the dashboard of health."""
    return Board(
        uid="driftboard-health",
        title="driftboard: health",
        description="Whether models, promises and driftboard itself are well.",
        rows=(
            ("Models", _models()),
            ("Promises", _promises()),
            ("driftboard", (*_alive(settings), *_waiting(), *_gathering())),
            ("Processes", _processes()),
        ),
    )


def _models() -> tuple[Panel, ...]:
    return (
        Panel(
            "Worst verdict",
            "Of any monitor on the newest batch: 0 ok, 1 information, 2 warning, 3 critical.",
            ((f"max by (model, version, environment) ({select(families.VERDICT, *CHOSEN)})", OF_MODEL),),
            kind="stat",
            steps=((None, "green"), (1, "blue"), (2, "yellow"), (3, "red")),
        ),
        Panel(
            "Open incidents",
            "What is wrong and not over, by severity.",
            ((f"sum by (severity) ({select(families.INCIDENTS)})", "{{severity}}"),),
            kind="stat",
            steps=rising(1),
        ),
        Panel(
            "Verdicts",
            "Of each monitor: 0 ok, 1 information, 2 warning, 3 critical; a gap: it cannot tell.",
            ((select(families.VERDICT, *CHOSEN), OF_MODEL + " {{monitor}}"),),
            steps=rising(2, 3),
            low=0,
            high=3,
        ),
        Panel(
            "Age of the newest prediction",
            "A model that is silent is not a model that is well.",
            ((f"time() - {select(families.NEWEST, *CHOSEN)}", OF_MODEL),),
            unit="s",
        ),
    )


def _promises() -> tuple[Panel, ...]:
    return (
        Panel(
            "Error budget left",
            "1 is untouched, 0 is spent, below it is overspent.",
            ((select(families.SLO_BUDGET, *CHOSEN), OF_MODEL + " {{slo}}"),),
            kind="bars",
            unit="percentunit",
            steps=falling(0, 0.25),
            low=0,
            high=1,
        ),
        Panel(
            "Promises met",
            "1 is met, 0 is missed, over the days that are promised.",
            ((select(families.SLO_MET, *CHOSEN), OF_MODEL + " {{slo}}"),),
            kind="bars",
            steps=falling(1),
            low=0,
            high=1,
        ),
    )


def _alive(settings: Settings) -> tuple[Panel, ...]:
    return (
        Panel(
            "Scraped",
            "1: Prometheus reads driftboard.",
            ((f'up{{job="{settings.deploy.job}"}}', "{{instance}}"),),
            kind="stat",
            steps=falling(1),
            width=6,
        ),
        Panel(
            "Version",
            "What is running.",
            ((select(families.BUILD), "{{version}}"),),
            kind="stat",
            width=6,
        ),
        Panel(
            "Signs of life",
            "Since the last one of each part.",
            ((select(families.HEARTBEAT), "{{component}}"),),
            kind="stat",
            unit="s",
            steps=rising(LATE.total_seconds() / 2, LATE.total_seconds()),
        ),
    )


def _waiting() -> tuple[Panel, ...]:
    return (
        Panel(
            "Messages",
            "Those waiting to leave, and those given up on.",
            ((select(families.QUEUED), "waiting"), (select(families.DEAD), "given up")),
        ),
        Panel(
            "Age of the queue",
            "How long the oldest message that is due has waited.",
            ((select(families.QUEUE_AGE), "oldest"),),
            unit="s",
            steps=rising(LONGEST_QUEUE.total_seconds()),
        ),
        Panel(
            "Batches not judged",
            "What the worker has yet to look at.",
            ((select(families.UNJUDGED), "batches"),),
        ),
    )


def _gathering() -> tuple[Panel, ...]:
    return (
        Panel(
            "Database",
            "Its size, and that of SQLite's write-ahead log.",
            ((select(families.DATABASE), "database"), (f"{select(families.WAL)} or vector(0)", "write-ahead log")),
            unit="bytes",
        ),
        Panel(
            "Scrapes",
            "How long gathering the metrics takes.",
            ((select(families.SCRAPE_DURATION), "seconds"),),
            unit="s",
        ),
        Panel(
            "Parts left out",
            "What could not be read for a scrape.",
            ((f"sum by (part) (increase({select(families.SCRAPE_ERRORS)}[1h])) or vector(0)", "{{part}}"),),
            steps=rising(1),
        ),
    )


def _processes() -> tuple[Panel, ...]:
    return (
        Panel("Processor", "Cores kept busy.", ((select(families.CPU), _BY_PROCESS),), unit="short", low=0),
        Panel("Memory", "Resident.", ((select(families.MEMORY), _BY_PROCESS),), unit="bytes", low=0),
        Panel(
            "Graphics cards",
            "Utilisation, where there are any.",
            ((f"{select(families.GPU)} or vector(0)", _BY_PROCESS + " {{gpu}}"),),
            unit="percentunit",
            low=0,
            high=1,
        ),
        Panel(
            "Graphics memory",
            "In use, where there are any cards.",
            ((f"{select(families.GPU_MEMORY)} or vector(0)", _BY_PROCESS + " {{gpu}}"),),
            unit="bytes",
            low=0,
        ),
    )
