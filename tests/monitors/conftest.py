"""Samples to monitor: a healthy stream, deterministic in its seed."""

from collections.abc import Callable

import pytest

from driftboard.monitors import Sample
from tests.monitors.samples import classified, regressed

SampleOf = Callable[..., Sample]


@pytest.fixture
def classification_sample() -> SampleOf:
    """Return the maker of classification samples."""
    return classified


@pytest.fixture
def regression_sample() -> SampleOf:
    """Return the maker of regression samples."""
    return regressed
