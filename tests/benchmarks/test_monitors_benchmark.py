"""The two contestants of the monitors' benchmark compute the same things."""

import subprocess
import sys

import numpy as np
import pytest

from benchmarks.large_batch import normals
from benchmarks.monitors import labelled, measure_drift, measure_performance
from benchmarks.peer_ratios import numbers, ratio
from benchmarks.tutorial_monitors import feature_figures, performance
from driftboard.monitors.numeric import NumericColumns


@pytest.mark.parametrize("rows", [40, 300, 2_000])
def test_both_find_the_same_ks_distance(rows):
    """D of every feature is the same number on both sides, whichever of the samples is the larger; so is nearly p."""
    rng = np.random.default_rng(3)
    reference, batch = numbers(normals(rng, 1_000, 4)), numbers(normals(rng, rows, 4))
    batch["f1"] = batch["f1"].round(1) + 0.3
    theirs = feature_figures(reference, batch)
    for ours in measure_drift(NumericColumns(reference), batch):
        assert ours.ks is not None
        assert ours.ks.statistic == pytest.approx(theirs[ours.feature].statistic, abs=1e-12)
        assert ours.ks.p_value == pytest.approx(theirs[ours.feature].p_value, rel=0.1, abs=1e-4)


def test_both_find_the_same_performance():
    """Accuracy, macro F1, calibration error and confusion matrix agree with scikit-learn's."""
    sample = labelled(3_000)
    theirs, ours = performance(sample.labels, sample.predicted, sample.confidence), measure_performance(sample)
    assert ours.accuracy == theirs.accuracy
    assert ours.macro_f1 == pytest.approx(theirs.macro_f1)
    assert ours.ece == pytest.approx(theirs.ece)
    assert [each.support for each in ours.classes] == [sum(row) for row in theirs.confusion]


@pytest.mark.parametrize("peer", ["evidently", "nannyml"])
def test_the_ratios_of_the_peers_are_kept(peer):
    """The benchmark's cached figures are in the repository, and say that the peers are slower than the tutorial."""
    assert ratio(peer) > 1


def test_the_large_batch_measures_itself():
    """The child process prints seconds and bytes, of a batch small enough for a test."""
    command = [sys.executable, "-m", "benchmarks.large_batch", "2000", "3"]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout.split()
    assert 0 < float(printed[0]) < 60
    assert float(printed[1]) > 0
