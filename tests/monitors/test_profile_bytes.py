"""Profiles as bytes."""

from dataclasses import fields, is_dataclass

import numpy as np
import orjson
import pytest

from driftboard.monitors import Numeric, Sample, profile_from_bytes, profile_to_bytes
from driftboard.monitors.baseline import Baseline
from tests.monitors.degenerate_samples import BY_CASE, healthy, healthy_values

CASES = ["healthy", "empty with columns", "infinite either way", "huge either way", "values", "no features"]


@pytest.mark.parametrize("case", CASES)
def test_what_was_stored_comes_back(case):
    """Arrays of every kind and shape, infinities, NaN, empty ones: equal in value and in type."""
    sample = BY_CASE[case](100)
    baseline = Baseline((healthy if sample.task == "classification" else healthy_values)(500))
    profile = baseline.profile(sample, "näme")
    stored = profile_from_bytes(profile_to_bytes(profile))
    _equal(stored, profile)
    assert profile_to_bytes(stored) == profile_to_bytes(profile)


def _equal(ours, theirs):
    assert type(ours) is type(theirs)
    if is_dataclass(ours):
        for field in fields(ours):
            _equal(getattr(ours, field.name), getattr(theirs, field.name))
    elif isinstance(ours, np.ndarray):
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        assert np.array_equal(ours, theirs, equal_nan=True)
    elif isinstance(ours, tuple):
        for first, second in zip(ours, theirs, strict=True):
            _equal(first, second)
    else:
        assert ours == theirs or (ours != ours and theirs != theirs)  # noqa: PLR0124 - NaN


def test_another_version_s_profile_is_none():
    """It is counted anew from the rows, not misread."""
    payload = profile_to_bytes(Baseline(Sample(0)).profile(Sample(0), ""))
    length = int.from_bytes(payload[:4], "little")
    header = orjson.dumps({**orjson.loads(payload[4 : 4 + length]), "format": 999})
    other = len(header).to_bytes(4, "little") + header + payload[4 + length :]
    assert profile_from_bytes(payload) is not None
    assert profile_from_bytes(other) is None


def test_a_profile_is_far_smaller_than_its_rows():
    """Ten thousand rows of fifteen columns, 1.2 MB, take a few kilobytes."""
    rng = np.random.default_rng(0)
    columns = {f"x{place}": Numeric(rng.normal(size=10_000)) for place in range(15)}
    profile = Baseline(Sample(10_000, columns)).profile(Sample(10_000, columns), "big")
    assert len(profile_to_bytes(profile)) < 20_000
