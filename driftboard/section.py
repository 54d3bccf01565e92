"""What every section of the configuration is: frozen, and closed to keys that nobody knows."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr
from pydantic_core import to_json

from driftboard.errors import ConfigError

REFERENCES = ("env:", "file:")
"""How a reference to a secret begins."""


class Section(BaseModel):
    """A section; its first line of documentation is what `driftboard init` writes above it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def checked(parse: Callable[[str], object], text: str) -> str:
    """Return the text, once `parse` took it.

    Raises
    ------
    ValueError
        With the one line of the `ConfigError` that `parse` raised: what pydantic makes its own error of.
    """
    try:
        parse(text)
    except ConfigError as error:
        raise ValueError(str(error)) from None
    return text


def with_references(section: BaseModel) -> str:
    """Return a section as JSON that can be read again: with `env:NAME` and `file:PATH` where others see asterisks.

    The references, not the secrets behind them; for another process of ours, never for a page or a log.
    """
    return to_json(_referring(section.model_dump())).decode()


def _referring(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {name: _referring(each) for name, each in value.items()}
    return [_referring(each) for each in value] if isinstance(value, (list, tuple)) else value


def _is_reference(secret: SecretStr) -> SecretStr:
    kind, _, name = secret.get_secret_value().partition(":")
    if f"{kind}:" not in REFERENCES or not name.strip():
        raise ValueError("a secret is given by reference only: env:NAME or file:PATH")
    return secret


SecretRef = Annotated[SecretStr, AfterValidator(_is_reference)]
"""Where a secret is found, `env:NAME` or `file:PATH`: never the secret itself."""
