"""Every dashboard for Grafana, by the name of its file."""

from driftboard.config import Settings
from driftboard.render.drift_board import drift_board
from driftboard.render.grafana import as_json
from driftboard.render.health_board import health_board
from driftboard.render.latency_board import latency_board
from driftboard.render.panel import Board
from driftboard.render.performance_board import performance_board


def boards(settings: Settings) -> dict[str, Board]:
    """Return the dashboards."""
    return {
        "health": health_board(settings),
        "performance": performance_board(settings),
        "latency": latency_board(settings),
        "drift": drift_board(settings),
    }


def board_files(settings: Settings) -> dict[str, str]:
    """Return the text of each dashboard, by the name of its file."""
    return {f"{name}.json": as_json(board, settings) for name, board in boards(settings).items()}
