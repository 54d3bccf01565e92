"""The page of the documentation that lists every metric, made from the table of families."""

from collections.abc import Iterable

from driftboard.api_settings import MetricsSettings
from driftboard.exporter.budget import ERROR_TYPES, MOST_SERIES, PROCESS_SERIES, limits_of
from driftboard.exporter.families import FAMILIES, MODEL
from driftboard.exporter.family import Family

_INTRODUCTION = f"""# Metrics

<!-- Made by `python -m driftboard.exporter`: change the table in driftboard/exporter/families.py instead. -->

`GET /metrics` of `driftboard serve`, and `driftboard metrics`, give these to Prometheus. They are read out of the log,
so any number of processes may write to it, and it does not matter which of them is scraped; all of them together are
one target: scraping two would count everything twice.

A metric that cannot be told is absent, never zero: `absent()` and `unless` are for rules about that. A counter never
goes down; `le` of a histogram is written as in `le="0.5"` and `le="1.0"`.

Of one model there are at most {MOST_SERIES} series, whatever is logged (twice as many with `metrics.aliases = true`):
{{features}} features (`metrics.top_features`; those that moved first), {{classes}} classes (`metrics.top_classes`;
those met first, the rest as `other`), {{segments}} levels of segments (`metrics.top_segments`; the worst),
{ERROR_TYPES} types of error, {PROCESS_SERIES} series of processes. Values of labels are cut at 120 characters; control
characters are written as `<1b>`, and a value that was changed so ends in `~` and a digest.
"""


def metrics_page() -> str:
    """Return the page in Markdown."""
    limits = limits_of(MetricsSettings())
    introduction = _INTRODUCTION.format(features=limits.features, classes=limits.classes, segments=limits.segments)
    models = [each for each in FAMILIES if each.labels[: len(MODEL)] == MODEL]
    own = [each for each in FAMILIES if each not in models]
    return "\n".join(
        [
            introduction,
            f"## Of every model\n\nAll of them have the labels {_names(MODEL)}, besides those named here.\n",
            *_table(models, skip=len(MODEL)),
            "\n`driftboard_open_incidents` and `driftboard_process_...` of driftboard itself have no model.\n",
            "## Of driftboard itself\n",
            *_table(own),
            "\n## Other names\n",
            "With `metrics.aliases = true` these are repeated under names that many dashboards ask for.\n",
            *_aliases(),
            "",
        ]
    )


def _table(families: Iterable[Family], *, skip: int = 0) -> list[str]:
    rows = [f"| `{each.name}` | {each.kind} | {_names(each.labels[skip:])} | {each.help} |" for each in families]
    return ["| metric | kind | labels | what it says |", "|---|---|---|---|", *rows]


def _aliases() -> list[str]:
    rows = [
        f"| `{alias.name}` | `{family.name}` | {alias.scale:g} | {_names(alias.labels)} |"
        for family in FAMILIES
        for alias in family.aliases
    ]
    return ["| name | is | times | labels |", "|---|---|---|---|", *rows]


def _names(labels: Iterable[str]) -> str:
    return ", ".join(f"`{label}`" for label in labels)
