import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from witness import NAMES, answers, assert_agrees, data_set

from equipoise.stats import ArrayError, logistic

R = answers("logistic")


@pytest.mark.parametrize("name", NAMES)
def test_against_r(name):
    d, r = data_set(name), R[name]
    for weight, theirs in ((None, r["plain"]), (d.frequency, r["frequency"])):
        fit = logistic(d.event, d.X, weight=weight)
        assert fit.converged and not fit.separated
        assert_agrees(fit.coef, theirs["coef"], floor=1e-10)
        assert_agrees(fit.se, theirs["se"])
        assert_agrees(fit.covariance, theirs["covariance"], floor=1e-12)
        assert_agrees([fit.loglik, fit.loglik_null], [theirs["loglik"], theirs["null"]])
        assert_agrees(fit.fitted, theirs["fitted"])
    # Fractional weights: quasibinomial, whose covariance carries a dispersion.
    fit = logistic(d.event, d.X, weight=d.weight)
    assert_agrees(fit.coef, r["weight"]["coef"], floor=1e-10)
    assert_agrees(fit.fitted, r["weight"]["fitted"])


def test_aliased_columns_are_dropped_as_in_r():
    d = data_set("lung")
    fit = logistic(d.event, np.column_stack((d.x1, d.x2, 2 * d.x1 - d.x2, np.ones(d.time.size), d.x3)))
    assert_agrees(fit.coef, R["alias"]["coef"])
    assert_agrees(fit.loglik, R["alias"]["loglik"])
    assert np.isnan(fit.se[[3, 4]]).all()


def test_separation_is_told():
    y = [0, 0, 0, 0, 1, 0, 1, 1, 1, 1]
    x = [0, 0, 0, 0, 1, 0, 1, 1, 1, 1]
    fit = logistic(y, np.column_stack((x, np.arange(1, 11) % 3)))
    assert fit.separated
    assert_agrees(fit.loglik, R["separated"]["loglik"], floor=1e-7)
    assert "no finite estimate" in str(fit)


def test_by_hand_one_binary_covariate():
    # Odds 3/1 where x = 1 and 2/4 where x = 0: log odds ratio log(6), variance the sum of reciprocals.
    y, x = [1, 1, 1, 0, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    fit = logistic(y, x)
    assert_agrees(fit.coef, [np.log(2 / 4), np.log(6)])
    assert_agrees(fit.se, [np.sqrt(1 / 2 + 1 / 4), np.sqrt(1 / 3 + 1 / 1 + 1 / 2 + 1 / 4)])
    # Pairs of an event and a non-event: 25; concordant 3 x 4, tied 3 x 1 + 2 x 4, discordant 2 x 1.
    assert_agrees(fit.c_statistic, (12 + 11 / 2) / 25)


def test_c_statistic_with_weights_of_one():
    d = data_set("lung")
    assert_agrees(logistic(d.event, d.X).c_statistic, logistic(d.event, d.X, weight=np.ones(d.time.size)).c_statistic)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_swapping_the_outcome_negates_the_coefficients(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(80, 2))
    y = rng.random(80) < 0.5
    a, b = logistic(y, X), logistic(~y, X)
    assert_agrees(a.coef, -b.coef, floor=1e-9)
    assert_agrees(a.c_statistic, b.c_statistic)


def test_large_fit_by_subsample_start():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(50_000, 3))
    y = rng.random(50_000) < 1 / (1 + np.exp(-X @ [0.5, -0.2, 0.0] + 1))
    fit = logistic(y, X)
    score = np.column_stack((np.ones(y.size), X)).T @ (y - fit.fitted)
    assert np.abs(score * fit.se).max() < 1e-6


def test_bad_arrays():
    with pytest.raises(ArrayError, match="y must be 0 or 1"):
        logistic([0, 1, 2], [1, 2, 3])
    with pytest.raises(ArrayError, match="X has 2 rows where 3 are expected"):
        logistic([0, 1, 1], [1, 2])


class TestFirth:
    SEPARATED = ([0, 0, 0, 0, 1, 0, 1, 1, 1, 1], np.column_stack(([0, 0, 0, 0, 1, 0, 1, 1, 1, 1], np.arange(1, 11) % 3)))

    @pytest.mark.parametrize("name", ["lung", "aml", "veteran", "ovarian", "pbc"])
    def test_against_brglm2(self, name):
        d, r = data_set(name), R["firth"][name]
        fit = logistic(d.event, d.X, firth=True)
        assert fit.converged
        assert_agrees(fit.coef, r["coef"], rel=1e-7, floor=1e-8)
        assert_agrees(fit.se, r["se"])

    def test_separation_has_a_finite_estimate(self):
        fit = logistic(*self.SEPARATED, firth=True)
        assert not fit.separated
        assert_agrees(fit.coef, R["firth"]["separated"]["coef"], rel=1e-7)
        assert_agrees(fit.se, R["firth"]["separated"]["se"])

    def test_two_by_two_by_hand(self):
        # In a saturated 2 x 2 table Firth's estimate adds one half to each cell.
        y, x = [1, 1, 1, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0, 0]
        fit = logistic(y, x, firth=True)
        assert_agrees(fit.coef[1], np.log(3.5 / 0.5) - np.log(0.5 / 5.5), rel=1e-7)

    def test_weight_two_is_two_rows(self):
        d = data_set("aml")
        once = logistic(d.event, d.X, weight=np.full(d.time.size, 2.0), firth=True)
        twice = logistic(np.tile(d.event, 2), np.tile(d.X, (2, 1)), firth=True)
        assert_agrees(once.coef, twice.coef, rel=1e-7)


class TestProfileLimits:
    def test_likelihood_has_fallen_by_the_quantile(self):
        # In a 2 x 2 table the profile of the log odds ratio is a one-dimensional problem, solved here by hand.
        from scipy.optimize import minimize_scalar

        y = np.repeat([1, 0, 1, 0], [9, 4, 3, 8])
        x = np.repeat([1, 1, 0, 0], [9, 4, 3, 8])
        fit = logistic(y, x)

        def profile(slope):
            def loss(intercept):
                eta = intercept + slope * x
                return np.sum(np.log1p(np.exp(eta)) - y * eta)

            return -minimize_scalar(loss, bounds=(-20, 20), options={"xatol": 1e-12}).fun

        low, high = fit.profile_limits()
        for end in (low[1], high[1]):
            assert_agrees(profile(end), fit.loglik - 1.959963984540054**2 / 2, rel=1e-9)
        assert np.isnan(low[0])

    def test_separation(self):
        low, high = logistic([0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 1, 1, 0]).profile_limits()
        assert np.isfinite(low[1]) and high[1] == np.inf
        low, high = logistic([0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 1, 1, 0], firth=True).profile_limits()
        assert np.isfinite([low[1], high[1]]).all()
