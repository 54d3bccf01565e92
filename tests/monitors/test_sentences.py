"""What somebody reads at two in the morning: whole sentences, word for word."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtri

from driftboard.monitors import Categorical, Detector, Numeric, Sample

ROWS = 4_000


def _spread(n, *, mean=40.0, seed=0):
    """Exactly normal values in a random order."""
    return mean + 10 * ndtri((np.random.default_rng(seed).permutation(n) + 0.5) / n)


def _mix(n, *shares: float, seed=1):
    """Codes with exactly these shares, in a random order."""
    return np.random.default_rng(seed).permutation(np.searchsorted(np.cumsum(shares), (np.arange(n) + 0.5) / n))


def _sample(n, *, mean=40.0, towns=(0.6, 0.3, 0.1, 0.0), wrong=0.1, together=0.0):
    temp, load = _spread(n, mean=mean), _spread(n, seed=2)
    load = together * (temp - mean) + np.sqrt(1 - together**2) * (load - 40) + 40
    predicted = _mix(n, 0.5, 0.5, seed=3) * 1.0
    labels = np.where(_mix(n, 1 - wrong, wrong, seed=4) == 1, 1 - predicted, predicted)
    town = Categorical(_mix(n, *towns), ("Oslo", "Bonn", "Nice", "Rome"))
    features = {"temp": Numeric(temp), "load": Numeric(load), "town": town}
    return Sample(n, features, "classification", ("on time", "late"), predicted, labels=labels)


@pytest.fixture(scope="module")
def detector():
    """A reference of four thousand rows."""
    return Detector(_sample(ROWS))


def _said(detector, monitor, *batches: Sample):
    profiles = [detector.profile(batch, f"2013-03-{place:02}") for place, batch in enumerate(batches, start=1)]
    report = detector.judge(profiles).reports[monitor]
    return f"{report.verdict.value}: {report.message}"


def test_critical_drift(detector):
    """What moved, how far, how surely, over how many rows, from where to where."""
    assert _said(detector, "feature", _sample(400, mean=46)) == (
        "critical: `temp` moved: KS 0.24 (moderate), less than 1 chance in a billion by luck, "
        "in 400 rows against 4,000; mean of this batch 40 → 46."
    )


def test_drift_over_several_batches(detector):
    """Since when is part of the sentence."""
    assert _said(detector, "feature", *[_sample(100, mean=44)] * 4) == (
        "critical: `temp` moved: KS 0.16 (moderate), 1 chance in 8,900,000 by luck, "
        "over the last 4 batches (400 rows since `2013-03-01`) against 4,000; mean of this batch 40 → 44."
    )


def test_decay(detector):
    """Points, chance, labels; then this batch's own accuracy beside the reference's."""
    said = _said(detector, "performance", _sample(400, wrong=0.2))
    assert said.startswith(
        "critical: performance decayed: errors +10.0 points (severe), 1 chance in 75,000,000 by luck, "
        "in 400 labels against 4,000; this batch accuracy 80 % (76 % to 84 %), 90 % in the reference; "
    )
    assert said.endswith("400 of 400 predictions labelled.")


def test_new_category(detector):
    """The level by its name, and how many."""
    said = _said(detector, "quality", _sample(400, towns=(0.55, 0.28, 0.1, 0.07)))
    assert "`town`" in said
    assert "of levels that the reference never had (`Rome`)" in said
    assert "+7.0 points, less than 1 chance in a billion by luck, in 400 rows against 4,000" in said


def test_relation_change(detector):
    """Both correlations; neither feature moved."""
    said = _said(detector, "relations", _sample(400, together=0.6))
    assert said.startswith("critical: `temp` and `load` changed: correlation +0.0")
    assert "→ +0.6" in said
    assert _said(detector, "feature", _sample(400, together=0.6)) == "ok: 3 features steady."


def test_insufficient(detector):
    """What would be needed, and nothing that alarms."""
    assert _said(detector, "feature", _sample(12, mean=99)) == (
        "insufficient: 3 of 3 features with too few rows to judge: `temp`, `load`, `town`."
    )
    assert (
        _said(detector, "relations", _sample(12)) == "insufficient: 12 rows cannot tell whether 1 correlation changed."
    )
    assert _said(detector, "performance", _sample(12)) == "insufficient: 12 labels cannot be judged: 18 more needed."


def test_a_column_gone(detector):
    """Broken, not drifted."""
    batch = _sample(400)
    gone = replace(batch, features={name: batch.features[name] for name in ("load", "town")})
    assert _said(detector, "quality", gone) == "invalid: `temp` is missing from the batch altogether (400 rows)."
    assert _said(detector, "feature", gone) == "ok: `temp` is not in the batch."


def test_several_features(detector):
    """Each with its size, the one that moved most first."""
    assert _said(detector, "feature", _sample(400, mean=48, towns=(0.2, 0.3, 0.5, 0.0))) == (
        "critical: 2 of 3 features moved: `town` corrected PSI 1.07 (severe), `temp` corrected PSI 0.56 (severe)."
    )


def test_nothing_to_say(detector):
    """Good news is short."""
    assert _said(detector, "feature", _sample(400)) == "ok: 3 features steady."
    assert _said(detector, "quality", _sample(400)) == "ok: 3 features complete, in range and of their kind."


@pytest.mark.parametrize("name", ["{0.__class__}", "%s", "`x`", "a\nb", "<!channel>", "\N{PILE OF POO}"])
def test_names_are_only_ever_inserted(name):
    """No name is a template, whatever it looks like."""
    reference, batch = Sample(ROWS, {name: Numeric(_spread(ROWS))}), Sample(400, {name: Numeric(_spread(400, mean=50))})
    assert _said(Detector(reference), "feature", batch).startswith(f"critical: `{name}` moved: ")
