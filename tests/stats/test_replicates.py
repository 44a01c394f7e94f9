"""Bias, coverage and power over replicates."""

import numpy as np
import pytest
from witness import answers, assert_agrees

from equipoise import stats

ESTIMATE = np.array([-0.31, -0.52, -0.12, -0.44, -0.05, -0.95, -0.29, -0.38])
SE = np.array([0.20, 0.22, 0.19, 0.25, 0.21, 0.24, 0.18, 0.23])
Z = 1.959963984540054


def test_the_formulas_of_morris_white_and_crowther_in_r() -> None:
    rejects = np.abs(ESTIMATE / SE) > Z
    found = stats.performance(ESTIMATE, SE, ESTIMATE - Z * SE, ESTIMATE + Z * SE, rejects, np.log(0.7))
    known = answers("replicates")
    assert found.n == 8
    assert_agrees([getattr(found, name) for name in known], list(known.values()), rel=1e-10)


def test_by_hand() -> None:
    """Estimates 1 and 3 of a truth of 2, each 0.5 wide: no bias, SD sqrt(2), its error sqrt(2)/sqrt(2), nothing covered."""
    found = stats.performance([1, 3], [0.5, 0.5], [0.5, 2.5], [1.5, 3.5], [1, 1], 2.0)
    assert (found.bias, found.empirical_se, found.empirical_se_se) == (0, pytest.approx(2**0.5), pytest.approx(1))
    assert (found.model_se, found.model_se_se, found.coverage, found.coverage_se, found.rejected) == (0.5, 0, 0, 0, 1)


def test_limits_count_as_covered_and_one_replicate_has_no_spread() -> None:
    found = stats.performance([1.0], [0.5], [2.0], [3.0], [0], 2.0)
    assert found.coverage == 1
    assert np.isnan([found.bias_se, found.empirical_se, found.empirical_se_se, found.model_se_se]).all()


def test_sentences() -> None:
    with pytest.raises(stats.ArrayError, match="no replicate"):
        stats.performance([], [], [], [], [], 0.0)
