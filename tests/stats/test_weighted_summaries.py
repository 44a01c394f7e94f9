"""Quantiles, SD and proportions of weighted samples, beside the survey package of R and by hand."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from equipoise import stats

R = json.loads((Path(__file__).parent / "reference" / "weighted_summaries.json").read_text())
X, W, HIT = (np.array(R[name]) for name in ("x", "w", "hit"))


def test_quantiles_are_those_of_svyquantile():
    assert stats.weighted_quantile(X, W, R["p"]).tolist() == R["quantiles"]
    assert stats.weighted_quantile([1, 2, 3, 4, 5, 6], [1, 2, 1, 1, 2, 1], [0.25, 0.5, 0.75]).tolist() == R["flat"]


def test_equal_weights_are_type_2_and_the_scale_is_nothing():
    p = [0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 1]
    for n in range(1, 14):
        x = (np.arange(n) * 7) % 5
        assert stats.weighted_quantile(x, np.full(n, 0.37), p).tolist() == stats.quantile(x, p, kind=2).tolist()
    assert stats.weighted_quantile(X, 1000 * W, p).tolist() == stats.weighted_quantile(X, W, p).tolist()


def test_whole_weights_are_repeated_rows():
    w = 1 + np.arange(len(X)) % 4
    p = [0.2, 0.25, 0.5, 0.75]
    assert stats.weighted_quantile(X, w, p).tolist() == stats.quantile(np.repeat(X, w), p, kind=2).tolist()


def test_the_standard_deviation_is_that_of_cov_wt():
    assert stats.weighted_sd(X, W) == pytest.approx(R["sd"][0], rel=1e-12)
    assert stats.weighted_sd(X, np.full(len(X), 3.0)) == pytest.approx(np.std(X, ddof=1), rel=1e-12)
    assert math.isnan(stats.weighted_sd([5.0], [2.0]))


@pytest.mark.parametrize("level", [0.95, 0.8])
def test_the_proportion_is_that_of_svyciprop(level):
    found = stats.weighted_proportion(HIT, W, level)
    assert (found.estimate, found.low, found.high) == pytest.approx(R[f"proportion_{level * 100:.0f}"], rel=1e-10)
    assert found.total == pytest.approx(float(W @ HIT))
    again = stats.weighted_proportion(HIT, 7 * W, level)
    assert (again.estimate, again.low, again.high) == pytest.approx((found.estimate, found.low, found.high), rel=1e-12)


def test_none_or_all_have_no_interval():
    for hit in ([0, 0, 0], [1, 1, 1]):
        found = stats.weighted_proportion(hit, [0.5, 1, 2])
        assert found.estimate == hit[0] and math.isnan(found.low) and "no interval" in found.method


def test_a_curve_with_weights_of_one_has_the_robust_variance_only_where_it_is_asked_for():
    """By hand: of three patients with events at 1, 2, 3 survival after the first is 2/3; its jackknife variance is the sum of the
    squared influences 1/3 (1 - 2/3), twice, and -1/3 2/3: 6/81."""
    ones = np.ones(3)
    assert stats.kaplan_meier([1, 2, 3], ones).std_err[0] == pytest.approx(math.sqrt(2 / 27))
    robust = stats.kaplan_meier([1, 2, 3], ones, robust=True)
    assert robust.std_err[0] == pytest.approx(math.sqrt(6 / 81)) and "jackknife" in robust.method
    assert stats.kaplan_meier([1, 2, 3], ones, weight=[0.5, 1.5, 1.0], robust=False).method.endswith("Greenwood variance")


def test_effective_numbers_at_risk_by_hand():
    curve = stats.kaplan_meier([5, 10, 15, 15], [1, 0, 1, 0], weight=[1.0, 2.0, 3.0, 0.5])
    assert curve.at_risk_at([0, 5, 6, 11, 16]).tolist() == [4, 4, 3, 2, 0]
    expected = [6.5**2 / 14.25, 6.5**2 / 14.25, 5.5**2 / 13.25, 3.5**2 / 9.25, 0]
    assert curve.effective_at_risk_at([0, 5, 6, 11, 16]) == pytest.approx(expected)
