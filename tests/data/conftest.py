"""A registered model and a batch to log."""

import pytest

from driftboard.data import ModelKey, PredictionBatch, Store, register_model
from tests.data.batches import make_batch

KEY = ModelKey("churn", "3", "staging")


@pytest.fixture
def key(store: Store) -> ModelKey:
    """A registered classification model without a reference."""
    register_model(store, KEY)
    return KEY


@pytest.fixture
def batch(key: ModelKey) -> PredictionBatch:
    """Six predictions of mixed features, no labels."""
    return make_batch(key)
