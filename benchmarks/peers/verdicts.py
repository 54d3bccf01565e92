"""What each peer makes of the streams, kept in `results/PEER.csv`: one line for each stream and seed.

`python -m benchmarks.peers.verdicts PEER [--seeds N] [--stable N]` judges N seeds of every changing stream (each up to
its first flag after the change), N of every stable one, and N of plain streams of several sizes. What is kept from
before is not judged again.
"""

import argparse
import csv
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from itertools import chain, groupby, islice
from pathlib import Path

from benchmarks.outcomes import Outcome, outcome_of
from benchmarks.peers.environments import NAMES, RESULTS, run, version
from benchmarks.peers.exchange import write
from benchmarks.streams import CHANGING, N_BATCHES, NULLS, Stream, draw_stream

SIZES = ((50, 5), (200, 5), (1_000, 5), (10_000, 5), (50, 50), (200, 50), (1_000, 50))
AT_ONCE = 24
LEAST_REFERENCE_BATCHES = 5
_LINE = ("stream", "seed", "batch", "flagged", "seconds")


def read(peer: str) -> list[Outcome]:
    """Return the kept outcomes of a peer; none when it has never been run."""
    path = RESULTS / f"{peer}.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [_parsed(line) for line in csv.DictReader(file)]


def judge(peer: str, streams: Iterable[Stream]) -> list[Outcome]:
    """Let a peer judge some streams in one run of its own Python."""
    with tempfile.TemporaryDirectory() as name:
        known = {(stream.name, str(stream.seed)): stream for stream in _written(streams, Path(name))}
        printed = run(peer, peer.replace("-", "_"), name)
    judged = ((key, list(rows)) for key, rows in groupby(parsed_lines(printed), key=lambda line: (line[0], line[1])))
    return [_outcome(peer, known[key], rows) for key, rows in judged]


def parsed_lines(printed: str) -> list[list[str]]:
    """Return the lines `stream,seed,batch,flagged,seconds` among what a runner printed; some peers chat."""
    return [line for line in csv.reader(printed.splitlines()) if len(line) == len(_LINE)]


def main() -> None:
    """Judge, some streams at a time, and keep what was found after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=NAMES)
    parser.add_argument("--seeds", type=int, default=6, help="of each changing stream")
    parser.add_argument("--stable", type=int, default=1, help="of each stable stream")
    parser.add_argument("--batches", type=int, default=N_BATCHES, help="of each stable stream")
    chosen = parser.parse_args()
    outcomes = [each for each in read(chosen.peer) if each.version == version(chosen.peer)]
    known = {(each.stream, each.seed) for each in outcomes}
    wanted = chain(_changing(chosen.seeds), _stable(chosen.stable, chosen.batches))
    new = (stream for stream in wanted if (stream.name, stream.seed) not in known and _suits(chosen.peer, stream))
    while some := list(islice(new, AT_ONCE)):
        outcomes += judge(chosen.peer, some)
        _keep(chosen.peer, outcomes)


def _suits(peer: str, stream: Stream) -> bool:
    """Whether a peer can be asked: NannyML's limits come from the reference's own batches, so there must be some."""
    return peer != "nannyml" or stream.reference.n >= LEAST_REFERENCE_BATCHES * stream.rows


def _changing(seeds: int) -> Iterator[Stream]:
    return (draw_stream(name, seed) for seed in range(seeds) for name in CHANGING)


def _outcome(peer: str, stream: Stream, rows: list[list[str]]) -> Outcome:
    flags, seconds = [row[3] == "1" for row in rows], sum(float(row[4]) for row in rows)
    return outcome_of(stream, flags, detector=peer, version=version(peer), seconds=seconds)


def _stable(seeds: int, batches: int) -> Iterator[Stream]:
    for seed in range(seeds):
        yield from (draw_stream(name, seed, batches=batches) for name in NULLS)
        for rows, features in SIZES:
            yield draw_stream("plain", seed, rows=rows, features=features, batches=batches)


def _written(streams: Iterable[Stream], folder: Path) -> Iterator[Stream]:
    for stream in streams:
        write(stream, folder)
        yield stream


def _keep(peer: str, outcomes: list[Outcome]) -> None:
    with (RESULTS / f"{peer}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Outcome)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(outcome) for outcome in outcomes)


def _parsed(line: dict[str, str]) -> Outcome:
    return Outcome(
        detector=line["detector"],
        version=line["version"],
        stream=line["stream"],
        seed=int(line["seed"]),
        change_at=int(line["change_at"]) if line["change_at"] else None,
        before=int(line["before"]),
        n_before=int(line["n_before"]),
        first=int(line["first"]) if line["first"] else None,
        n_batches=int(line["n_batches"]),
        seconds=float(line["seconds"]),
    )


if __name__ == "__main__":
    main()
