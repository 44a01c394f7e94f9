"""Proportions, quantiles and standardized differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from witness import answers, assert_agrees

from equipoise.stats import (
    ArrayError,
    binomial_test,
    clopper_pearson,
    quantile,
    smd_binary,
    smd_categorical,
    smd_continuous,
    variance_ratio,
    wilson,
)

R = answers("tests")


@pytest.mark.parametrize("r", R["proportions"], ids=lambda r: f"{r['x']}of{r['n']}")
def test_proportions_against_r(r):
    x, n = r["x"], r["n"]
    for ours, theirs in (
        (clopper_pearson(x, n), r["cp"]),
        (clopper_pearson(x, n, 0.9), r["cp90"]),
        (wilson(x, n), r["wilson"]),
    ):
        assert_agrees([ours.low, ours.high], theirs, floor=1e-12)
        assert ours.estimate == x / n


@pytest.mark.parametrize("r", answers("binomial")["cases"], ids=lambda r: f"{r['x']}of{r['n']}at{r['null']:g}")
def test_a_rate_against_a_benchmark(r):
    ours = [binomial_test(r["x"], r["n"], r["null"], side).p for side in ("greater", "two-sided")]
    assert_agrees(ours, [r["greater"], r["two_sided"]])


def test_binomial_test_by_hand_and_refusals():
    """3 of 3 at one half: 1/8, and both ends 2/8."""
    assert binomial_test(3, 3, 0.5).p == pytest.approx(0.125) and binomial_test(3, 3, 0.5, "two-sided").p == pytest.approx(0.25)
    assert "against 15%, one-sided" in binomial_test(1, 4, 0.15).method
    for wrong in ((4, 3, 0.5), (1, 3, 0.0), (1, 3, 1.0)):
        with pytest.raises(ArrayError):
            binomial_test(*wrong)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_mirror_and_hold_the_estimate(counts):
    x, n = counts
    for interval in (clopper_pearson, wilson):
        a, b = interval(x, n), interval(n - x, n)
        assert 0 <= a.low <= a.estimate <= a.high <= 1
        assert_agrees([a.low, a.high], [1 - b.high, 1 - b.low], floor=1e-10)


@pytest.mark.parametrize("kind", range(1, 10))
def test_quantiles_against_r(kind):
    for r in R["quantiles"]:
        assert_agrees(quantile(np.atleast_1d(r["x"]), R["probs"], kind), r["q"][kind - 1])


def test_quantile_of_a_number_is_a_number():
    assert quantile([1, 2, 2, 3, 4, 5, 6, 6, 9, 12], 0.25) == 2.25
    assert quantile([1, 2, 2, 3, 4, 5, 6, 6, 9, 12], 0.25, kind=2) == 2


class TestStandardizedDifference:
    x1, x0 = np.array([1.0, 2, 3, 4]), np.array([2.0, 4, 6])  # means 2.5 and 4, variances 5/3 and 4

    def test_denominators_by_hand(self):
        assert_agrees(smd_continuous(self.x1, self.x0), -1.5 / np.sqrt((5 / 3 + 4) / 2))
        assert_agrees(smd_continuous(self.x1, self.x0, "treated"), -1.5 / np.sqrt(5 / 3))
        assert_agrees(smd_continuous(self.x1, self.x0, "control"), -1.5 / 2)
        assert_agrees(smd_continuous(self.x1, self.x0, "hedges"), -1.5 / np.sqrt((3 * 5 / 3 + 2 * 4) / 5))
        both = np.concatenate((self.x1, self.x0))
        assert_agrees(smd_continuous(self.x1, self.x0, "all"), -1.5 / both.std(ddof=1))

    def test_reference_sample(self):
        found = smd_continuous([1.0], [2.0], reference=(self.x1, self.x0))
        assert_agrees(found, -1 / np.sqrt((5 / 3 + 4) / 2))

    def test_weights(self):
        found = smd_continuous(self.x1, self.x0, "control", weight1=[1, 0, 0, 1], weight0=[1, 1, 1])
        assert_agrees(found, -1.5 / 2)
        assert_agrees(variance_ratio(self.x1, self.x0), 5 / 12)

    def test_binary_by_hand(self):
        x1, x0 = [1, 1, 0, 0], [1, 0, 0, 0, 0]
        assert_agrees(smd_binary(x1, x0), 0.3 / np.sqrt((0.25 + 0.16) / 2))
        assert_agrees(smd_binary(x1, x0, "treated"), 0.3 / 0.5)
        assert_agrees(smd_binary([1], [0], "treated", reference=(x1, x0)), 1 / 0.5)

    def test_two_levels_are_a_binary_variable(self):
        x1, x0 = [1, 1, 0, 0], [1, 0, 0, 0, 0]
        assert_agrees(smd_categorical(x1, x0), abs(smd_binary(x1, x0)))

    def test_three_levels_by_hand(self):
        x1, x0 = list("aabc"), list("abbbcc")
        t, c = np.array([1 / 4, 1 / 4]), np.array([1 / 2, 1 / 3])
        S = (np.diag(t) - np.outer(t, t) + np.diag(c) - np.outer(c, c)) / 2
        assert_agrees(smd_categorical(x1, x0), np.sqrt((t - c) @ np.linalg.solve(S, t - c)))

    def test_no_spread(self):
        assert smd_continuous([1, 1], [1, 1]) == 0
        assert np.isnan(smd_continuous([1, 1], [2, 2]))
        assert smd_categorical(["a"], ["a", "a"]) == 0


def test_bad_input():
    with pytest.raises(ArrayError, match="x must be between 0 and 3, not 4"):
        wilson(4, 3)
    with pytest.raises(ArrayError, match="x must be a whole number"):
        wilson(1.5, 3)
    with pytest.raises(ArrayError, match="kind must be one of"):
        quantile([1, 2], 0.5, 10)
    with pytest.raises(ArrayError, match="p must lie between 0 and 1"):
        quantile([1, 2], 1.5)
    with pytest.raises(ArrayError, match="denominator must be one of"):
        smd_continuous([1, 2], [1, 2], "other")


class TestDifferencesWithoutAScale:
    def test_a_constant_treated_sample_takes_the_pooled_sd(self):
        # MatchIt 4.5.1 (treated SD 0: pooled SD): (1 - p) / sqrt(p (1 - p) / 2)
        x1, x0 = np.ones(30), np.repeat([1, 0], [12, 8])
        assert_agrees(smd_binary(x1, x0, "treated"), 0.4 / np.sqrt(0.24 / 2))
        assert_agrees(smd_continuous([0.1] * 3, [1.0, 2.0, 4.5], "treated"), -2.4 / np.sqrt(np.var([1, 2, 4.5], ddof=1) / 2))

    @pytest.mark.parametrize("names", ["ABC", "CBA", "BAC", "CAB"])
    def test_arms_that_share_no_level_have_no_distance_under_any_names(self, names):
        a, b, c = names
        assert np.isnan(smd_categorical([a] * 40, [b] * 15 + [c] * 25))
        assert np.isnan(smd_categorical([a] * 10, [b] * 10))

    @pytest.mark.parametrize("names", ["ABCD", "DCBA", "BADC"])
    def test_names_change_nothing(self, names):
        first = np.repeat(list(names), [10, 7, 0, 3])
        second = np.repeat(list(names), [4, 9, 8, 0])
        t, c = np.array([10, 7, 0, 3]) / 20, np.array([4, 9, 8, 0]) / 21
        S = ((np.diag(t) - np.outer(t, t)) + (np.diag(c) - np.outer(c, c)))[1:, 1:] / 2
        assert_agrees(smd_categorical(first, second), np.sqrt((t - c)[1:] @ np.linalg.solve(S, (t - c)[1:])))

    def test_a_level_that_the_reference_does_not_know(self):
        assert np.isnan(smd_categorical(["a", "b"], ["a", "c"], reference=(["a", "b"], ["a", "b"])))
