"""One class list for the reference and the batch: classes are matched by name, never by position."""

import numpy as np

from driftboard.monitors.sample import MISSING, Codes, Floats

UNNAMED = "(unnamed)"
"""Stands for codes beyond the end of a sample's own class list."""


def class_list(first: tuple[str, ...], names: tuple[str, ...], *codes: Floats) -> tuple[str, ...]:
    """Return `first`, then the classes that occur in the codes and are not in it.

    >>> class_list(("ok", "late"), ("late", "lost", "ok"), np.array([0.0, 1.0, -1.0]))
    ('ok', 'late', 'lost')
    """
    used = np.unique(np.concatenate([_positions(each, len(names)) for each in codes]))
    seen = [_name(names, position) for position in used.tolist() if position != MISSING]
    return tuple(dict.fromkeys((*first, *seen)))


def recode(codes: Floats, names: tuple[str, ...], classes: tuple[str, ...]) -> Codes:
    """Return positions in `classes` for codes into `names`; -1 where there is no class.

    >>> recode(np.array([0.0, 1.0, np.nan]), ("late", "ok"), ("ok", "late")).tolist()
    [1, 0, -1]
    """
    places = {name: place for place, name in enumerate(classes)}
    table = [places.get(_name(names, position), MISSING) for position in range(len(names) + 1)]
    recoded: Codes = np.array([*table, MISSING], dtype=np.int64)[_positions(codes, len(names))]
    return recoded


def _positions(codes: Floats, known: int) -> Codes:
    """Whole positions: missing as -1, anything beyond the list as its length."""
    inside = np.clip(np.nan_to_num(codes, nan=MISSING, posinf=known, neginf=MISSING), MISSING, known)
    positions: Codes = inside.astype(np.int64)
    return positions


def _name(names: tuple[str, ...], position: int) -> str:
    return names[position] if position < len(names) else UNNAMED
