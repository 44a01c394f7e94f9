"""Squares and products by sums of products: the same numbers as of columns made for each of them."""

import numpy as np
import pytest

from equipoise import stats


def columns(n: int = 400, seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Continuous columns of very different means and spreads, one of 0 and 1, three levels of a factor."""
    draw = np.random.default_rng(seed)
    level = draw.integers(0, 3, n)
    X = np.column_stack(
        (
            draw.normal(60, 10, n),
            draw.lognormal(6, 2, n),
            draw.normal(2020, 1, n),
            draw.random(n) < 0.3,
            *(level == k for k in range(3)),
        )
    )
    treated = draw.random(n) < 1 / (1 + np.exp(-(X[:, 0] - 60) / 10))
    return X, treated, np.column_stack((np.ones(n), draw.random(n), draw.random(n) < 0.5))


@pytest.mark.parametrize("denominator", ["pooled", "treated", "control"])
def test_the_same_as_of_columns_that_are_made(denominator):
    X, treated, W = columns()
    variable = [0, 1, 2, 3, 4, 4, 4]
    made, pairs = stats.squares_and_products(X, variable)
    theirs = stats.column_balance(made, treated, W, denominator)
    ours = stats.product_balance(X, treated, W, denominator, variable)
    assert tuple(map(tuple, ours.pairs)) == pairs
    np.testing.assert_allclose(ours.scale, theirs.scale[:, 0], rtol=1e-12)
    np.testing.assert_allclose(ours.smd, theirs.smd, rtol=1e-10, atol=1e-12)


def test_a_product_rests_on_the_rows_with_both_values():
    X, treated, W = columns()
    X[::7, 0], X[3::11, 3] = np.nan, np.nan
    ours = stats.product_balance(X, treated, W, "treated")
    for q, (j, k) in enumerate(ours.pairs):
        y = X[:, j] * X[:, k]
        known = ~np.isnan(y)
        theirs = stats.column_balance(y[known], treated[known], W[known], "treated").smd[0]
        np.testing.assert_allclose(ours.smd[q], theirs, rtol=1e-10, atol=1e-12)


def test_by_hand():
    """Treated 1, 3; controls 2, 4: squares 1, 9 and 4, 16, whose variances are 32 and 72."""
    found = stats.product_balance([[1.0], [3.0], [2.0], [4.0]], [1, 1, 0, 0])
    assert found.smd[0, 0] == pytest.approx((5 - 10) / np.sqrt(52), rel=1e-14)


def test_a_product_that_one_arm_never_has_takes_the_pooled_sd():
    """Whose variance is 0 exactly, not what rounding leaves of it."""
    one, other = np.array([1, 1, 0, 0, 0, 1, 1, 0, 1, 0.0]), np.array([0, 0, 1, 1, 0, 1, 1, 0, 0, 1.0])
    found = stats.product_balance(np.column_stack((one, other)), np.arange(10) < 5, denominator="treated")
    assert found.scale[0] == pytest.approx(np.sqrt(0.4 * 0.6 / 2), rel=1e-14)
    assert found.smd[0, 0] == pytest.approx(-0.4 / np.sqrt(0.12), rel=1e-14)


def test_what_has_no_scale_and_what_is_unknown():
    apart = stats.product_balance([[1.0, 1], [1, 1], [1, 0], [1, 0]], [1, 1, 0, 0])
    assert np.isnan(apart.smd[0, 0]) and apart.difference[0, 0] == 1
    nobody = stats.product_balance([[1.0, np.nan], [2, np.nan], [1, 3], [2, 4]], [1, 1, 0, 0])
    assert np.isnan(nobody.difference[1:]).all() and np.isnan(nobody.smd[1:]).all()
    assert (stats.product_balance([[0.1], [0.1], [0.1], [0.1]], [1, 1, 0, 0]).smd == 0).all()


def test_sentences():
    with pytest.raises(stats.ArrayError, match="finite"):
        stats.product_balance([[np.inf], [1.0]], [1, 0])
    with pytest.raises(stats.ArrayError, match="one variable per column"):
        stats.product_balance([[1.0, 2.0], [2.0, 1.0]], [1, 0], variable=[1])
