"""Cohen's kappa and its standard error by hand and against a numerical gradient."""

import math

import numpy as np
import pytest

from equipoise import stats

FLEISS = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]


def kappa_of(p):
    expected = p.sum(axis=1) @ p.sum(axis=0)
    return (np.trace(p) - expected) / (1 - expected)


def test_by_hand():
    """Observed 89/100, expected .80 x .80 + .10 x .05 + .10 x .15 = .66, so kappa = 23/34."""
    found = stats.cohen_kappa(FLEISS)
    assert (found.observed, found.expected) == (pytest.approx(0.89), pytest.approx(0.66))
    assert found.kappa == pytest.approx(23 / 34, rel=1e-12)


def test_two_by_two_by_hand():
    """20 5 / 10 15: observed .7, expected .5 x .6 + .5 x .4 = .5, kappa .4. With rows .5 .5 and columns .6 .4:

    on the diagonal  .4 (1 - 1.1 x .6)^2 + .3 (1 - .9 x .6)^2 = .04624 + .06348 = .10972
    off it           .36 (.1 (.6 + .5)^2 + .2 (.4 + .5)^2) = .36 (.121 + .162) = .10188
    less             (.4 - .5 x .6)^2 = .01
    variance         (.10972 + .10188 - .01) / (50 x .25) = .016128
    """
    found = stats.cohen_kappa([[20, 5], [10, 15]])
    assert found.kappa == pytest.approx(0.4, rel=1e-12)
    assert found.se == pytest.approx(math.sqrt(0.016128), rel=1e-12)
    half = 1.959963984540054 * found.se
    assert (found.low, found.high) == (pytest.approx(0.4 - half), pytest.approx(0.4 + half))


@pytest.mark.parametrize("table", [FLEISS, [[17, 3, 2], [4, 11, 5], [1, 2, 9]], [[8, 0], [4, 114]]])
def test_standard_error_is_that_of_the_gradient(table):
    """The delta method with a numerical gradient of kappa in the cell shares."""
    p = np.array(table, float) / np.sum(table)
    slope = np.zeros_like(p)
    for cell in np.ndindex(p.shape):
        for sign in (1, -1):
            moved = p.copy()
            moved[cell] += sign * 1e-6
            slope[cell] += sign * kappa_of(moved) / 2e-6
    variance = ((p * slope**2).sum() - (p * slope).sum() ** 2) / np.sum(table)
    assert stats.cohen_kappa(table).se == pytest.approx(math.sqrt(variance), rel=1e-6)


def test_order_and_transposition_do_not_matter():
    found, turned = stats.cohen_kappa(FLEISS), stats.cohen_kappa(np.array(FLEISS).T)
    order = [2, 0, 1]
    moved = stats.cohen_kappa(np.array(FLEISS)[np.ix_(order, order)])
    for other in (turned, moved):
        assert (other.kappa, other.se) == (pytest.approx(found.kappa, rel=1e-12), pytest.approx(found.se, rel=1e-12))


def test_full_agreement_and_one_category():
    whole = stats.cohen_kappa([[5, 0], [0, 7]])
    assert (whole.kappa, whole.se) == (1.0, pytest.approx(0, abs=1e-9))
    assert math.isnan(stats.cohen_kappa([[9, 0], [0, 0]]).kappa)


def test_a_table_must_be_square():
    with pytest.raises(stats.ArrayError):
        stats.cohen_kappa([[1, 2, 3], [4, 5, 6]])


ORDERED = [[11, 3, 1, 0], [4, 17, 6, 1], [0, 5, 20, 4], [1, 0, 3, 9]]


@pytest.mark.parametrize(("weights", "power"), [("linear", 1), ("quadratic", 2)])
def test_weighted_kappa_is_one_less_observed_over_expected_disagreement(weights, power):
    """Cohen 1968: kappa = 1 - sum(v o) / sum(v e) with disagreement weights v = d or d squared."""
    p = np.array(ORDERED) / np.sum(ORDERED)
    v = np.abs(np.subtract.outer(np.arange(4), np.arange(4))) ** power
    expected = 1 - (v * p).sum() / (v * np.outer(p.sum(axis=1), p.sum(axis=0))).sum()
    found = stats.cohen_kappa(ORDERED, weights=weights)
    assert found.kappa == pytest.approx(expected, rel=1e-12)
    assert weights in found.method

    def of(q):
        return 1 - (v * q).sum() / (v * np.outer(q.sum(axis=1), q.sum(axis=0))).sum()

    slope = np.zeros_like(p)
    for cell in np.ndindex(p.shape):
        step = np.zeros_like(p)
        step[cell] = 1e-6
        slope[cell] = (of(p + step) - of(p - step)) / 2e-6
    variance = ((p * slope**2).sum() - (p * slope).sum() ** 2) / np.sum(ORDERED)
    assert found.se == pytest.approx(math.sqrt(variance), rel=1e-6)


def test_weights_of_two_categories_change_nothing():
    plain = stats.cohen_kappa([[20, 5], [10, 15]])
    for weights in ("linear", "quadratic"):
        found = stats.cohen_kappa([[20, 5], [10, 15]], weights=weights)
        assert (found.kappa, found.se) == (pytest.approx(plain.kappa, rel=1e-12), pytest.approx(plain.se, rel=1e-12))
