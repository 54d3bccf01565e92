"""Samples as lines of text, gathered by metric; those of a report are kept from one scrape to the next.

Text from the start, because a scrape of many models is mostly the same lines as the one before: rendering each of them
from a label dictionary anew (`prometheus_client.generate_latest`) takes several times as long as everything else.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

from driftboard.data.catalog import Model
from driftboard.exporter.family import Family, bound_text

MAX_LABEL = 120
"""Characters of a label's value; a longer one is cut, and marked so that it stays one of its own."""

NO_MODEL = ("", "", "")
"""Labels of what belongs to no model in a family of models: Prometheus takes an empty label for none."""

_UNFIT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_TO_ESCAPE = re.compile('[\\\\"\n]')
_ESCAPED = {"\\": r"\\", '"': r"\"", "\n": r"\n"}


class Samples:
    """Lines by metric, of one model or of none.

    Parameters
    ----------
    labels
        Values that every sample of a family begins with: model, version and environment, or nothing.
    aliases
        Whether families are repeated under their other names.
    """

    def __init__(self, labels: Sequence[str] = (), *, aliases: bool = False) -> None:
        self.lines: dict[str, list[str]] = {}
        self._first = tuple(map(label_text, labels))
        self._aliases = aliases

    def add(self, family: Family, value: float | None, *labels: str) -> None:
        """Add a sample; None and what is no number are left out: an absent series is how Prometheus says unknown."""
        if value is None or math.isnan(value):
            return
        values = (*self._first, *map(label_text, labels))
        for name, names, scale in self._names(family):
            line = f"{name}{_braced(names, values)} {_number(value * scale)}"
            self.lines.setdefault(name, []).append(line)

    def add_histogram(self, family: Family, bounds: Sequence[float], cells: Sequence[int], total: float) -> None:
        """Add a histogram.

        Parameters
        ----------
        bounds, cells
            Upper bounds, and how many values lie in each cell; one cell more than bounds: beyond the last.
        total
            Sum of the values.
        """
        if not cells:
            return
        whole = list(accumulate(cells))
        for name, names, _ in self._names(family):
            pairs = _pairs(names, self._first)
            within = [
                f'{name}_bucket{{{pairs}{"," if pairs else ""}le="{bound_text(bound)}"}} {count}'
                for bound, count in zip([*bounds, math.inf], whole, strict=False)
            ]
            ends = [f"{name}_sum{{{pairs}}} {_number(total)}", f"{name}_count{{{pairs}}} {whole[-1]}"]
            self.lines.setdefault(name, []).extend([*within, *ends])

    def __len__(self) -> int:
        return sum(map(len, self.lines.values()))

    def _names(self, family: Family) -> Iterable[tuple[str, tuple[str, ...], float]]:
        yield family.name, family.labels, 1
        if self._aliases:
            for alias in family.aliases:
                yield alias.name, alias.labels, alias.scale


def samples_of(model: Model, *, aliases: bool) -> Samples:
    """Return samples, none yet, that begin with the labels of a model."""
    return Samples((model.key.name, model.key.version, model.key.environment), aliases=aliases)


def label_text(value: str) -> str:
    r"""Return a label's value as it is written between quotes.

    Control characters, line separators and half surrogates are written as escapes of their own, and what is too long
    is cut; a value changed so ends in a digest of what it was, for two values must not become one.

    >>> print(label_text('say "hi"\n'))
    say \"hi\"\n
    """
    fit = _UNFIT.sub(lambda match: f"<{ord(match[0]):x}>", value[: MAX_LABEL + 1])
    if len(value) > MAX_LABEL or fit != value:
        mark = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
        fit = f"{fit[:MAX_LABEL]}~{mark}"
    return _TO_ESCAPE.sub(lambda match: _ESCAPED[match[0]], fit)


def _braced(names: Sequence[str], values: Sequence[str]) -> str:
    pairs = _pairs(names, values)
    return f"{{{pairs}}}" if pairs else ""


def _pairs(names: Sequence[str], values: Sequence[str]) -> str:
    """An empty value is the same as none to Prometheus, and left out."""
    return ",".join([f'{name}="{value}"' for name, value in zip(names, values, strict=False) if value])


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)
