"""`driftboard compare`: whether the challenger is better than the champion on the predictions that both made."""

from typing import TYPE_CHECKING, Annotated

import typer

from driftboard.commands import options

if TYPE_CHECKING:
    from datetime import datetime

    from driftboard.monitors.paired_report import PairedFigures, PairedReport, Side


def compare(
    context: typer.Context,
    champion: Annotated[str, typer.Argument(metavar="CHAMPION", help="NAME:VERSION[@ENV] of the model in use.")],
    challenger: Annotated[str, typer.Argument(metavar="CHALLENGER", help="The one that might replace it.")],
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Batches from then on: 30d, 12h, or 2025-11-03.")
    ] = None,
    batches: Annotated[
        int | None,
        typer.Option("--batches", metavar="N", min=1, help="The newest N. [default: 200 without --since]"),
    ] = None,
    segment: Annotated[
        list[str] | None,
        typer.Option("--segment", metavar="NAME", help="By this segment or feature alone. May be repeated."),
    ] = None,
    config: options.ConfigFile = None,
) -> None:
    """Compare two models on the predictions that both made.

    Both log under the same prediction ids, the challenger in the shadow of the champion; labels of either count.
    Accuracy is compared by McNemar's exact test, errors of a regression by a paired t test, segments with a correction
    for their number.

    \b
    Examples:
      driftboard compare churn:1 churn:2
      driftboard compare churn:1 churn:2 --since 30d --segment country
      driftboard compare churn:1@production churn:2@staging --batches 20
    """  # noqa: D301 - the escape is click's
    from driftboard.comparison import compare_models  # noqa: PLC0415 - `--help` is quick
    from driftboard.data import open_store_read_only, parse_model_key  # noqa: PLC0415

    settings = options.settings_of(context, config)
    keys = parse_model_key(champion), parse_model_key(challenger)
    start = None if since is None else _start(since)
    with open_store_read_only(options.log_of(settings)) as store:
        report = compare_models(store, *keys, since=start, newest=batches, segments=segment)
    typer.echo(report.message)
    if report.figures is not None:
        typer.echo("\n" + "\n".join(_table(report)))


def _start(text: str) -> "datetime":
    """A length of time before now, or a point in time."""
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` is quick

    from driftboard.errors import ConfigError  # noqa: PLC0415
    from driftboard.written_times import parse_age, parse_instant  # noqa: PLC0415

    try:
        return datetime.now(UTC) - parse_age(text)
    except ConfigError:
        return parse_instant(text)


def _table(report: "PairedReport") -> list[str]:
    """The figures in columns; a segment's name is shown with its odd characters escaped."""
    rows = [("", "labelled", *report.names, "difference (95 % interval)", "better")]
    if report.figures is not None:
        rows.append((report.measure, *_cells(report, report.figures), _better(report, report.better)))
    if report.macro_f1 is not None:
        f1 = report.macro_f1
        gap = f"{f1.difference:+.3f} ({f1.interval.low:+.3f} to {f1.interval.high:+.3f})"
        rows.append(("macro F1", "", f"{f1.champion:.3f}", f"{f1.challenger:.3f}", gap, ""))
    for each in report.segments:
        name = _printable(f"{each.segment} {each.level}")
        rows.append((name, *_cells(report, each.figures), _better(report, each.better)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if report.small_segments:
        lines.append(f"({options.counted(report.small_segments, 'segment')} too small, or beyond the 50 largest)")
    return lines


def _cells(report: "PairedReport", figures: "PairedFigures") -> tuple[str, str, str, str]:
    low, high = figures.interval.low, figures.interval.high
    if report.measure == "accuracy":
        values = f"{100 * figures.champion:.1f} %", f"{100 * figures.challenger:.1f} %"
        gap = f"{100 * figures.difference:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"
    else:
        values = f"{figures.champion:.4g}", f"{figures.challenger:.4g}"
        gap = f"{figures.difference:+.3g} ({low:+.3g} to {high:+.3g})"
    return f"{figures.n:,}", *values, gap


def _better(report: "PairedReport", side: "Side | None") -> str:
    return "" if side is None else report.names[("champion", "challenger").index(side)]


def _printable(text: str) -> str:
    return text if text.isprintable() else text.encode("unicode_escape").decode()
