"""What every section of the configuration is: frozen, and closed to keys that nobody knows."""

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict

from driftboard.errors import ConfigError


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
