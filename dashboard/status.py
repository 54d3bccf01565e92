"""Status as icon + word + colour: the one table that every page, chart and badge reads.

The colours stay apart (dE >= 23) under protanopia, deuteranopia and tritanopia. They are fills, never text: `warning`
has 2.3:1 on white, so it never stands without its icon and word.
"""

from dataclasses import dataclass
from typing import Literal

from driftboard.data.incident import IncidentState
from driftboard.data.outbox import Delivery
from driftboard.monitors.verdict import Verdict

Badge = Literal["blue", "orange", "red", "violet", "gray"]


@dataclass(frozen=True, slots=True)
class Status:
    """How one state looks.

    Attributes
    ----------
    word
        What people read.
    icon, glyph
        A Material icon, and a plain character for places that take text only; the shape tells states apart.
    badge
        Streamlit's name of the colour; theme.toml gives it our values.
    light, dark
        Fill colour in each theme.
    """

    word: str
    icon: str
    glyph: str
    badge: Badge
    light: str
    dark: str

    @property
    def label(self) -> str:
        """Glyph and word, for tables and legends."""
        return f"{self.glyph} {self.word}"


_OK = ("blue", "#0072B2", "#3D9BDC")
_WARNING = ("orange", "#E69F00", "#E69F00")
_CRITICAL = ("red", "#A3123A", "#FF6B81")
_UNKNOWN = ("gray", "#767676", "#8B949E")
_EMPTY = ("gray", "#949494", "#6B7580")
_INVALID = ("violet", "#7B3294", "#C58AE0")


def _status(word: str, icon: str, glyph: str, look: tuple[str, str, str]) -> Status:
    badge, light, dark = look
    return Status(word, f":material/{icon}:", glyph, badge, light, dark)  # type: ignore[arg-type]


VERDICTS: dict[str, Status] = {
    Verdict.OK: _status("OK", "check_circle", "✓", _OK),
    Verdict.INFO: _status("Info", "info", "●", ("blue", "#4E8FBF", "#7FB6DD")),
    Verdict.WARNING: _status("Warning", "warning", "▲", _WARNING),
    Verdict.CRITICAL: _status("Critical", "error", "■", _CRITICAL),
    Verdict.INVALID: _status("Invalid", "rule", "✕", _INVALID),
    Verdict.INSUFFICIENT: _status("Too few rows", "hourglass_bottom", "…", _UNKNOWN),
    Verdict.NO_DATA: _status("No data", "do_not_disturb_on", "○", _EMPTY),
}

INCIDENTS: dict[str, Status] = {
    IncidentState.FIRING: _status("Firing", "notifications_active", "◆", _CRITICAL),
    IncidentState.RECOVERING: _status("Recovering", "trending_up", "◐", _WARNING),
    IncidentState.NO_DATA: _status("No data", "do_not_disturb_on", "○", _EMPTY),
    IncidentState.RESOLVED: _status("Resolved", "check_circle", "✓", _OK),
}
"""Where an incident stands."""

DELIVERY: dict[str, Status] = {
    Delivery.QUEUED: _status("Queued", "schedule_send", "▲", _WARNING),
    Delivery.DELIVERED: _status("Delivered", "mark_email_read", "✓", _OK),
    Delivery.DRY_RUN: _status("Dry run, not sent", "science", "■", _CRITICAL),
    Delivery.SUPPRESSED: _status("Suppressed", "notifications_paused", "○", _UNKNOWN),
    Delivery.SUPERSEDED: _status("Superseded", "update", "◇", _UNKNOWN),
    Delivery.DEAD: _status("Given up", "sms_failed", "✕", _CRITICAL),
}
"""What became of a notification."""

CHANNELS: dict[str, Status] = {
    "ok": _status("Working", "check_circle", "✓", _OK),
    "failing": _status("Failing", "warning", "▲", _WARNING),
    "broken": _status("Broken", "link_off", "✕", _CRITICAL),
    "dry_run": _status("Dry run, not sent", "science", "■", _CRITICAL),
    "unused": _status("Not used yet", "hourglass_empty", "○", _EMPTY),
}
"""How a channel does."""

HEARTS: dict[str, Status] = {
    "beating": _status("Running", "monitor_heart", "✓", _OK),
    "stalled": _status("Stalled", "heart_broken", "✕", _CRITICAL),
    "never": _status("Never seen", "help", "○", _EMPTY),
}
"""How the processes do that judge and send."""

CONSEQUENCES: dict[str, Status] = {
    "with consequence": _status("With consequence", "trending_down", "▼", _WARNING),
    "harmless so far": _status("Harmless so far", "shield", "◇", _OK),
}
"""What drifted inputs do to the estimated performance, in the monitors' words."""

LEVELS: dict[str, Status] = {
    "met": _status("Met", "check_circle", "✓", _OK),
    "missed": _status("Missed", "trending_down", "■", _CRITICAL),
    "unknown": _status("Nothing to measure", "hourglass_empty", "○", _EMPTY),
}
"""Whether a service level is what was promised."""

UNKNOWN = _status("Unknown", "help", "?", _UNKNOWN)


def of_verdict(name: str) -> Status:
    """Return the status of a verdict or severity; `Unknown` for a word this version does not know.

    >>> of_verdict("critical").label
    '■ Critical'
    """
    return VERDICTS.get(name, UNKNOWN)


def of_delivery(name: str) -> Status:
    """Return the status of what became of a notification."""
    return DELIVERY.get(name, UNKNOWN)


def of_incident(name: str) -> Status:
    """Return the status of where an incident stands."""
    return INCIDENTS.get(name, UNKNOWN)


def of_channel(name: str) -> Status:
    """Return the status of how a channel does."""
    return CHANNELS.get(name, UNKNOWN)


def of_level(name: str) -> Status:
    """Return the status of a service level."""
    return LEVELS.get(name, UNKNOWN)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2), 1 to 21.

    >>> round(contrast("#000000", "#FFFFFF"))
    21
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - WCAG's constants
