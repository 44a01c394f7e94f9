import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from witness import answers, assert_agrees

from equipoise.stats import ArrayError, anova, kruskal, mann_whitney, paired_t, signed_rank, t_test

R = answers("tests")


@pytest.mark.parametrize("name", R["two"])
def test_two_samples_against_r(name):
    r = R["two"][name]
    x, y = r["x"], r["y"]
    for ours, theirs in ((t_test(x, y), r["welch"]), (t_test(x, y, equal_variance=True), r["pooled"])):
        assert_agrees([ours.statistic, ours.df, ours.p], theirs)
    for ours, theirs in (
        (mann_whitney(x, y), r["mw"]),
        (mann_whitney(x, y, exact=False, correction=False), r["mw_plain"]),
        (mann_whitney(x, y, exact=False), r["mw_corrected"]),
        (kruskal([x, y]), r["kruskal"]),
    ):
        assert_agrees([ours.statistic, ours.p], theirs)


@pytest.mark.parametrize("name", R["paired"])
def test_pairs_against_r(name):
    r = R["paired"][name]
    ours = paired_t(r["x"], r["y"])
    assert_agrees([ours.statistic, ours.df, ours.p], r["t"])
    ours = signed_rank(r["x"], r["y"])
    assert_agrees([ours.statistic, ours.p], r["default"])
    ours = signed_rank(r["x"], r["y"], exact=False, correction=False)
    assert_agrees([ours.statistic, ours.p], r["plain"])


@pytest.mark.parametrize("r", R["kruskal"], ids=["three", "four"])
def test_kruskal_against_r(r):
    ours = kruskal(r["groups"])
    assert_agrees([ours.statistic, ours.df, ours.p], r["result"])


def test_mann_whitney_by_hand():
    # All of x below all of y, 2 and 3 values: one arrangement of ten at each end.
    assert_agrees(mann_whitney([1, 2], [3, 4, 5]).p, 2 / 10)
    assert mann_whitney([1, 2], [3, 4, 5]).statistic == 0


def test_signed_rank_as_proc_univariate_prints_it():
    """Best and poor relationships, tied and with zeros: PROC UNIVARIATE prints S = 16.5 and Pr >= |S| 0.0234.

    Statistical Analysis for Education and Psychology Researchers (Peers 1996), figures 7.5 and 7.6.
    """
    best, poor = [4, 3, 5, 2, 3, 5, 1, 4, 3, 4], [2, 1, 3, 2, 1, 1, 1, 3, 4, 2]
    found = signed_rank(best, poor, method="univariate")
    n = 8
    assert found.statistic - n * (n + 1) / 4 == 16.5
    assert round(found.p, 4) == 0.0234


@given(st.lists(st.integers(-6, 6).filter(bool), min_size=1, max_size=10))
def test_signed_rank_exact_with_ties_by_listing_all_signs(differences):
    ranks = np.array([np.mean([sum(abs(d) < abs(e) for d in differences) + 1, sum(abs(d) <= abs(e) for d in differences)])
                      for e in differences])  # fmt: skip
    observed = abs(np.sign(differences) @ ranks)
    signs = np.array(np.meshgrid(*[[-1, 1]] * len(ranks))).reshape(len(ranks), -1)
    assert_agrees(signed_rank(differences, method="univariate").p, np.mean(np.abs(ranks @ signs) >= observed - 1e-9))


def test_signed_rank_of_many_pairs_is_the_t_test_of_the_signed_ranks():
    """Iman's statistic S sqrt((n-1)/(nV - S^2)), V = sum of squared ranks / 4, is one-sample t of the signed ranks."""
    rng = np.random.default_rng(5)
    differences = np.round(rng.normal(0.3, 2, 40))
    differences = differences[differences != 0]
    assert len(differences) > 20
    size = np.abs(differences)
    ranks = np.array([np.mean([np.sum(size < s) + 1, np.sum(size <= s)]) for s in size])
    expected = paired_t(np.sign(differences) * ranks, np.zeros(len(ranks)))
    found = signed_rank(differences, method="univariate")
    assert_agrees([found.df, found.p], [expected.df, expected.p])
    # V as the SAS manual writes it, with its correction for ties.
    n, ties = len(ranks), np.unique(size, return_counts=True)[1]
    assert_agrees(n * (n + 1) * (2 * n + 1) / 24 - np.sum(ties * (ties + 1) * (ties - 1)) / 48, ranks @ ranks / 4)


def test_signed_rank_by_hand():
    # Three positive differences: one sign pattern of eight at each end.
    assert_agrees(signed_rank([1, 2, 3]).p, 2 / 8)


values = st.lists(st.integers(-5, 5), min_size=3, max_size=30)


@given(values, values)
def test_swapping_the_samples(x, y):
    a, b = mann_whitney(x, y), mann_whitney(y, x)
    assert_agrees(a.p, b.p)
    assert_agrees(a.statistic + b.statistic, len(x) * len(y))
    assert_agrees(t_test(x, y).p, t_test(y, x).p)


@given(values, values, st.integers(1, 1000))
def test_scale_is_nothing(x, y, factor):
    x, y = np.array(x), np.array(y)
    assert_agrees(t_test(x, y).p, t_test(x * factor, y * factor).p, rel=1e-7)
    assert_agrees(mann_whitney(x, y).p, mann_whitney(x * factor, y * factor).p)


def test_no_variation():
    assert np.isnan(t_test([1, 1], [1, 1]).p)
    assert np.isnan(mann_whitney([1, 1], [1, 1]).p)
    assert np.isnan(signed_rank([0, 0]).p)


def test_bad_arrays():
    with pytest.raises(ArrayError, match="x has 1 values, at least 2 are needed"):
        t_test([1], [1, 2])
    with pytest.raises(ArrayError, match="same length to be paired"):
        paired_t([1, 2, 3], [1, 2])
    with pytest.raises(ArrayError, match="y is missing or infinite"):
        mann_whitney([1, 2], [1, np.nan])
    with pytest.raises(ArrayError, match="at least two samples"):
        kruskal([[1, 2]])


def test_analysis_of_variance_of_two_samples_is_the_t_test():
    x, y = [1.2, 2.9, 3.1, 4.4], [2.0, 3.9, 5.5, 6.1, 7.3]
    for equal in (True, False):
        f, t = anova([x, y], equal), t_test(x, y, equal)
        assert f.statistic == pytest.approx(t.statistic**2, rel=1e-12)
        assert (f.df, f.p) == pytest.approx((t.df, t.p), rel=1e-10)


# R 4.2: oneway.test(y ~ g, data.frame(y = c(...), g = rep(1:3, c(5, 4, 5))), var.equal = ...)
@pytest.mark.parametrize(
    ("equal", "f", "df", "p"),
    [(True, 0.560073260073261, 11.0, 0.586632991041737), (False, 0.391905478385786, 5.518701575163452, 0.693185476837351)],
)
def test_analysis_of_variance_against_r(equal, f, df, p):
    found = anova([[2.9, 3, 2.5, 2.6, 3.2], [3.8, 2.7, 4, 2.4], [2.8, 3.4, 3.7, 2.2, 2]], equal)
    assert (found.statistic, found.df, found.p) == pytest.approx((f, df, p), rel=1e-10)


def test_analysis_of_variance_without_variation_has_no_p():
    assert math.isnan(anova([[1, 1], [2, 2], [3, 3]], True).p)
    assert math.isnan(anova([[1, 1], [2, 3], [3, 5]]).p)
