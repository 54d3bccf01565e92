"""The identity of a problem: the same for every batch it shows in."""

import hashlib
import json

from driftboard.data.model_key import ModelKey

_DIGITS = 32


def fingerprint(rule: str, model: ModelKey, subject: str) -> str:
    """Return 32 hexadecimal digits of SHA-256 over rule, model name, environment and subject.

    Batch, value, time, wording and the model's version are left out: the same problem has the same fingerprint
    tomorrow and after a redeployment.

    >>> first = fingerprint("feature_drift", ModelKey("flights", "1"), "delay")
    >>> first == fingerprint("feature_drift", ModelKey("flights", "2"), "delay")
    True
    """
    identity = {"rule": rule, "model": model.name, "environment": model.environment, "subject": subject}
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:_DIGITS]
