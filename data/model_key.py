"""Which model: name, version and environment."""

import re
from dataclasses import dataclass

from driftboard.data.values import MAX_NAME, storable
from driftboard.errors import UnknownModel

_SPEC = re.compile(r"(?P<name>[^:@]+)(?::(?P<version>[^@]+))?(?:@(?P<environment>.+))?")


@dataclass(frozen=True, slots=True, order=True)
class ModelKey:
    """Identity of a model, written `name:version@environment`.

    >>> str(ModelKey("flights", "2"))
    'flights:2@production'
    """

    name: str
    version: str = "1"
    environment: str = "production"

    @property
    def is_storable(self) -> bool:
        """Whether each part is text that both engines can hold and index."""
        parts = (self.name, self.version, self.environment)
        return all(part == storable(part) and len(part.encode()) <= MAX_NAME for part in parts)

    def __str__(self) -> str:
        return f"{self.name}:{self.version}@{self.environment}"


def parse_model_key(text: str) -> ModelKey:
    """Return the key that `text` names; the version defaults to 1, the environment to production.

    >>> parse_model_key("flights:2@staging")
    ModelKey(name='flights', version='2', environment='staging')
    """
    match = _SPEC.fullmatch(text.strip())
    if match is None:
        raise UnknownModel(f"{text!r} names no model: write name, name:version or name:version@environment")
    return ModelKey(match["name"], match["version"] or "1", match["environment"] or "production")
