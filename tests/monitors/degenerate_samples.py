"""Seventy samples that nobody would wish for, of any number of rows: whatever a service can log, sooner or later."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from driftboard.monitors import Categorical, Floats, Numeric, Sample

Make = Callable[[int], Sample]

TOWNS = ("Oslo", "Bonn", "Nice")
ODD_NAMES = ("", "\N{PILE OF POO}", "\ud800", "x" * 10_000, "a\x00b\n%s{0.__class__}<b>", "NaN", " ")
HUGE, TINY = 1.7e308, 5e-324


def healthy(n: int, *, seed: int = 0) -> Sample:
    """Return a classification sample that has everything: three numeric features, a level, scores and a segment."""
    rng = np.random.default_rng(seed + n)
    predicted = rng.integers(0, 2, n).astype(np.float64)
    high = rng.uniform(0.6, 1, n)
    town = Categorical(rng.integers(0, 3, n), TOWNS)
    temp = rng.normal(size=n)
    features = {
        "temp": Numeric(temp),
        "load": Numeric(temp + rng.exponential(size=n)),
        "count": Numeric(rng.integers(0, 4, n).astype(np.float64)),
        "town": town,
    }
    labels = np.where(rng.random(n) < 0.9, predicted, 1 - predicted)
    scores = np.where(np.arange(2) == predicted[:, None], high[:, None], 1 - high[:, None])
    return Sample(n, features, "classification", ("no", "yes"), predicted, high, labels, scores, {"town": town})


def healthy_values(n: int, *, seed: int = 0) -> Sample:
    """Return a regression sample."""
    sample, rng = healthy(n, seed=seed), np.random.default_rng(seed + n + 1)
    labels = rng.normal(10, 3, n)
    predicted = labels + rng.normal(size=n)
    return Sample(n, sample.features, "regression", (), predicted, labels=labels, segments=sample.segments)


def _cycled(n: int, *values: float) -> Floats:
    return np.resize(np.array(values), n)


def _features(**columns: Callable[[int], Numeric | Categorical]) -> Make:
    """A healthy sample with these features instead."""

    def make(n: int) -> Sample:
        return replace(healthy(n), features={name: column(n) for name, column in columns.items()})

    return make


def _numbers(*values: float) -> Make:
    """A healthy sample whose numeric features all cycle through these values."""

    def make(n: int) -> Sample:
        sample = healthy(n)
        return replace(sample, features={name: Numeric(_cycled(n, *values)) for name in ("temp", "load", "count")})

    return make


def _level_codes(levels: tuple[str, ...], *codes: int) -> Make:
    """A healthy sample whose categorical feature and segment have these codes."""

    def make(n: int) -> Sample:
        sample, column = healthy(n), Categorical(_cycled(n, *codes).astype(np.int64), levels)
        return replace(sample, features={**sample.features, "town": column}, segments={"town": column})

    return make


def _instead(**arrays: float | tuple[float, ...]) -> Make:
    """A healthy sample with these values, repeated, in place of its predictions, labels or confidence."""

    def make(n: int) -> Sample:
        given = {name: _cycled(n, *np.atleast_1d(values)) for name, values in arrays.items()}
        return replace(healthy(n), **given)

    return make


def _values(**arrays: float | tuple[float, ...]) -> Make:
    """The same of a healthy regression sample."""

    def make(n: int) -> Sample:
        given = {name: _cycled(n, *np.atleast_1d(values)) for name, values in arrays.items()}
        return replace(healthy_values(n), **given)

    return make


def _without(*names: str) -> Make:
    """A healthy sample without these arrays: what a caller did not give is of size 0."""

    def make(n: int) -> Sample:
        return replace(healthy(n), **{name: np.empty((0, 0) if name == "scores" else 0) for name in names})

    return make


def _classes(classes: tuple[str, ...]) -> Make:
    """A healthy sample over another class list, of which it uses every class."""

    def make(n: int) -> Sample:
        codes = np.arange(n) % max(1, len(classes)) * 1.0
        return replace(healthy(n), classes=classes, predicted=codes, labels=codes.copy(), scores=np.empty((0, 0)))

    return make


def _scores(value: float) -> Make:
    def make(n: int) -> Sample:
        return replace(healthy(n), scores=np.full((n, 2), value))

    return make


def _odd_features(n: int) -> Sample:
    sample = healthy(n)
    return replace(sample, features=dict.fromkeys(ODD_NAMES, sample.features["temp"]))


def _retyped(n: int) -> Sample:
    sample = healthy(n)
    temp, town = sample.features["temp"], sample.features["town"]
    return replace(sample, features={"temp": town, "load": town, "count": town, "town": temp})


def _extra(n: int) -> Sample:
    sample = healthy(n)
    extra = {f"extra {place} {{0}}": sample.features["temp"] for place in range(200)}
    return replace(sample, features={**sample.features, **extra})


def _read_only(n: int) -> Sample:
    sample = healthy(n)
    columns = (each.values if isinstance(each, Numeric) else each.codes for each in sample.features.values())
    for array in (sample.predicted, sample.labels, sample.confidence, sample.scores, *columns):
        array.flags.writeable = False
    return sample


BY_CASE: dict[str, Make] = {
    "healthy": healthy,
    "empty, not even columns": lambda _: Sample(0),
    "empty with columns": lambda _: healthy(0),
    "one row": lambda _: healthy(1),
    "two rows": lambda _: healthy(2),
    "nineteen rows": lambda _: healthy(19),
    "rows without any column": Sample,
    "constant numbers": _numbers(3.0),
    "missing numbers": _numbers(np.nan),
    "one value among missing ones": _numbers(*[np.nan] * 59, 1.0),
    "two values": _numbers(0.0, 1.0),
    "infinite": _numbers(np.inf),
    "minus infinite": _numbers(-np.inf),
    "infinite either way": _numbers(np.inf, -np.inf),
    "infinite and missing": _numbers(np.inf, np.nan),
    "huge": _numbers(HUGE),
    "huge either way": _numbers(HUGE, -HUGE),
    "subnormal": _numbers(TINY, -TINY, 0.0),
    "subnormal, huge and infinite": _numbers(TINY, HUGE, -HUGE, np.inf, 0.0, 1.0),
    "lowest float": _numbers(-np.finfo(np.float64).max),
    "two zeros": _numbers(0.0, -0.0),
    "no features": _features(),
    "one feature": _features(temp=lambda n: Numeric(np.arange(n) * 1.0)),
    "only levels": _features(town=lambda n: Categorical(np.arange(n) % 3, TOWNS)),
    "odd feature names": _odd_features,
    "retyped features": _retyped,
    "unknown features": _extra,
    "levels all missing": _level_codes(TOWNS, -1),
    "levels without names": _level_codes((), 0, 1),
    "level codes beyond the names": _level_codes(TOWNS, 2**40, 3),
    "level codes far below": _level_codes(TOWNS, -(2**40), -2, 0),
    "level names twice": _level_codes(("Oslo", "Oslo", "Bonn"), 0, 1, 2),
    "odd level names": _level_codes(ODD_NAMES, *range(7)),
    "level names of the rest cells": _level_codes(("other", "new", "(other)", "(new)"), 0, 1, 2, 3),
    "a level a row": _level_codes(tuple(f"level {i}" for i in range(2_000)), *range(2_000)),
    "all equal": lambda n: replace(_numbers(1.0)(n), predicted=np.zeros(n), labels=np.zeros(n), confidence=np.ones(n)),
    "all the same row": _instead(predicted=1.0, labels=1.0, confidence=0.9),
    "missing confidence": _instead(confidence=np.nan),
    "confidence beyond one": _instead(confidence=7.0),
    "infinite confidence": _instead(confidence=(np.inf, -np.inf)),
    "negative confidence": _instead(confidence=-0.5),
    "no confidence": _without("confidence"),
    "no scores": _without("scores"),
    "no confidence, no scores, no labels": _without("confidence", "scores", "labels"),
    "missing scores": _scores(np.nan),
    "scores beyond one": _scores(3.0),
    "infinite scores": _scores(np.inf),
    "scores of zero": _scores(0.0),
    "scores of another shape": lambda n: replace(healthy(n), scores=np.full((n, 5), 0.2)),
    "class codes beyond the list": _instead(predicted=99.0, labels=98.0),
    "huge class codes": _instead(predicted=1e300, labels=-1e300),
    "negative class codes": _instead(predicted=-7.0, labels=-1.0),
    "missing class codes": _instead(predicted=np.nan, labels=np.nan),
    "infinite class codes": _instead(predicted=(np.inf, -np.inf), labels=(np.inf, 1.0)),
    "fractions as class codes": _instead(predicted=0.7, labels=(1.2, 0.2)),
    "no classes": _classes(()),
    "one class": _classes(("no",)),
    "classes twice": _classes(("no", "no", "yes")),
    "odd class names": _classes(ODD_NAMES),
    "two hundred classes": _classes(tuple(f"class {i}" for i in range(200))),
    "no predictions": _without("predicted", "confidence"),
    "nothing predicted": _instead(predicted=-1.0),
    "no labels": _without("labels"),
    "labels still to come": _instead(labels=-1.0),
    "wrong everywhere": _instead(predicted=0.0, labels=1.0),
    "right everywhere": _instead(predicted=(0.0, 1.0), labels=(0.0, 1.0)),
    "unknown task": lambda n: replace(healthy(n), task="clustering"),
    "read-only arrays": _read_only,
    "values": healthy_values,
    "values, empty": lambda _: healthy_values(0),
    "values, one row": lambda _: healthy_values(1),
    "values without labels": _values(labels=np.nan),
    "values with infinite labels": _values(labels=(np.inf, -np.inf)),
    "values all failed": _values(predicted=np.nan),
    "values infinite": _values(predicted=(np.inf, -np.inf)),
    "values constant": _values(predicted=4.0, labels=4.0),
    "values with huge errors": _values(predicted=HUGE, labels=-HUGE),
    "values with errors too large to be squared": _values(predicted=(1e200, 0.0), labels=0.0),
    "values with subnormal errors": _values(predicted=(TINY, 0.0), labels=0.0),
}
