"""Which models a rule is about: all of them, or those of which something else is promised."""

from collections.abc import Iterator
from dataclasses import dataclass

from driftboard.config import Settings
from driftboard.data.model_key import parse_model_key
from driftboard.errors import ConfigError, UnknownModel
from driftboard.exporter.families import MODEL
from driftboard.exporter.samples import label_text
from driftboard.render.promql import Matchers
from driftboard.service_settings import Objectives


@dataclass(frozen=True, slots=True)
class Scope:
    """Some models.

    Attributes
    ----------
    written
        As the configuration names them; None: all that it does not name.
    matchers
        What a selector says of them.
    others
        Matchers of models that would fit and have rules of their own.
    """

    written: str | None
    matchers: Matchers
    others: tuple[Matchers, ...]

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """What tells the scope's alerts from those of all models: nothing else may, and Prometheus asks for it."""
        return () if self.written is None else (("promised_to", self.written),)

    def promised(self, settings: Settings) -> Objectives:
        """Return what is promised of these models."""
        return settings.slo if self.written is None else settings.slo.models[self.written]


def scopes(settings: Settings) -> tuple[Scope, ...]:
    """Return the scope of every model first, then each that the configuration names.

    Raises
    ------
    ConfigError
        `[slo.models]` holds a name that can be no model's.
    """
    named = {text: _matchers(text) for text in settings.slo.models}
    whole = [matchers for matchers in named.values() if len(matchers) == len(MODEL)]
    every = Scope(None, (), tuple(named.values()))
    return every, *_named(named, whole)


def _named(named: dict[str, Matchers], whole: list[Matchers]) -> Iterator[Scope]:
    for text, matchers in named.items():
        by_name = len(matchers) == 1
        yield Scope(text, matchers, tuple(each for each in whole if by_name and each[0] == matchers[0]))


def _matchers(text: str) -> Matchers:
    try:
        key = parse_model_key(text)
    except UnknownModel as error:
        raise ConfigError(f"slo.models: {error}") from None
    if key.name == text:
        return (_matcher("model", text),)
    if str(key) != text:
        raise ConfigError(f"slo.models: {text!r} would never be looked up: write {key.name!r} or {str(key)!r}")
    return tuple(map(_matcher, MODEL, (key.name, key.version, key.environment)))


def _matcher(label: str, value: str) -> str:
    return f'{label}="{label_text(value)}"'
