"""How many pairs it would take."""

import numpy as np
import pytest
from scipy.stats import binomtest

from driftboard.monitors.rows_needed import rows_needed


def test_so_many_pairs_see_the_difference_four_times_in_five():
    """Two classifiers of 90 % and 92 %, drawn again and again."""
    n = rows_needed(0.02, 0.06 - 0.02**2, 100)
    draws = np.random.default_rng(0).multinomial(n, (0.88, 0.02, 0.04, 0.06), size=400)
    seen = np.mean([binomtest(first, first + second).pvalue <= 0.05 for _, first, second, _ in draws.tolist()])
    assert 0.72 <= seen <= 0.86


@pytest.mark.parametrize(
    ("difference", "variance", "n"), [(0.0, 0.1, 10), (0.1, 0.0, 10), (0.5, 0.1, 1000), (1e-200, 1.0, 10)]
)
def test_nothing_is_asked_for_where_it_would_not_help(difference, variance, n):
    """No difference, no noise, enough rows already, or more rows than there are."""
    assert rows_needed(difference, variance, n) is None
