"""Rendered files and a folder: what differs, and writing it; files that are not ours are neither read nor touched."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from driftboard.errors import ConfigError
from driftboard.render.written_yaml import NOTE

_READABLE = 0o644
"""Servers in containers run as users of their own; no file here holds a secret."""


@dataclass(frozen=True, slots=True)
class Change:
    """A file that is not as it would be rendered.

    Attributes
    ----------
    path
        Below the folder.
    before, after
        Texts; `before` is None where there is no file.
    """

    path: str
    before: str | None
    after: str

    def diff(self) -> str:
        """Return the difference as `diff -u` shows it."""
        old = [] if self.before is None else self.before.splitlines(keepends=True)
        names = ("/dev/null" if self.before is None else f"a/{self.path}", f"b/{self.path}")
        return "".join(difflib.unified_diff(old, self.after.splitlines(keepends=True), *names))


def changes(texts: Mapping[str, str], folder: Path) -> tuple[Change, ...]:
    """Return what would change in the folder, in order of paths.

    Raises
    ------
    ConfigError
        A file cannot be read, or somebody else's is in the way.
    """
    found = ((path, _read(folder / path), text) for path, text in sorted(texts.items()))
    return tuple(Change(path, before, text) for path, before, text in found if before != text)


def write(found: tuple[Change, ...], folder: Path) -> None:
    """Write the changes, each file as a whole or not at all.

    Raises
    ------
    ConfigError
        Nothing can be written there.
    """
    for each in found:
        target = folder / each.path
        partial = target.with_name(f".{target.name}.partial")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(each.after, encoding="utf-8")
            partial.chmod(_READABLE)
            partial.replace(target)
        except OSError as error:
            raise ConfigError(f"cannot write {target}: {error.strerror}") from None


def _read(path: Path) -> str | None:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is no text'}") from None
    if NOTE not in text:
        raise ConfigError(f"{path} is not one of ours: move it away, or render to another folder with --to")
    return text
