"""Real tables become stable stretches: a model, a reference and batches that share no row."""

import numpy as np
import pytest

from benchmarks.real_tables import TABLES, stable_stretches


@pytest.mark.parametrize("name", ["iris", "wine", "diabetes", "phishing"])
def test_a_table_becomes_a_reference_and_whole_batches(name: str):
    """The last third makes batches of 50 finite labelled rows, of the columns that the reference has."""
    (reference, batches), *others = stable_stretches(name, shuffles=2)
    assert len(others) == 1
    assert batches
    assert {batch.n for batch in batches} == {50}
    assert all(list(batch.features) == list(reference.features) for batch in batches)
    assert np.isfinite(reference.labels).all()
    assert np.isfinite(reference.predicted).all()


def test_the_model_has_learnt_something():
    """The forest is right far more often than chance on rows it has not seen."""
    reference, _ = next(stable_stretches("wine", shuffles=1))
    assert (reference.predicted == reference.labels).mean() > 0.85
    np.testing.assert_allclose(reference.scores.sum(axis=1), 1)


def test_the_tables_asked_for_are_there():
    """Scikit-learn's digits stay among them: near-constant columns once paged on half of their batches."""
    assert {"digits", "breast_cancer", "diabetes", "phishing", "bananas", "image_segments"} <= TABLES.keys()
