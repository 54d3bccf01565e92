"""What the data do, window by window, and by an independent model what must be told of it. It reads no outbox.

Each feature is bad for some windows, then clear for some: long enough that nothing flaps. One bad window opens an
incident, two clear ones end it; each is told on every channel, in this order.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

SHORTEST, LONGEST = 8, 12
CLEAR_TO_END = 2
Told = tuple[str, int, str]
"""Feature, episode, kind."""


@dataclass(frozen=True, slots=True)
class Script:
    """The bad features of each window."""

    windows: tuple[frozenset[str], ...]
    features: tuple[str, ...]


def write_script(n_windows: int, n_features: int, *, seed: int) -> Script:
    """Make a script whose last windows are all clear."""
    chance = random.Random(seed)  # noqa: S311 - a proof must be repeatable
    features = tuple(f"f{number}" for number in range(n_features))
    bad = {feature: _spells(chance, n_windows) for feature in features}
    windows = [frozenset(each for each in features if window in bad[each]) for window in range(n_windows)]
    return Script((*windows, *([frozenset[str]()] * CLEAR_TO_END)), features)


def expected(script: Script) -> dict[str, list[Told]]:
    """Return by feature what each channel must be told, in order."""
    told: dict[str, list[Told]] = {feature: [] for feature in script.features}
    for feature, news in told.items():
        episode, clear = 0, 0
        is_open = False
        for window in script.windows:
            clear = 0 if feature in window else clear + 1
            if feature in window and not is_open:
                is_open, episode = True, episode + 1
                news.append((feature, episode, "fire"))
            if is_open and clear == CLEAR_TO_END:
                is_open = False
                news.append((feature, episode, "resolve"))
    return told


def _spells(chance: random.Random, n_windows: int) -> set[int]:
    at, bad, windows = chance.randrange(LONGEST), True, set[int]()
    while at < n_windows:
        length = chance.randint(SHORTEST, LONGEST)
        if bad and at + length <= n_windows:  # a spell cut short would end too soon after the one before
            windows |= set(range(at, at + length))
        at, bad = at + length, not bad
    return windows


def is_subsequence_in_order(arrived: Sequence[Told], wanted: Sequence[Told]) -> bool:
    """Whether what arrived, repetitions of the newest aside, is in the order that was wanted."""
    at = 0
    for each in arrived:
        place = wanted.index(each)
        if place < at:
            return False
        at = place
    return True
