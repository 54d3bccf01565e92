"""The text that Prometheus reads: families in their order, each with its help, its kind and all of its samples.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format, version 0.0.4.
"""

from collections.abc import Iterable, Iterator

from driftboard.exporter.families import FAMILIES
from driftboard.exporter.family import Family
from driftboard.exporter.samples import Samples

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def write_exposition(parts: Iterable[Samples]) -> bytes:
    """Return the exposition of all parts; a metric without samples is not named."""
    gathered: dict[str, list[str]] = {}
    for part in parts:
        for name, lines in part.lines.items():
            gathered.setdefault(name, []).extend(lines)
    pages = [
        f"# HELP {name} {text}\n# TYPE {name} {kind}\n" + "\n".join(gathered[name])
        for name, text, kind in _headings()
        if name in gathered
    ]
    return "".join(f"{page}\n" for page in pages).encode()


def _headings() -> Iterator[tuple[str, str, str]]:
    for family in FAMILIES:
        yield family.name, family.help, family.kind
        yield from ((alias.name, _as_alias(family), family.kind) for alias in family.aliases)


def _as_alias(family: Family) -> str:
    return f"{family.name} under another name: {family.help}"
