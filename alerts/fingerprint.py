"""The identity of a problem: the same for every batch it shows in."""

import hashlib
import json
from functools import lru_cache

from driftboard.data.model_key import ModelKey

_DIGITS = 32


def fingerprint(rule: str, model: ModelKey | None, subject: str) -> str:
    """Return 32 hexadecimal digits of SHA-256 over rule, model name, environment and subject.

    Batch, value, time, wording and the model's version are left out: the same problem has the same fingerprint
    tomorrow and after a redeployment.

    Parameters
    ----------
    model
        None: the problem is driftboard's own.

    >>> first = fingerprint("feature_drift", ModelKey("flights", "1"), "delay")
    >>> first == fingerprint("feature_drift", ModelKey("flights", "2"), "delay")
    True
    """
    name, environment = (None, None) if model is None else (model.name, model.environment)
    return _digest(rule, name, environment, subject)


@lru_cache(maxsize=10_000)
def _digest(rule: str, name: str | None, environment: str | None, subject: str) -> str:
    identity = {"rule": rule, "model": name, "environment": environment, "subject": subject}
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:_DIGITS]
