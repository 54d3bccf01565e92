"""Coloured cells: PSI of feature and batch, verdict of monitor and batch, the confusion matrix."""

import altair as alt
import pandas as pd

from driftboard.dashboard.charts import base
from driftboard.dashboard.feature_frames import LOUD, most_moved
from driftboard.dashboard.frames import MONITORS
from driftboard.dashboard.palette import Palette
from driftboard.dashboard.status import VERDICTS, of_verdict

PICKED = "picked"
_ROW = 22
_STRIP = 32
_AROUND = 110  # axis and legend
_PALE = 0.3
_NOT_COMPUTED = "not computed"
MOST_FEATURES = 40
_DRAWN = ["batch", "at", "end", "when", "feature", "verdict", "moved", "noise", "p_value", "n"]
_MOST_CLASSES = 20
_DEEP = {False: 0.82, True: 0.68}  # from this share on, the text of the other theme is the more legible one


def psi_heatmap(frame: pd.DataFrame, palette: Palette) -> alt.Chart:
    """Return feature x batch coloured by PSI in steps that end at the limits; a click picks the cell.

    The forty features that ever moved most, the first of them on top. A cell without a warning is pale: its PSI is
    large, but so are those of the reference's own batches.
    """
    order = most_moved(frame, most=MOST_FEATURES)
    shown = frame.loc[frame["feature"].isin(order), _DRAWN]
    status = shown["verdict"].map(lambda name: of_verdict(name).label)
    shown = shown.assign(status=status, loud=shown["verdict"].isin(LOUD))
    bands = _bands(frame)
    shown = shown.assign(band=pd.cut(shown["moved"], [*bands.values(), float("inf")], labels=list(bands), right=False))
    shown["band"] = shown["band"].astype(object).where(shown["moved"].notna(), _NOT_COMPUTED)
    colours = alt.Scale(domain=[*bands, _NOT_COMPUTED], range=[*palette.psi, palette.background])
    legend = alt.Legend(
        title="PSI",
        titleOrient="left",
        columns=3,
        orient="top",
        symbolType="square",
        symbolStrokeColor=palette.reference,
        symbolStrokeWidth=0.6,
        symbolSize=130,
    )
    tooltip = base.tips(
        ("feature", "Feature", None),
        ("status", "Verdict", None),
        ("moved", "PSI compared with the limits", ".3f"),
        ("noise", "Expected by luck", ".3f"),
        ("p_value", "p", ".2e"),
        ("n", "Rows", ","),
    )
    pick = alt.selection_point(name=PICKED, fields=["feature", "batch"], on="click", empty=True)
    names = alt.Axis(
        title=None, labelLimit=150, labelFontSize=12, labelOverlap=False, grid=False, domain=False, ticks=False
    )
    chart: alt.Chart = (
        alt.Chart(shown)
        .mark_rect(cursor="pointer")
        .encode(
            x=base.when(),
            x2=alt.X2("end"),
            y=alt.Y("feature:N", sort=order, axis=names, scale=alt.Scale(paddingInner=0.12)),
            color=alt.Color("band:N", scale=colours, sort=[*bands, _NOT_COMPUTED], legend=legend),
            opacity=alt.condition(alt.datum.loud, alt.value(1.0), alt.value(_PALE)),
            tooltip=tooltip,
        )
        .add_params(pick)
        .properties(height=max(len(order), 3) * _ROW + _AROUND)
    )
    return chart


def _bands(frame: pd.DataFrame) -> dict[str, float]:
    """Return the name of each band of PSI to where it begins; the limits are borders."""
    warning, critical = float(frame["psi_warning"].iloc[-1]), float(frame["psi_critical"].iloc[-1])
    return {
        f"below {warning / 2:g}": float("-inf"),
        f"{warning / 2:g} and more": warning / 2,
        f"▲ {warning:g} and more": warning,
        f"■ {critical:g} and more": critical,
        f"■ {5 * critical:g} and more": 5 * critical,
    }


def verdict_strip(frame: pd.DataFrame, palette: Palette) -> alt.Chart:
    """Return monitor x batch coloured by verdict."""
    present = [name for name in VERDICTS if (frame["verdict"] == name).any()]
    statuses = [VERDICTS[name] for name in present]
    labels = [each.label for each in statuses]
    shown = frame.assign(
        status=frame["verdict"].map(lambda name: of_verdict(name).label), name=frame["monitor"].map(MONITORS)
    )
    colours = alt.Scale(domain=labels, range=[palette.of(each) for each in statuses])
    legend = alt.Legend(title=None, orient="top", symbolType="square")
    rows = [title for monitor, title in MONITORS.items() if (frame["monitor"] == monitor).any()]
    names = alt.Axis(title=None, labelFontSize=12, labelOverlap=False, grid=False, domain=False, ticks=False)
    chart: alt.Chart = (
        alt.Chart(shown)
        .mark_rect()
        .encode(
            x=base.when(),
            x2=alt.X2("end"),
            y=alt.Y("name:N", sort=rows, axis=names, scale=alt.Scale(paddingInner=0.18)),
            color=alt.Color("status:N", scale=colours, legend=legend),
            tooltip=base.tips(("name", "Monitor", None), ("status", "Verdict", None)),
        )
        .properties(height=len(rows) * _STRIP + _AROUND)
    )
    return chart


def confusion(frame: pd.DataFrame, classes: list[str], palette: Palette) -> alt.LayerChart:
    """Return the confusion matrix: counts on cells coloured by the share of the labelled class, at most 20 classes."""
    kept = classes[:_MOST_CLASSES]
    shown = frame[frame["labelled"].isin(kept) & frame["predicted"].isin(kept)]
    low, high = palette.heat
    axis = alt.Axis(labelFontSize=12, labelLimit=110, labelAngle=0, ticks=False, domain=False, grid=False)
    x = alt.X("predicted:N", sort=kept, title="Predicted", axis=axis, scale=alt.Scale(padding=0.03))
    y = alt.Y("labelled:N", sort=kept, title="Labelled", axis=axis, scale=alt.Scale(padding=0.03))
    shade = alt.Scale(domain=[0, 1], range=[low, high])
    tooltip = [
        alt.Tooltip("labelled:N", title="Labelled"),
        alt.Tooltip("predicted:N", title="Predicted"),
        alt.Tooltip("count:Q", title="Predictions", format=","),
        alt.Tooltip("share:Q", title="Share of the labelled", format=".1%"),
    ]
    cells = (
        alt.Chart(shown)
        .mark_rect(cornerRadius=3)
        .encode(x=x, y=y, color=alt.Color("share:Q", scale=shade, legend=None), tooltip=tooltip)
    )
    on_dark = "#11161C" if palette.dark else "#FFFFFF"
    counts = (
        alt.Chart(shown)
        .mark_text(fontSize=14, fontWeight=600)
        .encode(
            x=x,
            y=y,
            text=alt.Text("count:Q", format=","),
            color=alt.condition(f"datum.share > {_DEEP[palette.dark]}", alt.value(on_dark), alt.value(palette.text)),
            tooltip=tooltip,
        )
    )
    return base.finished(cells, counts, height=max(220, min(46 * len(kept) + 60, 620)))
