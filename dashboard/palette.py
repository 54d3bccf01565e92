"""Colours of the charts in the theme that the visitor sees."""

import tomllib
from dataclasses import dataclass

import streamlit as st

from driftboard.dashboard.options import THEME_FILE
from driftboard.dashboard.status import VERDICTS, Status


@dataclass(frozen=True, slots=True)
class Palette:
    """Chart colours of one theme; `series` are for what has no status, `psi` and `heat` rise with the value."""

    dark: bool
    text: str
    muted: str
    faint: str
    focus: str
    reference: str
    background: str
    series: tuple[str, ...]
    psi: tuple[str, ...]
    heat: tuple[str, str]

    def of(self, status: Status) -> str:
        """Return a status's fill."""
        return status.dark if self.dark else status.light

    def tint(self, status: Status) -> str:
        """Return the background on which a status's word is legible: that of its badge, from theme.toml."""
        tint: str = _THEME["dark" if self.dark else "light"][f"{status.badge}BackgroundColor"]
        return tint

    @property
    def estimate(self) -> str:
        """Colour of what is estimated without labels."""
        return self.series[3]

    @property
    def warning(self) -> str:
        """Fill of a warning."""
        return self.of(VERDICTS["warning"])

    @property
    def critical(self) -> str:
        """Fill of what is critical."""
        return self.of(VERDICTS["critical"])


_THEME = tomllib.loads(THEME_FILE.read_text(encoding="utf-8"))["theme"]

LIGHT = Palette(
    dark=False,
    text="#1B2530",
    muted="#5E6872",
    faint="#C9D1D9",
    focus="#0072B2",
    reference="#8C959F",
    background="#FFFFFF",
    series=("#0072B2", "#D55E00", "#009E73", "#B65C93", "#8A6D00", "#4E6FD0", "#6B7280", "#7A4B00"),
    psi=("#EFF3F6", "#D3DEE8", "#EDB030", "#C2385F", "#7D0A2A"),
    heat=("#F4F8FB", "#0072B2"),
)

DARK = Palette(
    dark=True,
    text="#E4E9EE",
    muted="#9AA5B1",
    faint="#3A4550",
    focus="#56A9DE",
    reference="#7D8894",
    background="#11161C",
    series=("#56A9DE", "#F08A4B", "#3CC49A", "#DB93BE", "#D9BE4A", "#8FA6F0", "#A0A9B4", "#C99A5B"),
    psi=("#1C242D", "#31465A", "#B98309", "#B8354F", "#FF6B81"),
    heat=("#1A212A", "#56A9DE"),
)


def current() -> Palette:
    """Return the palette of the visitor's theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT
