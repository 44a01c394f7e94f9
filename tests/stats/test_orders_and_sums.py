"""Orders by radix beside numpy's sort; sums to the end beside exactly rounded ones."""

import math

import numpy as np
import pytest

from equipoise.stats import concordance
from equipoise.stats.cox_scores import add_by_cluster
from equipoise.stats.radix_order import order_of_codes, rising_order
from equipoise.stats.running_sums import sums_to_end
from equipoise.stats.validation import labels

RNG = np.random.default_rng(8)
LONG = 20_000


@pytest.mark.parametrize(
    "values",
    [
        RNG.random(10),
        RNG.exponential(900, LONG),
        RNG.normal(size=LONG),
        np.floor(RNG.exponential(900, LONG)),
        np.full(LONG, 3.5),
        np.concatenate((RNG.random(LONG), [1e300])),  # all but one have one key
        np.concatenate((RNG.random(LONG), [-1e308, 1e308])),  # the range is not a number
        RNG.random(LONG) * 5e-324,
        1e9 + RNG.random(LONG) * 1e-6,
        np.array([0.0, -0.0] * LONG),
    ],
    ids=["few", "times", "scores", "days", "one value", "outlier", "whole range", "smallest", "close", "zeros"],
)
def test_rising_order_is_the_stable_one(values):
    assert rising_order(values).tolist() == np.argsort(values, kind="stable").tolist()


@pytest.mark.parametrize("size", [1, 2, 65_536, 65_537, 131_072, 2**33])
@pytest.mark.parametrize("n", [1, 50, LONG])
def test_order_of_codes_is_the_stable_one(size, n):
    code = RNG.integers(0, size, n)
    assert order_of_codes(code, size).tolist() == np.argsort(code, kind="stable").tolist()


@pytest.mark.parametrize("n", [1, 7, 8, 9, 16, 100, 1003])
def test_sums_to_the_end_keep_the_digits_of_small_terms_behind_large_ones(n):
    values = RNG.random((3, n)) * np.logspace(0, -200, n)
    for place in (np.arange(n), np.flatnonzero(RNG.random(n) < 0.5), np.array([0]), np.array([n - 1])):
        expected = [[math.fsum(row[i:]) for i in place] for row in values.tolist()]
        assert sums_to_end(values, place) == pytest.approx(np.array(expected).reshape(3, -1), rel=1e-13)
        assert sums_to_end(values[0], place) == pytest.approx(np.array(expected[0]), rel=1e-13)


@pytest.mark.parametrize("scale", [0.25, 2.0**31], ids=["fractions", "beyond half a number"])
def test_a_common_scale_of_the_weights_leaves_the_concordance(scale):
    n = 300
    time, event, score = RNG.integers(1, 60, n), RNG.random(n) < 0.6, RNG.integers(0, 20, n)
    weight = RNG.integers(1, 5, n).astype(float)
    whole, scaled = (concordance(time, event, score, weight=w) for w in (weight, weight * scale))
    assert (scaled.c, scaled.se) == pytest.approx((whole.c, whole.se), rel=1e-13)
    rows = np.repeat(np.arange(n), weight.astype(int))  # a whole weight is so many rows
    assert concordance(time[rows], event[rows], score[rows]).c == pytest.approx(whole.c, rel=1e-13)


@pytest.mark.parametrize("highest", [10, 70_000, 80_000, 2**40], ids=["few", "as many as rows", "up to four times", "any"])
def test_labels_that_are_counted_are_those_that_are_sorted(highest):
    given = RNG.integers(0, highest, LONG)
    codes, levels = labels(given, "cluster")
    expected = np.unique(given, return_inverse=True)
    assert levels.tolist() == expected[0].tolist() and codes.tolist() == expected[1].tolist()


@pytest.mark.parametrize("clusters", [3, 100_000], ids=["close together", "far apart"])
def test_sums_of_clusters_block_by_block(clusters):
    code, values = RNG.integers(0, clusters, LONG), RNG.integers(-9, 9, (2, LONG)).astype(float)
    sums = np.zeros((2, clusters))
    for start in range(0, LONG, 7_000):
        add_by_cluster(sums, code[start : start + 7_000], values[:, start : start + 7_000])
    assert sums.tolist() == [np.bincount(code, row, clusters).tolist() for row in values]
