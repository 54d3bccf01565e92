"""Privacy: what is dropped, hashed or cut short before a value reaches any disk, spool and quarantine included."""

import hashlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isnan
from typing import Any

from driftboard.data.batch import PredictionBatch
from driftboard.errors import ConfigError

log = logging.getLogger(__name__)

_DENIED_TEXT = """
password passwd passphrase pwd password_hash token secret credentials cookie authorization
api_key apikey access_key private_key secret_key encryption_key
ssn social_security social_security_number passport_number iban
card_number cardnumber credit_card creditcard cvv cvc
"""
DENIED = frozenset(_DENIED_TEXT.split())
"""Names that no feature has by intent: one that is such a name, or ends with `_` and one, is dropped."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Privacy:
    """What becomes of features and segments, by name.

    Attributes
    ----------
    drop
        Never stored.
    hash
        Stored as 32 hexadecimal digits of keyed BLAKE2b: equal values stay equal, and nobody without the salt can
        find them out by trying. Missing stays missing.
    truncate
        Text is cut to so many characters.
    salt
        The key of the hashes. Needed with `hash`.
    allow
        Names that are stored although they look like a secret's; see `DENIED`.
    """

    drop: frozenset[str] = frozenset()
    hash: frozenset[str] = frozenset()
    truncate: Mapping[str, int] = field(default_factory=dict)
    salt: str = field(default="", repr=False)
    allow: frozenset[str] = frozenset()
    _plain: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    _secret: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.hash and not self.salt:
            raise ConfigError("privacy.hash needs privacy.salt: env:NAME or file:PATH of a secret")

    def apply(self, features: Mapping[str, Any]) -> dict[str, Any]:
        """Return one row's values as they may be stored.

        >>> Privacy(truncate={"note": 3}).apply({"age": 4, "note": "abcdef", "user_password": "x"})
        {'age': 4, 'note': 'abc'}
        """
        if self._plain.issuperset(features):
            return dict(features)
        return {name: self._treated(name, value) for name, value in features.items() if self._keeps(name)}

    def apply_columns(self, features: Mapping[str, Any]) -> dict[str, Any]:
        """Return a batch's columns as they may be stored; those that nothing is said of are the same objects."""
        if self._plain.issuperset(features):
            return dict(features)
        return {name: self._column(name, values) for name, values in features.items() if self._keeps(name)}

    def apply_batch(self, batch: PredictionBatch) -> PredictionBatch:
        """Return the batch with its features and segments as they may be stored."""
        features, segments = self.apply_columns(batch.features), self.apply_columns(batch.segments)
        return replace(batch, features=features, segments=segments)

    def _keeps(self, name: str) -> bool:
        if name in self._plain:
            return True
        if name in self.drop or name in self._secret:
            return False
        if name in self.hash or name in self.truncate:
            return True
        seen = self._plain
        if looks_secret(name) and name not in self.allow:
            log.warning("%r is not stored: its name looks like a secret's (see privacy.allow)", name)
            seen = self._secret
        if len(seen) < _REMEMBERED:
            seen.add(name)
        return seen is self._plain

    def _treated(self, name: str, value: Any) -> Any:
        if name in self._plain:
            return value
        if name in self.hash:
            return None if _missing(value) else self._hashed(value)
        limit = self.truncate.get(name)
        return value[:limit] if limit is not None and isinstance(value, str) else value

    def _column(self, name: str, values: Any) -> Any:
        if name not in self.hash and name not in self.truncate:
            return values
        return [self._treated(name, value) for value in values]

    def _hashed(self, value: Any) -> str:
        key = hashlib.blake2b(self.salt.encode()).digest()
        return hashlib.blake2b(_text_of(value).encode("utf-8", "backslashreplace"), key=key, digest_size=16).hexdigest()


def looks_secret(name: str) -> bool:
    """Return whether the name is one of `DENIED`, or ends with one as its last words.

    >>> [looks_secret(each) for each in ("userPassword", "API-Key", "token", "token_count", "age")]
    [True, True, True, False, False]
    """
    words = [word.lower() for word in _WORDS.findall(str(name))]
    return any("_".join(words[start:]) in DENIED for start in range(len(words)))


DEFAULT = Privacy()
"""Nothing is configured: only names that look like a secret's are dropped."""


def _missing(value: Any) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and isnan(value))


def _text_of(value: Any) -> str:
    """The value as text; numbers that are equal give equal texts, whatever library they came from."""
    item = getattr(value, "item", None)
    plain = item() if callable(item) else value
    return str(int(plain)) if isinstance(plain, float) and plain.is_integer() else str(plain)
