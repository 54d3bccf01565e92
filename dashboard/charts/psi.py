"""The PSI of one feature over time, with what luck gives and the limits."""

import altair as alt
import pandas as pd

from driftboard.dashboard.charts import base
from driftboard.dashboard.palette import Palette


def psi(mine: pd.DataFrame, others: pd.DataFrame, batch: str | None, palette: Palette) -> alt.LayerChart:
    """Return the PSI that the limits are compared with, over the noise band of the PSI as computed.

    Where the limit of luck is known the band ends there and the PSI as computed is drawn thin beside the corrected one;
    in older reports the band ends at what luck gives on average.
    """
    band = mine.assign(luck=mine["limit"].fillna(mine["noise"]), zero=0.0, raw=mine["psi"].where(mine["limit"].notna()))
    newest = mine.iloc[-1]
    top = max(1.3 * newest["psi_critical"], 1.1 * float(band[["moved", "raw", "luck"]].max().max()))
    scale = alt.Scale(type="sqrt", domain=[0, top])
    y = alt.Y("moved:Q", scale=scale, axis=base.axis("PSI (square-root scale)"))
    behind = alt.Chart(others[["feature", "at", "moved"]]).mark_line(color=palette.faint, strokeWidth=0.8, clip=True)
    noise = alt.Chart(band).mark_area(color=palette.focus, opacity=0.2, interpolate="step-after")
    thin = alt.Chart(band).mark_line(color=palette.focus, strokeWidth=0.8, strokeDash=[2, 2], opacity=0.8)
    return base.finished(
        behind.encode(x=base.when(), y=y, detail=alt.Detail("feature:N")),
        noise.encode(x=base.when(), y=alt.Y("luck:Q"), y2=alt.Y2("zero")),
        base.selected(mine, batch, palette),
        [thin.encode(x=base.when(), y=alt.Y("raw:Q"))] if band["raw"].notna().any() else [],
        base.line(mine, y, palette.focus, _tips()),
        base.limit(
            newest["psi_warning"],
            f"warning {newest['psi_warning']:g}",
            palette.warning,
            above=False,
            palette=palette,
        ),
        base.limit(newest["psi_critical"], f"critical {newest['psi_critical']:g}", palette.critical, palette=palette),
    )


def _tips() -> list[alt.Tooltip]:
    return base.tips(
        ("feature", "Feature", None),
        ("moved", "PSI compared with the limits", ".3f"),
        ("psi", "PSI as computed", ".3f"),
        ("noise", "Expected by luck", ".3f"),
        ("limit", "Exceeded by luck once in 1,000", ".3f"),
        ("n", "Rows", ","),
    )
