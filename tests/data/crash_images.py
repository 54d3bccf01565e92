"""Power cuts, simulated from what a real writer did.

Its system calls are recorded, and its files rebuilt as a disk may hold them after a cut at any moment. A disk keeps
what was written before the last fsync of that file. Of what was written since, it may keep nothing, the first few
writes, any of them, or a write torn at a sector of 512 bytes.
"""

import random
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
_UNLINK = re.compile(r'unlink\("([^"]*)"\) += 0')
_CALL = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\((\d+)<([^>]*)>(?:, (.*))?\) += (-?\d+)")


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes put at an offset of a file."""

    file: str
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Sync:
    """An fsync or fdatasync that succeeded."""

    file: str


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file cut to a length."""

    file: str
    length: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The writer told the world that this batch is durable."""

    batch: int


@dataclass(frozen=True, slots=True)
class Unlink:
    """A file deleted; taken as durable at once, since SQLite syncs the folder before it relies on that."""

    file: str


Event = Write | Sync | Truncate | Unlink | Acknowledged


@dataclass(slots=True)
class Disk:
    """What is surely on the disk, file by file, and what was written since and may be lost."""

    durable: dict[str, bytearray] = field(default_factory=dict)
    pending: dict[str, list[Write | Truncate]] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Take one more event of the recording."""
        if isinstance(event, Write | Truncate):
            self.pending.setdefault(event.file, []).append(event)
        elif isinstance(event, Sync):
            content = self.durable.setdefault(event.file, bytearray())
            for change in self.pending.pop(event.file, []):
                _change(content, change)

        elif isinstance(event, Unlink):
            self.pending.pop(event.file, None)
            self.durable.pop(event.file, None)

    def after_a_cut(self, rng: random.Random) -> dict[str, bytes]:
        """One way the files may look when the power fails now."""
        fate = rng.choice(("none", "prefix", "subset", "torn"))
        files = {}
        for name in {*self.durable, *self.pending}:
            content = bytearray(self.durable.get(name, b""))
            for change in _surviving(self.pending.get(name, []), fate, rng):
                _change(content, change)
            files[name] = bytes(content)
        return files


def record(command: list[str], folder: Path) -> list[Event]:
    """Run a writer under strace until it ends; return what it wrote to files in `folder`, and its acknowledgements."""
    trace = folder.parent / f"{folder.name}.strace"
    calls = "trace=pwrite64,write,fdatasync,fsync,ftruncate,unlink"
    strace = ["strace", "-f", "-y", "-xx", "-s", "10000000", "-e", calls, "-o", str(trace)]
    subprocess.run([*strace, *command], check=True, stdout=subprocess.DEVNULL)
    with trace.open() as lines:
        return [event for line in lines for event in _event(line, folder)]


def _event(line: str, folder: Path) -> Iterator[Event]:
    if (gone := _UNLINK.search(line)) and Path(_text(gone[1])).parent == folder:
        yield Unlink(Path(_text(gone[1])).name)
    match = _CALL.match(line)
    if match is None or int(match[5]) < 0:
        return
    name, descriptor, path, arguments = match[1], int(match[2]), _text(match[3]), match[4] or ""
    if name == "write" and descriptor == 1:
        yield from (Acknowledged(int(number)) for number in _bytes(arguments).split())
    if Path(path).parent != folder:
        return
    file = Path(path).name
    if name == "pwrite64":
        yield Write(file, int(arguments.rsplit(", ", 1)[1]), _bytes(arguments)[: int(match[5])])
    elif name in ("fsync", "fdatasync"):
        yield Sync(file)
    elif name == "ftruncate":
        yield Truncate(file, int(arguments))


def _bytes(arguments: str) -> bytes:
    text = arguments[arguments.index('"') + 1 : arguments.rindex('"')]
    return bytes.fromhex(text.replace("\\x", ""))


def _text(path: str) -> str:
    return bytes.fromhex(path.replace("\\x", "")).decode() if path.startswith("\\x") else path


def _change(content: bytearray, change: Write | Truncate) -> None:
    if isinstance(change, Truncate):
        del content[change.length :]
        content.extend(bytes(change.length - len(content)))
        return
    end = change.offset + len(change.content)
    content.extend(bytes(max(0, end - len(content))))
    content[change.offset : end] = change.content


def _surviving(pending: list[Write | Truncate], fate: str, rng: random.Random) -> list[Write | Truncate]:
    if fate == "none" or not pending:
        return []
    if fate == "subset":
        return [change for change in pending if rng.random() < 0.5]
    kept = pending[: rng.randint(0, len(pending))]
    if fate == "torn" and kept and isinstance(kept[-1], Write):
        last = kept[-1]
        kept[-1] = Write(last.file, last.offset, last.content[: SECTOR * rng.randint(0, len(last.content) // SECTOR)])
    return kept
